import { existsSync } from "node:fs";
import { join } from "node:path";
import { conditionOf } from "../../kubernetes/conditions.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { CLUSTER_CHART_VERSIONS } from "../../manifests/cluster-deployment.ts";
import { PROVIDER_CHART_VERSION } from "../../manifests/management-object.ts";
import { CHARTS, CLUSTER_CHARTS, type Mode, NAMESPACE, PROVIDER } from "../../manifests/names.ts";
import { at, integer } from "../../policy/rules/plain-values.ts";
import { type Check, type CheckContext, type CheckOutcome, fail, inconclusive, pass } from "../check.ts";
import { checkRegistry } from "./chart-registry.ts";
import { installsCapx } from "./installed.ts";
import { managementOf } from "./management-client.ts";

const REPOSITORIES = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "HelmRepository" };

export const CHART_CHECKS: readonly Check[] = [
  {
    id: "kcm-chart-exists",
    description: "kcm's chart is available on this machine, which reads it in every preview and up",
    scope: "stack",
    run: async ({ stack: { management }, signal }) => {
      if (management.adopt) return [];
      const { chart, version } = management.kcm;
      return checkChart({ chart, version, setting: "management.kcm.chart", signal });
    },
  },
  {
    id: "cluster-charts-exist",
    description:
      "this project's charts are available, in the registry of capx.chartRepository or in the management cluster",
    scope: "stack",
    run: async (context) => {
      const { chart, chartVersion: version, chartRepository, managedExternally } = context.stack.capx;
      if (!managedExternally && chart !== undefined) {
        return checkChart({ chart, version, setting: "capx.chart", signal: context.signal });
      }
      return managedExternally || chartRepository === undefined
        ? checkRepository(context)
        : checkPublishedCharts(chartRepository, context);
    },
  },
];

interface CheckedChart {
  readonly chart: string;
  readonly version: string | undefined;
  /** Its path in the stack file. */
  readonly setting: string;
  readonly signal: AbortSignal;
}

/** A chart that Helm reads on this machine, from a folder or a registry. */
async function checkChart({ chart, version, setting, signal }: CheckedChart): Promise<CheckOutcome> {
  if (!chart.includes("://")) {
    if (existsSync(join(chart, "Chart.yaml"))) return pass(`the folder ${chart} has a chart`);
    return fail(`the folder ${chart} has no Chart.yaml`, `correct ${setting}`);
  }
  if (version !== undefined) return checkRegistry({ chart, version, reader: "Helm", signal });
  return inconclusive(`the latest version of ${chart} is not resolved`, `run helm show chart ${chart}`);
}

const MODES = Object.keys(CLUSTER_CHARTS) as Mode[];
/** The charts that the management cluster renders clusters from, and their versions. */
const OWN_CHARTS: readonly (readonly [string, string])[] = [
  [PROVIDER, PROVIDER_CHART_VERSION],
  ...MODES.flatMap((mode) =>
    CLUSTER_CHART_VERSIONS[mode].map((version): [string, string] => [CLUSTER_CHARTS[mode], version]),
  ),
];

async function checkPublishedCharts(repository: string, { signal }: CheckContext): Promise<readonly CheckOutcome[]> {
  const outcomes = await Promise.all(
    OWN_CHARTS.map(([name, version]) =>
      checkRegistry({ chart: `${repository.replace(/\/$/, "")}/${name}`, version, reader: "Flux", signal }),
    ),
  );
  const problems = outcomes.filter(({ status }) => status !== "pass");
  if (problems.length > 0) return problems;
  return [pass(`${repository} has ${OWN_CHARTS.map(([chart]) => chart).join(", ")}, as seen from this machine`)];
}

async function checkRepository(context: CheckContext): Promise<CheckOutcome> {
  const reader = await managementOf(context);
  const repository = await reader.object(REPOSITORIES, { namespace: NAMESPACE, name: CHARTS });
  if (repository === undefined) {
    if (await installsCapx(context, reader)) return pass("this up installs the charts in the management cluster");
    return fail(
      `HelmRepository ${NAMESPACE}/${CHARTS} does not exist`,
      "restore it with the stack that installed the provider, or set capx.managedExternally: false",
    );
  }
  const { type, url } = (repository.spec ?? {}) as { type?: string; url?: string };
  if (type === "oci") return pass(`HelmRepository ${CHARTS} is ${url}, where Flux looks up each chart`);
  const ready = conditionOf(repository, "Ready");
  if (ready?.status === "True") return pass(`HelmRepository ${CHARTS} is ready`);
  const deployment = await reader.object(KINDS.Deployment, { namespace: NAMESPACE, name: CHARTS });
  const pods = integer(at(deployment, "status", "availableReplicas")) ?? 0;
  return fail(
    `HelmRepository ${CHARTS} is not ready (${ready?.message ?? "not reconciled yet"}), with ${pods} available pods`,
    `check its server: kubectl -n ${NAMESPACE} describe deployment ${CHARTS}`,
  );
}
