/** The names of all objects. A name is a contract: renaming one makes a new object and removes the old. */
import { createHash } from "node:crypto";

/** The namespace of kcm, and of everything that this project writes. */
export const NAMESPACE = "kcm-system";

export const KCM_RELEASE = "kcm";
export const MANAGEMENT = "kcm";
export const CAPX_RELEASE = "nutanix-capx";
/** Secret of the variables that CAPX is installed with: the global credentials. */
export const CAPX_VARIABLES = "nutanix-creds";
export const PROVIDER = "cluster-api-provider-nutanix";
/** ConfigMap, Deployment, Service and HelmRepository of the charts that are served from inside the management cluster. */
export const CHARTS = "nutanix-charts";

export type Mode = "hcp" | "standalone";

/** Charts of clusters, by mode. */
export const CLUSTER_CHARTS: Readonly<Record<Mode, string>> = {
  hcp: "nutanix-k0s-hcp",
  standalone: "nutanix-k0s-standalone",
};

/** Name of a template: the chart's name and its version with dashes, as kcm names its own. */
export function templateName(chart: string, version: string): string {
  return `${chart}-${dashed(version)}`;
}

/** kcm's Release object, which the chart of that version makes. */
export function releaseName(kcmVersion: string): string {
  return `kcm-${dashed(kcmVersion)}`;
}

/** HelmChart and HelmRelease that kcm installs a Release's templates from. */
export function releaseTemplates(kcmVersion: string): string {
  return `${releaseName(kcmVersion)}-tpl`;
}

/** Objects of one cluster. */
export function clusterNames(cluster: string) {
  const identity = `${cluster}-nutanix-identity`;
  return {
    clusterDeployment: cluster,
    credential: `${cluster}-nutanix`,
    identity,
    resourceTemplate: `${identity}-resource-template`,
    capxCredentials: `${cluster}-capx-credentials`,
    trustBundle: `${cluster}-pc-ca`,
    encryptionAtRest: `${cluster}-encryption-at-rest`,
    kubeconfig: `${cluster}-kubeconfig`,
    /** Helm values of the addons that are services, written by the cluster's chart. */
    addonValues: { ccm: `${cluster}-ccm-values`, csi: `${cluster}-csi-values` },
  } as const;
}

/** Labels of the volumes of hosted etcds, as k0smotron sets them; `cluster` has the cluster's name. */
export const ETCD_VOLUME_LABELS = { app: "k0smotron", component: "etcd" } as const;

/** Selector of the etcd volumes of one hosted cluster, or of all. */
export function etcdVolumes(cluster?: string): string {
  const labels = { ...ETCD_VOLUME_LABELS, ...(cluster === undefined ? {} : { cluster }) };
  return Object.entries(labels)
    .map((pair) => pair.join("="))
    .join(",");
}

/**
 * Eight letters and digits that keep two balancers of one subnet from answering each other by accident.
 * It is in plain text in the k0s configuration and protects nothing, so it is derived, not random.
 */
export function vrrpPassword(cluster: string): string {
  return createHash("sha256").update(`vrrp ${cluster}`).digest("hex").slice(0, 8);
}

/** Description of a stack's Helm releases, by which a later run knows them as its own. `identity` is `<project>.<stack>`. */
export function releaseDescription(identity: string): string {
  return `k0rdent-nutanix ${identity}`;
}

function dashed(version: string): string {
  return version.replace(/^v/, "").replaceAll(".", "-");
}

/** Name of the Stash in which a stack remembers the UID of kube-system from its first up. */
export const CLUSTER_MEMORY = "management-cluster-uid";
