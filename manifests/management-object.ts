import { lineOf } from "../policy/rules/versions.ts";
import { type Config, merge } from "./cluster-config.ts";
import type { Manifest } from "./manifest.ts";
import { MANAGEMENT, PROVIDER, releaseName, templateName } from "./names.ts";

/** Version of the provider chart in this package: names the ProviderTemplate. */
export const PROVIDER_CHART_VERSION = "1.0.0";

/** One entry of Management.spec.providers. */
export interface ProviderEntry {
  readonly name: string;
  readonly template?: string;
  readonly config?: Config;
}

export interface NutanixEntrySpec {
  readonly kcmVersion: string;
  /** @default the one that goes with the kcm version */
  readonly capxVersion: string | undefined;
  readonly trustBundles?: TrustBundles | undefined;
}

/**
 * PEM texts that CAPX trusts, by what brings them: `prismCentral`, or a cluster. By name, so that the certificates of a cluster can
 * outlive its entry in the stack file: CAPX needs them to delete its machines.
 */
export type TrustBundles = Readonly<Record<string, string>>;

/** Our entry: CAPX by the template that `nutanix-capx` brings. */
export function nutanixEntry(spec?: NutanixEntrySpec): ProviderEntry {
  const entry = { name: PROVIDER, template: templateName(PROVIDER, PROVIDER_CHART_VERSION) };
  if (spec === undefined) return entry;
  const { kcmVersion, capxVersion, trustBundles = {} } = spec;
  const version = installedCapx(kcmVersion, capxVersion);
  if (version === undefined) return entry;
  const line = lineOf(kcmVersion);
  return {
    ...entry,
    config: {
      ...(line === undefined ? {} : { kcmLine: line.chartLine }),
      version,
      ...(Object.keys(trustBundles).length === 0 ? {} : { trustBundles }),
    },
  };
}

/** The CAPX version to install, as `v1.7.0`: the stack's, else the default of the kcm version; undefined where kcm is unknown. */
export function installedCapx(kcmVersion: string, capxVersion: string | undefined): string | undefined {
  const version = capxVersion ?? lineOf(kcmVersion)?.defaultCapx;
  return version === undefined ? undefined : `v${version.replace(/^v/, "")}`;
}

/** What every cluster of this project needs of kcm's own: k0s as control plane and bootstrap, and Sveltos. */
export const OWN_PROVIDERS: readonly ProviderEntry[] = [
  { name: "cluster-api-provider-k0sproject-k0smotron" },
  { name: "projectsveltos" },
];

/** kcm's Helm values: no telemetry, no velero, and no Management of its own making, in the words of the version; the user's last. */
export function kcmValues(kcmVersion: string, values: Config = {}): Config {
  const own: Config =
    lineOf(kcmVersion)?.values === "regional"
      ? {
          controller: { createManagement: false },
          regional: { telemetry: { mode: "disabled" }, velero: { enabled: false } },
        }
      : { controller: { createManagement: false, enableTelemetry: false }, velero: { enabled: false } };
  return merge(own, values);
}

/** Chart of CAPX: this package's, which an entry of Management installs, or a custom one, which installs CAPX in its own way. */
export type ChartSource = "package" | "custom";

export interface ManagementSpec {
  readonly kcmVersion: string;
  /** @default the one that goes with the kcm version */
  readonly capxVersion?: string | undefined;
  /** @default none */
  readonly trustBundles?: TrustBundles | undefined;
  readonly kcmValues?: Config | undefined;
  /** Providers beside our own. */
  readonly providers: readonly ProviderEntry[];
  /** @default "package" */
  readonly chartSource?: ChartSource | undefined;
  /** Whether Cluster API takes a ClusterClass, which is behind a gate there. @default false */
  readonly clusterTopology?: boolean | undefined;
}

/** Management.spec.core.capi: the values of kcm's chart `cluster-api`, which hands `manager` to the CoreProvider as it is. */
function capi(clusterTopology = false): Config {
  return clusterTopology ? { config: { manager: { featureGates: { ClusterTopology: true } } } } : {};
}

/** The Management object, with every provider named from the start and kcm's values inside: kcm re-installs itself from them. */
export function management({ kcmVersion, kcmValues: values, ...spec }: ManagementSpec): Manifest {
  const { capxVersion, trustBundles } = spec;
  const own = spec.chartSource === "custom" ? [] : [nutanixEntry({ kcmVersion, capxVersion, trustBundles })];
  return {
    apiVersion: "k0rdent.mirantis.com/v1beta1",
    kind: "Management",
    metadata: { name: MANAGEMENT },
    spec: {
      release: releaseName(kcmVersion),
      core: { capi: capi(spec.clusterTopology), kcm: { config: kcmValues(kcmVersion, values) } },
      providers: [...OWN_PROVIDERS, ...own, ...spec.providers],
    },
  };
}

/**
 * What to wait for: kcm can set `Ready` before it has checked anything, so also each provider's success; and the Release, since
 * all of that was true of the previous version.
 */
export function managementConditions({ spec }: Manifest): string[] {
  const { release, providers } = spec as unknown as { release: string; providers: readonly ProviderEntry[] };
  return [
    "condition=Ready",
    "jsonpath={.status.observedGeneration}",
    `jsonpath={.status.release}=${release}`,
    `jsonpath={.status.components.kcm.template}=${release}`,
    ...providers.map(({ name }) => `jsonpath={.status.components['${name}'].success}=true`),
  ];
}
