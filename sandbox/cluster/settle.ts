import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { Api } from "./api.ts";
import { lastWords } from "./components.ts";
import { SandboxError } from "./error.ts";
import type { Layout, SandboxRecord } from "./layout.ts";

const READY_MS = 60_000;
const PATHS = {
  Node: "/api/v1/nodes",
  Stage: "/apis/kwok.x-k8s.io/v1alpha1/stages",
  StorageClass: "/apis/storage.k8s.io/v1/storageclasses",
};

interface SandboxObject {
  kind: keyof typeof PATHS;
  metadata: { name: string };
  status?: unknown;
}

/** Waits for the API server, makes sure of the node and of how its pods behave, and waits until the node takes pods. */
export async function settle(layout: Layout, record: SandboxRecord): Promise<void> {
  const api = new Api(layout.kubeconfig);
  try {
    if (!(await api.waitReady(READY_MS))) {
      const words = (await lastWords(layout)) || "it is alive but not ready";
      throw notReady(layout, record, words);
    }
    const text = readFileSync(join(import.meta.dirname, "node.yaml"), "utf8");
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as SandboxObject;
      const path = `${PATHS[object.kind]}/${object.metadata.name}`;
      await api.apply(path, object);
      if (object.status !== undefined) await api.apply(`${path}/status`, object);
      if (object.kind === "Node" && !(await takesPods(api, path)))
        throw notReady(layout, record, `its node ${object.metadata.name} takes no pods`);
    }
  } finally {
    api.close();
  }
}

function notReady({ cluster }: Layout, { name }: SandboxRecord, words: string): SandboxError {
  const remedy = `see ${cluster}/logs`;
  return new SandboxError(`sandbox: "${name}" is not ready after ${READY_MS / 1000} s because ${words}; ${remedy}`);
}

/** A new node is tainted until the controller manager has seen that it is ready: whoever counted room before would find none. */
async function takesPods(api: Api, path: string): Promise<boolean> {
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(100)) {
    const { status, body } = await api.call("GET", path);
    const { spec } = (status === 200 ? JSON.parse(body) : {}) as { spec?: { taints?: unknown[] } };
    if (spec !== undefined && !spec.taints?.length) return true;
  }
  return false;
}
