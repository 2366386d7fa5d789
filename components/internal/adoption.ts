import { setTimeout as sleep } from "node:timers/promises";
import pulumi from "@pulumi/pulumi";
import { unready } from "../../manifests/conflicting-object.ts";
import type { ProviderEntry } from "../../manifests/management-object.ts";
import { MANAGEMENT } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { withHooks } from "./hooks.ts";
import type { KubernetesApi, LiveObject } from "./kubernetes-api.ts";

const REFERENCE = {
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "Management",
  metadata: { name: MANAGEMENT },
} as const;
const POLL_MS = 1000;

/**
 * Adds our entries to a Management that somebody else owns, waits for their success, and takes them out again on delete. By way of
 * read, change and write: `providers` is one value to server-side apply, so that applying one entry would remove the others.
 */
export function adoption(
  cluster: ManagementConnection,
  entries: readonly ProviderEntry[],
  timeout: number,
): { hooks: pulumi.ResourceHookBinding } {
  const add = async () => {
    const api = await cluster.api();
    await rewrite(api, (providers) => [
      ...providers.map((one) => entries.find(({ name }) => name === one.name) ?? one),
      ...entries.filter(({ name }) => !providers.some((one) => one.name === name)),
    ]);
    await succeeded(api, entries, timeout);
  };
  const remove = async () => {
    const ours = new Set(entries.map(({ name }) => name));
    await rewrite(await cluster.api(), (providers) => providers.filter(({ name }) => !ours.has(name)));
  };
  return withHooks(() => {
    const adding = new pulumi.ResourceHook("add our entry to Management", add);
    const removing = new pulumi.ResourceHook("take our entry out of Management", remove);
    return { beforeCreate: [adding], beforeUpdate: [adding], beforeDelete: [removing] };
  });
}

async function rewrite(api: KubernetesApi, change: (providers: ProviderEntry[]) => ProviderEntry[]): Promise<void> {
  for (;;) {
    const management = await mustRead(api);
    const providers = (management.spec?.["providers"] ?? []) as ProviderEntry[];
    const changed = change(providers);
    if (JSON.stringify(changed) === JSON.stringify(providers)) return;
    if (await api.replace({ ...management, spec: { ...management.spec, providers: changed } })) return;
  }
}

async function mustRead(api: KubernetesApi): Promise<LiveObject> {
  const management = await api.read(REFERENCE);
  if (management !== undefined) return management;
  throw new Error(
    `management.adopt: there is no Management ${MANAGEMENT} to adopt; set it to false, so that kcm is installed, or name the cluster that has one`,
  );
}

async function succeeded(api: KubernetesApi, entries: readonly ProviderEntry[], timeout: number): Promise<void> {
  const until = Date.now() + timeout * 1000;
  for (;;) {
    const management = await mustRead(api);
    const components = (management.status?.["components"] ?? {}) as Record<
      string,
      { success?: boolean; template?: string }
    >;
    if (entries.every(({ name }) => components[name]?.success === true)) return;
    if (Date.now() > until) {
      throw new Error(`Management ${MANAGEMENT} is not ready after ${timeout} s: ${unready(management).join("; ")}`);
    }
    await sleep(POLL_MS);
  }
}
