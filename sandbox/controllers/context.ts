import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { Informers } from "./informers.ts";
import type { RenderedObjects } from "./rendered-objects.ts";

/** What every controller works with. */
export interface ControllerContext {
  client: KubernetesClient;
  informers: Informers;
  renderedObjects: RenderedObjects;
  /** Path of the sandbox's kubeconfig. */
  kubeconfig: string;
  charts: string;
  helm: string;
  directory: string;
  log: (line: string) => void;
  /** Asks for another pass after so many milliseconds. */
  requeueAfter: (milliseconds: number) => void;
}
