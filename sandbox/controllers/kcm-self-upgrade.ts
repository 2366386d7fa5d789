import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { KINDS, listPath } from "../../kubernetes/kinds.ts";
import { writeKcmChart } from "../kcm-chart.ts";
import type { ControllerContext } from "./context.ts";
import { upgrade } from "./helm-renderer.ts";
import { type Informers, MANAGED_LABEL } from "./informers.ts";
import type { HelmRelease, ManagementObject } from "./simulated-kinds.ts";

/** Name of kcm's Helm release, and of the HelmRelease by which it installs itself. */
const KCM = "kcm";
const OFFER = /^kcm-(.+)-tpl$/;

/** Versions of kcm whose Releases are to be there: its own, and those that HelmReleases of `kcm-templates` bring. */
export function offeredVersions(informers: Informers): string[] {
  const offers = informers.helmReleases.items.flatMap(({ metadata, spec }) => {
    const version = spec?.values?.["createRelease"] === true ? OFFER.exec(metadata.name)?.[1] : undefined;
    return version === undefined ? [] : [version.replaceAll("-", ".")];
  });
  return [...new Set([runningVersion(informers), ...offers])];
}

/** Version of the kcm that is installed, by its Deployment. */
export function runningVersion({ controller }: Pick<Informers, "controller">): string {
  return controller?.metadata.labels?.["app.kubernetes.io/version"] ?? "1.2.0";
}

/**
 * Simulates how kcm installs itself: its HelmRelease follows the Release that Management names, and Flux upgrades kcm's Helm release to
 * that chart, from any version. Returns kcm's message while it is not ready.
 */
export async function upgradeKcm(context: ControllerContext, management: ManagementObject): Promise<string> {
  const { client, informers, kubeconfig, log, directory, helm } = context;
  const { namespace } = informers;
  const release = informers.releases.find(management.spec?.release ?? "");
  const version = release?.spec?.version;
  if (version === undefined) return "";
  const values = management.spec?.core?.kcm?.config ?? {};
  const chartRef = { kind: "HelmChart", name: release?.spec?.kcm.template ?? "", namespace };
  const metadata = { name: KCM, namespace, labels: { [MANAGED_LABEL]: "true" } };
  const known = informers.helmReleases.find(KCM, namespace);
  if (!isDeepStrictEqual([known?.spec?.chartRef, known?.spec?.values], [chartRef, values])) {
    const { apiVersion, kind } = { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease" };
    const spec = { chartRef, interval: "10m0s", releaseName: KCM, values };
    await client.apply({ apiVersion, kind, metadata, spec });
  }
  const running = runningVersion(informers);
  if (running === version) return "";
  log(`upgrading kcm ${running} to ${version} by Release ${release?.metadata.name} says`);
  try {
    const chart = await writeKcmChart({ directory: join(directory, `kcm-${version}`), version });
    await upgrade({
      helm,
      chart: chart.path,
      release: KCM,
      namespace,
      values,
      directory,
      kubeconfig,
    });
  } catch (error) {
    context.requeueAfter(1_000);
    return `HelmRelease ${namespace}/${KCM} is not yet ready: Helm upgrade failed for release ${namespace}/${KCM}: ${(error as Error).message}`;
  }
  context.requeueAfter(100);
  return `HelmRelease ${namespace}/${KCM} Ready condition is not updated yet`;
}

/** Deletes the HelmReleases that kcm manages, as it does with its Management. */
export async function removeHelmReleases({ client, informers }: ControllerContext): Promise<void> {
  const managed = informers.helmReleases.items.filter(
    ({ metadata }: HelmRelease) =>
      metadata.namespace === informers.namespace && metadata.labels?.[MANAGED_LABEL] === "true",
  );
  for (const object of managed)
    await client.delete(`${listPath(KINDS.HelmRelease, informers.namespace)}/${object.metadata.name}`);
}
