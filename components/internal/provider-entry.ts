import type pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { formatCause, readiness } from "../../kubernetes/readiness.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import type { ProviderEntry } from "../../manifests/management-object.ts";
import { MANAGEMENT } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { resourceHook } from "./hooks.ts";
import { keepTrustBundles } from "./keep-trust-bundles.ts";

const REFERENCE = {
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "Management",
  metadata: { name: MANAGEMENT },
} as const;
/** How often, and for how long, a write is tried while others write the same object; milliseconds. */
const CONFLICTS = { interval: 200, timeout: 30_000 };

/**
 * Adds our entries to a Management that this stack does not manage, waits for their success, and removes them on delete. By read,
 * change and write: `providers` is atomic under server-side apply, so that applying one entry would remove the others.
 */
export function providerEntryHooks(
  name: string,
  connection: ManagementConnection,
  { entries, timeout }: { entries: readonly ProviderEntry[]; timeout: number },
): pulumi.ResourceHookBinding {
  const names = new Set(entries.map((entry) => entry.name));
  const add = resourceHook(`${name}-add-provider-entry`, async () => {
    const api = await connection.api();
    const own = await keepTrustBundles(api, entries);
    await rewrite(api, (providers) => [
      ...providers.map((one) => own.find((entry) => entry.name === one.name) ?? one),
      ...own.filter((entry) => !providers.some((one) => one.name === entry.name)),
    ]);
    await waitForSuccess(api, entries, timeout);
  });
  const remove = resourceHook(`${name}-remove-provider-entry`, async () =>
    rewrite(await connection.api(), (providers) => providers.filter((one) => !names.has(one.name))),
  );
  return { beforeCreate: add, beforeUpdate: add, beforeDelete: remove };
}

/** Writes again where others wrote in between. */
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
    `management.adopt: there is no Management ${MANAGEMENT} to adopt; set it to false to install kcm, or set the kubeconfig of a cluster that has one`,
  );
}

async function waitForSuccess(
  api: KubernetesClient,
  entries: readonly ProviderEntry[],
  timeout: number,
): Promise<void> {
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
