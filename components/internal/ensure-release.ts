import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import pulumi from "@pulumi/pulumi";
import { unready } from "../../manifests/conflicting-object.ts";
import { KCM_HELM_RELEASE, releaseOffer, releaseReference } from "../../manifests/kcm-release-object.ts";
import { releaseTemplates } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { isTestRuntime } from "./hooks.ts";
import type { KubernetesApi, ObjectReference } from "./kubernetes-api.ts";

const POLL_MS = 1000;

/**
 * Whether kcm has taken its own Helm release over, which it does as soon as there is a Management: from then on Flux takes every
 * revision of others back. Where the cluster cannot be asked: yes, since only a first installation is not taken over. It is not asked
 * before there is anything to take over: the client would be loaded for nothing in the first preview of every stack.
 */
export async function isSelfManaged(cluster: ManagementConnection): Promise<boolean> {
  if (isTestRuntime() || !cluster.isRemembered) return true;
  try {
    return (await (await cluster.api()).read(KCM_HELM_RELEASE)) !== undefined;
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
    if ((await api.read(releaseReference(kcmVersion))) !== undefined) return;
    if ((await api.read(KCM_HELM_RELEASE)) !== undefined) {
      for (const object of releaseOffer(kcmVersion)) await api.create(object as ObjectReference);
    }
    await appeared(api, kcmVersion, timeout);
  };
  const hook = new pulumi.ResourceHook(`offer kcm its Release ${kcmVersion}`, () => inProgram(offer));
  return { hooks: { beforeCreate: [hook] } };
}

async function appeared(api: KubernetesApi, kcmVersion: string, timeout: number): Promise<void> {
  const release = releaseReference(kcmVersion);
  const name = releaseTemplates(kcmVersion);
  for (const until = Date.now() + timeout * 1000; Date.now() < until; await sleep(POLL_MS)) {
    if ((await api.read(release)) !== undefined) return;
  }
  const templates = await api.read({ ...KCM_HELM_RELEASE, metadata: { ...KCM_HELM_RELEASE.metadata, name } });
  const reasons = templates === undefined ? ["kcm made none of its templates"] : unready(templates);
  throw new Error(
    `management.kcm.version: "${kcmVersion}" has no Release ${release.metadata.name} after ${timeout} s ` +
      `(HelmRelease ${name}: ${reasons.join("; ") || "ready"}); check that kcm runs, and that the repository of its charts has that version`,
  );
}
