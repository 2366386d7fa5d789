import type { Client } from "./client.ts";
import type { Informers } from "./informers.ts";
import type { RenderedObjects } from "./rendered-objects.ts";

/** What every controller works with. */
export interface ControllerContext {
  client: Client;
  informers: Informers;
  renderedObjects: RenderedObjects;
  charts: string;
  helm: string;
  directory: string;
  log: (line: string) => void;
  /** Asks for another pass after so many milliseconds. */
  requeueAfter: (milliseconds: number) => void;
}
