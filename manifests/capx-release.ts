import { CHARTS_FOLDER } from "./chart-archive.ts";
import type { Config } from "./cluster-config.ts";
import { CLUSTER_CHART_VERSIONS } from "./cluster-deployment.ts";
import { installedCapx, nutanixEntry } from "./management-object.ts";
import { CAPX_RELEASE, CHARTS, CLUSTER_CHARTS, NAMESPACE, PROVIDER, templateName } from "./names.ts";
import type { ReleaseInputs } from "./release-target.ts";

export interface CapxReleaseSpec {
  readonly kcmVersion: string;
  readonly capxVersion: string | undefined;
  readonly chartRepository?: string | undefined;
  /** Another chart in place of this project's. */
  readonly chart?: string | undefined;
  readonly chartVersion?: string | undefined;
}

/** The Helm release `nutanix-capx`: this project's chart with its values, or another with its own. */
export function capxRelease(spec: CapxReleaseSpec): ReleaseInputs {
  const { kcmVersion, chart, chartVersion } = spec;
  const release = { name: CAPX_RELEASE, kcmVersion };
  if (chart === undefined) return { ...release, chart: `${CHARTS_FOLDER}${CAPX_RELEASE}`, values: capxValues(spec) };
  return { ...release, chart, values: {}, ...(chartVersion === undefined ? {} : { version: chartVersion }) };
}

/** Helm values of the release `nutanix-capx`. */
export function capxValues({ kcmVersion, capxVersion, chartRepository }: CapxReleaseSpec): Config {
  const version = installedCapx(kcmVersion, capxVersion);
  return {
    ...(version === undefined ? {} : { capx: { version } }),
    ...(chartRepository === undefined ? {} : { charts: { repository: chartRepository } }),
  };
}

/** The objects of the release `nutanix-capx`, by name: what there is to take ownership of. */
export function providerObjects(chartRepository: string | undefined) {
  const k0rdent = "k0rdent.mirantis.com/v1beta1";
  const rbac = "rbac.authorization.k8s.io/v1";
  const named = (apiVersion: string, kind: string, name: string) => ({ apiVersion, kind, metadata: { name } });
  const ours = (apiVersion: string, kind: string, name: string) => ({
    apiVersion,
    kind,
    metadata: { name, namespace: NAMESPACE },
  });
  const served = [
    ours("v1", "ConfigMap", `${CHARTS}-server`),
    ours("apps/v1", "Deployment", CHARTS),
    ours("v1", "Service", CHARTS),
    ours("networking.k8s.io/v1", "NetworkPolicy", CHARTS),
  ];
  return [
    named(rbac, "ClusterRole", `${CAPX_RELEASE}-kcm-manager`),
    named(rbac, "ClusterRoleBinding", `${CAPX_RELEASE}-kcm-manager`),
    ...(chartRepository === undefined ? served : []),
    ours("source.toolkit.fluxcd.io/v1", "HelmRepository", CHARTS),
    named(k0rdent, "ProviderTemplate", nutanixEntry().template ?? PROVIDER),
    ...(["hcp", "standalone"] as const).flatMap((mode) =>
      CLUSTER_CHART_VERSIONS[mode].flatMap((version, index) => {
        const template = templateName(CLUSTER_CHARTS[mode], version);
        return [
          ours(k0rdent, "ClusterTemplate", template),
          ours(k0rdent, "ClusterTemplateChain", index === 0 ? CLUSTER_CHARTS[mode] : template),
        ];
      }),
    ),
  ];
}
