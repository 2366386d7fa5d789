import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT } from "../cli/stack/paths.ts";
import { recordStack } from "../cli/stack/render-stack.ts";

/** A resource as a program registered it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What the bare program needs to register the same resources with the same provider settings. */
export async function record(stack: string, kubeconfig: string, workDir: string): Promise<string> {
  const resources = await recordStack({ stack, workDir });
  return JSON.stringify({
    kubeconfig: await readFile(kubeconfig, "utf8"),
    clusterIdentifier: `k0rdent-nutanix.${stack}`,
    resources: resources.filter(({ type }) => !type.startsWith("pulumi:")),
  });
}

export const BARE = join(PROJECT, "bench", "bare");
