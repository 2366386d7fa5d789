import { clusterNames } from "../../manifests/names.ts";
import { loginFollows } from "../../manifests/rotation-notes.ts";
import { formatViolation, type Violation } from "../../policy/rules/violation.ts";
import { demandOf, describeDemand, modeOf } from "./demand.ts";
import { costOf, notesOf, rollsOf, total } from "./machine-changes.ts";
import type { Change, ClusterReview, Review } from "./model.ts";
import type { ObjectDiff } from "./object-diffs.ts";
import { graphOf, idOf, owners } from "./review-graph.ts";

/** Everything that was found out, before it is put in order. */
export interface Findings {
  readonly stack: string;
  readonly environment: string | undefined;
  readonly source: Review["source"];
  readonly compared: Review["compared"];
  readonly pairs: readonly ObjectDiff[];
  /** Changes of what is no Kubernetes object. */
  readonly others: readonly Change[];
  readonly secrets: Review["secrets"];
  readonly refused: readonly Violation[];
  readonly warned: readonly Violation[];
  /** Errors and warnings of the engine, in its words. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly unknown: readonly string[];
}

/** A review of what was found: objects by cluster, machines, verdict and picture. Pure. */
export function buildReview(found: Findings): Review {
  const owner = owners(found.pairs);
  const clusterOf = ({ before, after }: ObjectDiff) => {
    const object = after ?? before;
    return object && owner.get(idOf(object.kind, object.metadata.name));
  };
  const byCluster = new Map<string | undefined, ObjectDiff[]>();
  for (const pair of found.pairs) {
    const cluster = clusterOf(pair);
    byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), pair]);
  }
  const reviews = [...byCluster]
    .flatMap(([name, pairs]) => (name === undefined ? [] : [clusterReview(name, pairs, found.others)]))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const changed = reviews.filter(({ operation, changes }) => operation !== "same" || changes.length > 0);
  const names = new Set(changed.map(({ name }) => name));
  const refused = [...found.refused.map(formatViolation), ...found.errors];
  const warned = [...found.warned.map(formatViolation), ...found.warnings];
  return {
    stack: found.stack,
    ...(found.environment === undefined ? {} : { environment: found.environment }),
    source: found.source,
    compared: found.compared,
    verdict: refused.length > 0 ? "refused" : warned.length > 0 ? "warned" : "passed",
    refused: [...new Set(refused)],
    warned: [...new Set(warned)],
    secrets: found.secrets,
    clusters: changed,
    unchanged: reviews.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    shared: [
      ...(byCluster.get(undefined) ?? []).flatMap((pair) => changeOf(pair, undefined)),
      ...found.others.filter(({ cluster }) => cluster === undefined || !byCluster.has(cluster)),
    ],
    cost: total(reviews.map(({ cost }) => cost)),
    graph: graphOf(found.pairs, names),
    unknown: [...found.unknown, ...uncounted(found.pairs)],
  };
}

/** What becomes of an object; nothing where it stays. */
function changeOf(pair: ObjectDiff, cluster: string | undefined): Change[] {
  const object = pair.after ?? pair.before;
  if (object === undefined || pair.operation === "same") return [];
  const { kind, metadata } = object;
  return [
    {
      operation: pair.operation,
      kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(cluster === undefined ? {} : { cluster }),
      ...(pair.protected ? { protected: true } : {}),
      fields: [...pair.fields],
    },
  ];
}

function clusterReview(name: string, pairs: readonly ObjectDiff[], others: readonly Change[]): ClusterReview {
  const main = pairs.find(({ before, after }) => (after ?? before)?.kind === "ClusterDeployment");
  const machines = {
    before: demandOf(main?.before),
    after: demandOf(main?.after),
    replaced: main?.operation === "replace",
  };
  return {
    name,
    operation: main?.operation ?? "same",
    mode: modeOf(main?.after ?? main?.before) ?? "unknown",
    ...(main?.protected ? { protected: true } : {}),
    changes: [...pairs.flatMap((pair) => changeOf(pair, name)), ...others.filter(({ cluster }) => cluster === name)],
    asks: describeDemand(machines.after ?? machines.before),
    rolls: rollsOf(machines),
    notes: [...notesOf(machines), ...loginNotes(name, pairs)],
    cost: costOf(machines),
  };
}

/** What a changed login brings about. */
function loginNotes(name: string, pairs: readonly ObjectDiff[]): string[] {
  const names = clusterNames(name);
  const of = (wanted: string) => pairs.find(({ after }) => after?.metadata.name === wanted);
  const isChanged = of(names.identity)?.fields.some(({ path }) => /^(stringData|data)\.credentials$/.test(path));
  const copied = (of(names.resourceTemplate)?.after?.["data"] ?? {}) as Record<string, unknown>;
  return isChanged ? [loginFollows(name, "csi.yaml" in copied)] : [];
}

/** ClusterDeployments whose machines cannot be counted. */
function uncounted(pairs: readonly ObjectDiff[]): string[] {
  const names = pairs.flatMap(({ before, after }) =>
    [before, after].flatMap((object) =>
      object?.kind === "ClusterDeployment" && demandOf(object) === undefined ? [object.metadata.name] : [],
    ),
  );
  return [...new Set(names)].map(
    (name) => `machines of ${name} are not counted: its template or its values are not those of this project's charts`,
  );
}
