/** How kcm comes to know a new version of itself: objects that it makes for its own first Release, and takes up by their names. */
import type { Manifest } from "./manifest.ts";
import { KCM_RELEASE, NAMESPACE, releaseName, releaseTemplates } from "./names.ts";

/** Flux acts on objects with this label only. */
const MANAGED = { "k0rdent.mirantis.com/managed": "true" } as const;
/** kcm's own interval, as kcm writes it. */
const INTERVAL = "10m0s";

/** The HelmRelease by which kcm installs itself, once there is a Management. */
export const KCM_HELM_RELEASE = {
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: { name: KCM_RELEASE, namespace: NAMESPACE },
} as const;

/** kcm's Release object of a version. */
export function releaseReference(kcmVersion: string) {
  return {
    apiVersion: "k0rdent.mirantis.com/v1beta1",
    kind: "Release",
    metadata: { name: releaseName(kcmVersion) },
  } as const;
}

/**
 * What brings the Release object of a version and its templates: the chart `kcm-templates` of that version, from the repository that
 * kcm has its charts from. A kcm that runs goes on from there as from a Release that was applied by hand.
 */
export function releaseOffer(kcmVersion: string): readonly Manifest[] {
  const metadata = { name: releaseTemplates(kcmVersion), namespace: NAMESPACE, labels: MANAGED };
  return [
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "HelmChart",
      metadata,
      spec: {
        chart: "kcm-templates",
        version: kcmVersion.replace(/^v/, ""),
        interval: INTERVAL,
        reconcileStrategy: "ChartVersion",
        sourceRef: { kind: "HelmRepository", name: "kcm-templates" },
      },
    },
    {
      apiVersion: KCM_HELM_RELEASE.apiVersion,
      kind: KCM_HELM_RELEASE.kind,
      metadata,
      spec: {
        chartRef: { kind: "HelmChart", name: metadata.name, namespace: NAMESPACE },
        releaseName: metadata.name,
        interval: INTERVAL,
        values: { createRelease: true },
      },
    },
  ];
}
