import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { Api } from "./api-health.ts";
import { lastLogLines } from "./components.ts";
import type { SandboxLayout, SandboxRecord } from "./layout.ts";
import { SandboxError } from "./sandbox-error.ts";

const READY_MS = 60_000;
const PATHS = {
  Node: "/api/v1/nodes",
  Stage: "/apis/kwok.x-k8s.io/v1alpha1/stages",
  StorageClass: "/apis/storage.k8s.io/v1/storageclasses",
};

interface SandboxObject {
  kind: keyof typeof PATHS;
  metadata: { name: string };
}

/** Waits for the API server, and makes sure of the node, which takes pods at once, and of how they behave. */
export async function waitUntilReady(layout: SandboxLayout, record: SandboxRecord): Promise<void> {
  const api = new Api(layout.kubeconfig);
  try {
    if (!(await api.waitReady(READY_MS))) {
      const words = (await lastLogLines(layout)) || "it is alive but not ready";
      const remedy = `see ${layout.cluster}/logs`;
      throw new SandboxError(
        `sandbox: "${record.name}" is not ready after ${READY_MS / 1000} s because ${words}; ${remedy}`,
      );
    }
    const text = readFileSync(join(import.meta.dirname, "node.yaml"), "utf8");
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as SandboxObject;
      const path = `${PATHS[object.kind]}/${object.metadata.name}`;
      await api.apply(path, object);
      if (object.kind !== "Node") continue;
      await api.apply(`${path}/status`, object);
      // Admission taints a new node until the controller manager, which is up later, has seen that it is ready.
      await api.apply(path, object);
    }
  } finally {
    api.close();
  }
}
