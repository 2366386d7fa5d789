import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import type { ControllerContext } from "./context.ts";
import { COMPONENT_LABEL } from "./informers.ts";
import {
  type ClusterTemplate,
  type Contracts,
  type HelmSpec,
  keyOf,
  type ManagementObject,
  type ProviderTemplate,
} from "./simulated-kinds.ts";
import { type SimulatedStatus, writeStatus } from "./status-writer.ts";

interface Chart {
  providers: string[];
  contracts: Contracts;
}

const none: Chart = { providers: [], contracts: {} };

/** What kcm's own provider charts expose, by chart name. */
const KCM_CHARTS: Readonly<Record<string, Chart>> = {
  "cluster-api": { providers: [], contracts: { v1alpha3: "", v1alpha4: "", v1beta1: "", v1beta2: "" } },
  "cluster-api-provider-k0sproject-k0smotron": {
    providers: [
      "infrastructure-k0sproject-k0smotron",
      "bootstrap-k0sproject-k0smotron",
      "control-plane-k0sproject-k0smotron",
    ],
    contracts: { v1beta1: "v1beta1", v1beta2: "v1beta2" },
  },
};

const PROVIDER = "cluster.x-k8s.io/provider";

/** Providers and contracts from a chart's annotations, as kcm reads them when a template's spec names none. */
function chartProviders(charts: string, name: string): Chart {
  const known = KCM_CHARTS[name];
  if (known) return known;
  const file = join(charts, name, "Chart.yaml");
  if (!existsSync(file)) return none;
  const { annotations = {} } = parse(readFileSync(file, "utf8")) as { annotations?: Record<string, string> };
  const contracts = Object.entries(annotations)
    .filter(([key]) => key.startsWith("cluster.x-k8s.io/") && key !== PROVIDER)
    .map(([key, value]) => [key.slice("cluster.x-k8s.io/".length), value] as const);
  return {
    providers: (annotations[PROVIDER] ?? "").split(/,\s*/).filter(Boolean),
    contracts: Object.fromEntries(contracts),
  };
}

export async function reconcileTemplates({ client, informers, charts, log }: ControllerContext): Promise<void> {
  const { management, namespace } = informers;
  for (const template of informers.providerTemplates.items) {
    if (!(await ensureLabel(client, template, log))) continue;
    await writeStatus(client, template, providerTemplateStatus(template, { charts, management, namespace }));
  }
  for (const template of informers.clusterTemplates.items) {
    if (!(await ensureLabel(client, template, log))) continue;
    await writeStatus(client, template, clusterTemplateStatus(template, { charts, management }));
  }
}

const rejected = new Set<string>();

/** Writes kcm's label, and with it the whole template in the controller's spelling, which an immutable spec may not survive. */
async function ensureLabel(
  client: KubernetesClient,
  template: ProviderTemplate | ClusterTemplate,
  log: (line: string) => void,
): Promise<boolean> {
  const { metadata, spec } = template;
  if (metadata.labels?.[COMPONENT_LABEL] === "kcm") return true;
  const interval = spec?.helm.chartSpec?.interval;
  const body = {
    metadata: { labels: { [COMPONENT_LABEL]: "kcm" } },
    ...(interval ? { spec: { helm: { chartSpec: { interval: canonicalInterval(interval) } } } } : {}),
  };
  try {
    await client.merge(template, body);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 422) throw error;
    const key = keyOf(metadata);
    if (!rejected.has(key)) log(`${key} remains invalid: ${error.message}`);
    rejected.add(key);
  }
  return false;
}

export function chartOf({ chartSpec, chartRef }: HelmSpec): string {
  return chartSpec?.chart ?? chartRef?.name ?? "";
}

/** A ProviderTemplate of a Release is valid by itself, any other only once there is a Management. */
function providerTemplateStatus(
  template: ProviderTemplate,
  context: { charts: string; management: ManagementObject | undefined; namespace: string },
): SimulatedStatus {
  const { spec, metadata } = template;
  const helm = spec?.helm ?? {};
  const chart = chartProviders(context.charts, chartOf(helm));
  const values = {
    generation: metadata.generation ?? 1,
    chart: chartRefOf(template, context.namespace),
    providers: spec?.providers ?? chart.providers,
    contracts: spec?.capiContracts ?? chart.contracts,
  };
  const ofRelease = metadata.ownerReferences?.some(({ kind }) => kind === "Release") ?? false;
  if (ofRelease || context.management) return { name: "valid", values };
  return { name: "invalid", values: { ...values, error: "Waiting for Management creation to complete validation" } };
}

function clusterTemplateStatus(
  template: ClusterTemplate,
  context: { charts: string; management: ManagementObject | undefined },
): SimulatedStatus {
  const { spec, metadata } = template;
  const chart = chartProviders(context.charts, chartOf(spec?.helm ?? {}));
  const providers = spec?.providers ?? chart.providers;
  const contracts = spec?.providerContracts ?? chart.contracts;
  const values = {
    generation: metadata.generation ?? 1,
    chart: chartRefOf(template, metadata.namespace ?? ""),
    providers,
    contracts,
  };
  const error = context.management
    ? incompatibility({ providers, contracts }, context.management)
    : "Waiting for Management creation to complete validation";
  return error ? { name: "invalid", values: { ...values, error } } : { name: "valid", values };
}

/** Why a Management does not have these providers, in kcm's words; empty when it has. */
function incompatibility({ providers, contracts }: Chart, { status = {} }: ManagementObject): string {
  const faults: string[] = [];
  const missing = providers.filter((name) => !(status.availableProviders ?? []).includes(name)).sort();
  if (missing.length > 0) faults.push(`one or more required providers are not deployed yet: [${missing.join(" ")}]`);
  const unfit = Object.entries(contracts)
    .filter(([provider, contract]) => {
      const exposed = status.capiContracts?.[provider];
      return exposed && !Object.values(exposed).some((versions) => versions.split("_").includes(contract));
    })
    .map(([provider, contract]) => `provider ${provider} does not support ${contract}`)
    .sort();
  if (unfit.length > 0)
    faults.push(`one or more required provider contract versions does not satisfy deployed: [${unfit.join(" ")}]`);
  return faults.join("\n");
}

function chartRefOf(
  { metadata, spec }: ProviderTemplate | ClusterTemplate,
  namespace: string,
): { name: string; namespace: string; version: string } {
  return { name: metadata.name, namespace, version: spec?.helm.chartSpec?.version ?? "*" };
}

/**
 * How the controller spells an interval when it writes a template back: 1m0s for 1m. A template's spec cannot change, so one that is
 * spelled otherwise can never be written back, and stays invalid.
 */
function canonicalInterval(interval: string): string {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...interval.matchAll(/([0-9.]+)(ms|s|m|h)/g)];
  const milliseconds = parts.reduce((sum, [, value, unit = "s"]) => sum + Number(value) * (units[unit] ?? 0), 0);
  const [hours, minutes, seconds] = [
    Math.floor(milliseconds / 3_600_000),
    Math.floor(milliseconds / 60_000) % 60,
    (milliseconds / 1000) % 60,
  ];
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
