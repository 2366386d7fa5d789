import { existsSync } from "node:fs";
import { join } from "node:path";
import { KINDS } from "../../kubernetes/kinds.ts";
import { CLUSTER_CHART_VERSIONS } from "../../manifests/cluster-deployment.ts";
import { PROVIDER_CHART_VERSION } from "../../manifests/management-object.ts";
import { CHARTS, CLUSTER_CHARTS, type Mode, NAMESPACE, PROVIDER } from "../../manifests/names.ts";
import { answer, type CheckContext, type CheckResult, type StackCheck } from "../check.ts";
import { chartThere } from "./chart-registry.ts";
import { managementOf } from "./connection.ts";
import { capxComes } from "./installed.ts";

const REPOSITORIES = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "HelmRepository" };

export const kcmChartExists: StackCheck = {
  id: "kcm-chart-exists",
  asks: "is kcm's chart to be had from this machine, which reads it in every preview and up?",
  scope: "stack",
  run: async ({ stack: { management }, signal }) => {
    if (management.adopt) return [];
    const { chart, version } = management.kcm;
    return [await fromHere(kcmChartExists.id, { chart, version, setting: "management.kcm.chart", signal })];
  },
};

interface Source {
  readonly chart: string;
  readonly version: string | undefined;
  /** Where the stack file names it. */
  readonly setting: string;
  readonly signal: AbortSignal;
}

/** Whether a chart that Helm reads on this machine is there: in a folder or in a registry. */
async function fromHere(id: string, { chart, version, setting, signal }: Source): Promise<CheckResult> {
  const say = answer(id);
  if (!chart.includes("://")) {
    if (existsSync(join(chart, "Chart.yaml"))) return say.pass(`the folder ${chart} holds a chart`);
    return say.fail(`the folder ${chart} holds no Chart.yaml`, `correct ${setting}`);
  }
  if (version === undefined) {
    return say.unknown(`which version of ${chart} is the newest is not asked`, `helm show chart ${chart}`);
  }
  const there = await chartThere({ chart, version, by: "Helm", signal });
  return there.verdict === "pass" ? say.pass(there.found) : say[there.verdict](there.found, there.remedy);
}

const MODES = Object.keys(CLUSTER_CHARTS) as Mode[];
/** The charts that the management cluster renders clusters from, and their versions. */
const OWN: readonly (readonly [string, string])[] = [
  [PROVIDER, PROVIDER_CHART_VERSION],
  ...MODES.flatMap((mode) =>
    CLUSTER_CHART_VERSIONS[mode].map((version): [string, string] => [CLUSTER_CHARTS[mode], version]),
  ),
];

async function inRegistry(repository: string, { signal }: CheckContext): Promise<CheckResult[]> {
  const say = answer(clusterChartsExist.id);
  const answers = await Promise.all(
    OWN.map(([chart, version]) =>
      chartThere({ chart: `${repository.replace(/\/$/, "")}/${chart}`, version, by: "Flux", signal }),
    ),
  );
  const faults = answers.filter(({ verdict }) => verdict !== "pass");
  if (faults.length === 0)
    return [say.pass(`${repository} has ${OWN.map(([chart]) => chart).join(", ")}, seen from here`)];
  return faults.map(({ verdict, found, remedy }) =>
    verdict === "fail" ? say.fail(found, remedy) : say.unknown(found, remedy),
  );
}

async function servedInside(context: CheckContext): Promise<CheckResult[]> {
  const say = answer(clusterChartsExist.id);
  const reader = await managementOf(context);
  const repository = await reader.object(REPOSITORIES, { namespace: NAMESPACE, name: CHARTS });
  if (repository === undefined && (await capxComes(context, reader))) {
    return [say.pass("the charts are served from inside the management cluster: that comes with this up")];
  }
  if (repository === undefined) {
    return [
      say.fail(
        `there is no HelmRepository ${NAMESPACE}/${CHARTS}`,
        "bring it back with the stack that installed the provider, or set capx.managedExternally: false here",
      ),
    ];
  }
  const { type, url } = (repository.spec ?? {}) as { type?: string; url?: string };
  if (type === "oci") return [say.pass(`HelmRepository ${CHARTS} points to ${url}, which Flux asks for each chart`)];
  const conditions = (repository.status?.["conditions"] ?? []) as { type: string; status: string; message?: string }[];
  const ready = conditions.find((one) => one.type === "Ready");
  if (ready?.status === "True") return [say.pass(`HelmRepository ${CHARTS} is ready`)];
  const deployment = await reader.object(KINDS.Deployment, { namespace: NAMESPACE, name: CHARTS });
  const pods = (deployment?.status?.["availableReplicas"] as number | undefined) ?? 0;
  return [
    say.fail(
      `HelmRepository ${CHARTS} is not ready (${ready?.message ?? "Flux has not looked at it"}), and ${pods} pods serve it`,
      `look at what serves it: kubectl -n ${NAMESPACE} describe deployment ${CHARTS}`,
    ),
  ];
}

export const clusterChartsExist: StackCheck = {
  id: "cluster-charts-exist",
  asks: "are the charts of this project to be had, from the registry of capx.chartRepository or from inside the cluster?",
  scope: "stack",
  run: async (context) => {
    const { chart, chartVersion: version, chartRepository, managedExternally } = context.stack.capx;
    if (managedExternally) return servedInside(context);
    if (chart !== undefined) {
      return [await fromHere(clusterChartsExist.id, { chart, version, setting: "capx.chart", signal: context.signal })];
    }
    return chartRepository === undefined ? servedInside(context) : inRegistry(chartRepository, context);
  },
};
