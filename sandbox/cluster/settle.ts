import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { objectPath } from "../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import { lastLogLines } from "./components.ts";
import type { SandboxLayout, SandboxRecord } from "./layout.ts";
import { SandboxError } from "./sandbox-error.ts";

const READY_MS = 60_000;

/** A client of a sandbox's API server. */
export async function connectSandbox(kubeconfig: string): Promise<KubernetesClient> {
  return connectKubernetes({ kubeconfig: readKubeconfig(kubeconfig) }, "k0rdent-nutanix-sandbox");
}

/** Waits for the API server, then applies the node, which takes pods at once, and the Stages of node and pods. */
export async function waitUntilReady(layout: SandboxLayout, record: SandboxRecord): Promise<void> {
  const client = await connectSandbox(layout.kubeconfig);
  const isReady = () =>
    client.request({ path: "/readyz", retries: false, silence: 10_000 }).then(
      ({ code }) => code === 200,
      () => false,
    );
  if (!(await waitFor(isReady, { timeout: READY_MS, interval: 100 }))) {
    const reason = (await lastLogLines(layout)) || "its processes run but it is not ready";
    const remedy = `see ${layout.cluster}/logs`;
    throw new SandboxError(
      `sandbox: "${record.name}" is not ready after ${READY_MS / 1000} s because ${reason}; ${remedy}`,
    );
  }
  for (const document of parseAllDocuments(readFileSync(join(import.meta.dirname, "node.yaml"), "utf8"))) {
    const object = document.toJS() as ObjectReference;
    await client.apply(object);
    if (object.kind !== "Node") continue;
    await client.apply(object, { path: `${objectPath(object)}/status` });
    // Admission taints a new node until the controller manager, which is up later, has seen that it is ready.
    await client.apply(object);
  }
}
