import type pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { readiness } from "../../kubernetes/readiness.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import { KCM_HELM_RELEASE, releaseOffer, releaseReference } from "../../manifests/kcm-release-object.ts";
import { releaseTemplates } from "../../manifests/names.ts";
import type { ManagementConnection } from "../management-connection.ts";
import { resourceHook } from "./hooks.ts";

/**
 * Ensures kcm's Release of a version before it is waited for: a kcm that starts creates its own; a running one needs the Release
 * of another version from us, as the first step of its upgrade.
 */
export function ensureRelease(
  connection: ManagementConnection,
  kcmVersion: string,
  timeout: number,
): pulumi.ResourceHook[] {
  return resourceHook(`ensure-kcm-release-${kcmVersion}`, async () => {
    const api = await connection.api();
    if ((await api.get(releaseReference(kcmVersion))) !== undefined) return;
    if ((await api.get(KCM_HELM_RELEASE)) !== undefined) {
      for (const object of releaseOffer(kcmVersion)) await api.create(object as ObjectReference);
    }
    await waitForRelease(api, kcmVersion, timeout);
  });
}

async function waitForRelease(api: KubernetesClient, kcmVersion: string, timeout: number): Promise<void> {
  const release = releaseReference(kcmVersion);
  const name = releaseTemplates(kcmVersion);
  if ((await waitFor(() => api.get(release), { timeout: timeout * 1000 })) !== undefined) return;
  const templates = await api.get({ ...KCM_HELM_RELEASE, metadata: { ...KCM_HELM_RELEASE.metadata, name } });
  const { status, message } = readiness(templates);
  throw new Error(
    `management.kcm.version: "${kcmVersion}" has no Release ${release.metadata.name} after ${timeout} s ` +
      `(HelmRelease ${name} is ${status}: ${message}); check that kcm runs, and that its chart repository has the version`,
  );
}
