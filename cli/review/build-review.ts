import { clusterNames } from "../../manifests/names.ts";
import { loginFollows } from "../../manifests/rotation-notes.ts";
import { demandOf, describeDemand, endpointOf, modeOf } from "./demand.ts";
import { capacityChange, machineNotes, machineRollouts, totalCapacity } from "./machine-changes.ts";
import type { ClusterReview, ObjectChange, Review } from "./model.ts";
import type { ObjectDiff } from "./object-diffs.ts";
import { graphOf, idOf, owners } from "./review-graph.ts";

export interface ReviewInput extends Pick<Review, "stack" | "source" | "compared" | "settings" | "secrets"> {
  readonly environment: string | undefined;
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
  readonly unknown: readonly string[];
  readonly diffs: readonly ObjectDiff[];
  /** Changes of resources that are not Kubernetes objects. */
  readonly others: readonly ObjectChange[];
}

/** Groups objects by cluster, and adds machines, verdict and graph. Pure. */
export function buildReview({ diffs, others, unknown, environment, ...facts }: ReviewInput): Review {
  const owner = owners(diffs);
  const byCluster = Map.groupBy(diffs, ({ before, after }) => {
    const object = after ?? before;
    return object && owner.get(idOf(object.kind, object.metadata.name));
  });
  const reviews = [...byCluster]
    .flatMap(([name, diffs]) => (name === undefined ? [] : [clusterReview(name, diffs, others)]))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const changed = reviews.filter(({ operation, changes }) => operation !== "same" || changes.length > 0);
  const names = new Set(changed.map(({ name }) => name));
  const violations = [...new Set(facts.violations)];
  const warnings = [...new Set(facts.warnings)];
  return {
    ...facts,
    ...(environment === undefined ? {} : { environment }),
    ...{ violations, warnings },
    verdict: violations.length > 0 ? "violations" : warnings.length > 0 ? "warnings" : "passed",
    clusters: changed,
    unchanged: reviews.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    shared: [
      ...(byCluster.get(undefined) ?? []).flatMap((diff) => changeOf(diff, undefined)),
      ...others.filter(({ cluster }) => cluster === undefined || !byCluster.has(cluster)),
    ],
    capacity: totalCapacity(reviews.map(({ capacity }) => capacity)),
    graph: graphOf(diffs, names),
    unknown: [...unknown, ...uncounted(diffs)],
  };
}

/** The change of an object; none for an unchanged one. */
function changeOf(diff: ObjectDiff, cluster: string | undefined): ObjectChange[] {
  const object = diff.after ?? diff.before;
  if (object === undefined || diff.operation === "same") return [];
  const { kind, metadata } = object;
  return [
    {
      operation: diff.operation,
      kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(cluster === undefined ? {} : { cluster }),
      ...(diff.protected ? { protected: true } : {}),
      fields: [...diff.fields],
    },
  ];
}

function clusterReview(name: string, diffs: readonly ObjectDiff[], others: readonly ObjectChange[]): ClusterReview {
  const main = diffs.find(({ before, after }) => (after ?? before)?.kind === "ClusterDeployment");
  const machines = {
    before: demandOf(main?.before),
    after: demandOf(main?.after),
    replaced: main?.operation === "replace",
  };
  const demand = machines.after ?? machines.before;
  return {
    name,
    operation: main?.operation ?? "same",
    mode: modeOf(main?.after ?? main?.before) ?? "unknown",
    ...(main?.protected ? { protected: true } : {}),
    changes: [...diffs.flatMap((diff) => changeOf(diff, name)), ...others.filter(({ cluster }) => cluster === name)],
    ...(demand === undefined ? {} : { endpoint: endpointOf(demand) }),
    summary: describeDemand(demand),
    rollouts: machineRollouts(machines),
    notes: [...machineNotes(machines), ...loginNotes(name, diffs)],
    capacity: capacityChange(machines),
  };
}

/** Side effects of a changed login. */
function loginNotes(name: string, diffs: readonly ObjectDiff[]): string[] {
  const names = clusterNames(name);
  const find = (wanted: string) => diffs.find(({ after }) => after?.metadata.name === wanted);
  const isChanged = find(names.identity)?.fields.some(({ path }) => /^(stringData|data)\.credentials$/.test(path));
  const copied = (find(names.resourceTemplate)?.after?.["data"] ?? {}) as Record<string, unknown>;
  return isChanged ? [loginFollows(name, { ccm: "configmap.yaml" in copied, csi: "csi.yaml" in copied })] : [];
}

/** ClusterDeployments whose machines cannot be counted. */
function uncounted(diffs: readonly ObjectDiff[]): string[] {
  const names = diffs.flatMap(({ before, after }) =>
    [before, after].flatMap((object) =>
      object?.kind === "ClusterDeployment" && demandOf(object) === undefined ? [object.metadata.name] : [],
    ),
  );
  return [...new Set(names)].map(
    (name) => `machines of ${name}: its template or its values do not belong to this project's charts`,
  );
}
