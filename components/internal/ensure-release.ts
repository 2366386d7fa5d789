import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { readiness } from "../../kubernetes/readiness.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import { KCM_HELM_RELEASE, releaseOffer, releaseReference } from "../../manifests/kcm-release-object.ts";
import { releaseTemplates } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { isTestRuntime } from "./hooks.ts";

/**
 * Whether kcm has taken its own Helm release over, which it does as soon as there is a Management: from then on Flux takes every
 * revision of others back. Where the cluster cannot be asked: yes, since only a first installation is not taken over. It is not asked
 * before there is anything to take over: the client would be loaded for nothing in the first preview of every stack.
 */
export async function isSelfManaged(cluster: ManagementConnection): Promise<boolean> {
  if (isTestRuntime() || !cluster.isRemembered) return true;
  try {
    return (await (await cluster.api()).get(KCM_HELM_RELEASE)) !== undefined;
  } catch {
    return true;
  }
}

/**
 * Hook of what waits for kcm's Release: a kcm that starts makes the one of its own version; one that runs already is offered the
 * one of another version, as the first step of its upgrade.
 */
export function ensureRelease(
  cluster: ManagementConnection,
  kcmVersion: string,
  timeout: number,
): { hooks: pulumi.ResourceHookBinding } {
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const offer = async () => {
    const api = await cluster.api();
    if ((await api.get(releaseReference(kcmVersion))) !== undefined) return;
    if ((await api.get(KCM_HELM_RELEASE)) !== undefined) {
      for (const object of releaseOffer(kcmVersion)) await api.create(object as ObjectReference);
    }
    await appeared(api, kcmVersion, timeout);
  };
  const hook = new pulumi.ResourceHook(`offer kcm its Release ${kcmVersion}`, () => inProgram(offer));
  return { hooks: { beforeCreate: [hook] } };
}

async function appeared(api: KubernetesClient, kcmVersion: string, timeout: number): Promise<void> {
  const release = releaseReference(kcmVersion);
  const name = releaseTemplates(kcmVersion);
  if ((await waitFor(() => api.get(release), { timeout: timeout * 1000 })) !== undefined) return;
  const templates = await api.get({ ...KCM_HELM_RELEASE, metadata: { ...KCM_HELM_RELEASE.metadata, name } });
  const { status, message } = readiness(templates);
  throw new Error(
    `management.kcm.version: "${kcmVersion}" has no Release ${release.metadata.name} after ${timeout} s ` +
      `(HelmRelease ${name} is ${status}: ${message}); check that kcm runs, and that the repository of its charts has that version`,
  );
}
