import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { formatCause, readiness } from "../../kubernetes/readiness.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import type { ProviderEntry } from "../../manifests/management-object.ts";
import { MANAGEMENT } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { withHooks } from "./hooks.ts";

const REFERENCE = {
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "Management",
  metadata: { name: MANAGEMENT },
} as const;
/** How often, and for how long, a write is tried while others write the same object; milliseconds. */
const CONFLICTS = { interval: 200, timeout: 30_000 };

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

async function rewrite(api: KubernetesClient, change: (providers: ProviderEntry[]) => ProviderEntry[]): Promise<void> {
  const isWritten = await waitFor(async () => {
    const management = await getManagement(api);
    const providers = (management.spec?.["providers"] ?? []) as ProviderEntry[];
    const changed = change(providers);
    if (JSON.stringify(changed) === JSON.stringify(providers)) return true;
    return api.replace({ ...management, spec: { ...management.spec, providers: changed } });
  }, CONFLICTS);
  if (isWritten) return;
  const seconds = CONFLICTS.timeout / 1000;
  throw new Error(
    `Management ${MANAGEMENT}: others have changed it at each attempt for ${seconds} s; run the command again`,
  );
}

async function getManagement(api: KubernetesClient): Promise<KubernetesObject> {
  const management = await api.get(REFERENCE);
  if (management !== undefined) return management;
  throw new Error(
    `management.adopt: there is no Management ${MANAGEMENT} to adopt; set it to false, so that kcm is installed, or name the cluster that has one`,
  );
}

async function succeeded(api: KubernetesClient, entries: readonly ProviderEntry[], timeout: number): Promise<void> {
  let management = await getManagement(api);
  const isDone = async () => {
    management = await getManagement(api);
    const components = (management.status?.["components"] ?? {}) as Record<string, { success?: boolean }>;
    return entries.every(({ name }) => components[name]?.success === true);
  };
  if (await waitFor(isDone, { timeout: timeout * 1000 })) return;
  const { status, causes } = readiness(management);
  throw new Error(`Management ${MANAGEMENT} is ${status} after ${timeout} s: ${causes.map(formatCause).join("; ")}`);
}
