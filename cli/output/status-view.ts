import { eventsOf, timeOf } from "../../operations/diagnoses/input.ts";
import {
  blockingKey,
  type ClusterTree,
  compareByNeed,
  platformTree,
  rootCausePath,
} from "../../operations/resource-tree.ts";
import type { Gap, Snapshot } from "../../operations/snapshot.ts";
import type { TreeNode } from "../../operations/tree-node.ts";
import { maxRepeats } from "../../policy/rules/violation.ts";
import { sameOf } from "./findings-text.ts";
import { heading } from "./print.ts";
import { age, clusterLine, coloured, treeLines } from "./tree.ts";

/** The data of `status`. */
export interface StatusView {
  readonly snapshot: Snapshot;
  readonly chains: readonly ClusterTree[];
  /** Clusters of the stack file that are not deployed. */
  readonly absent: readonly string[];
  /** `<project>.<stack>`; undefined: every stack. */
  readonly stack: string | undefined;
}

/** `auto`: full trees for up to ten clusters, else only the branches to root causes of the first ten that are not ready. */
export type StatusDetail = "auto" | "tree" | "brief";

const MAX_TREES = 10;
/** Clusters that fit on a screen, the ones with trees included. */
const MAX_CLUSTERS = 30;

/** Whether Management and all planned clusters are ready, with all their objects. */
export function isAllReady({ snapshot, chains, absent }: StatusView): boolean {
  const platform = platformTree(snapshot);
  const isPlatformReady = platform === undefined || rootCausePath(platform).length === 0;
  return isPlatformReady && absent.length === 0 && chains.every(({ state }) => state === "Current");
}

/** The status as text. */
export function statusText(view: StatusView, detail: StatusDetail): string {
  const { snapshot, chains, absent, stack } = view;
  const { takenAt } = snapshot;
  const platform = platformTree(snapshot);
  const where = `${stack === undefined ? "every stack" : `stack ${stack}`}, ${snapshot.server}`;
  const isFull = detail === "tree" || (detail === "auto" && chains.length <= MAX_TREES);
  const isShort = !isFull && detail !== "brief";
  const groups = isShort ? sharedTrees(chains) : chains.map((tree) => ({ tree, others: [] }));
  const shown = isShort ? groups.slice(0, MAX_CLUSTERS) : groups;
  const clusters = shown.flatMap(({ tree, others }, index) => {
    const also = others.length === 0 ? [] : [`  ${sameOf(others)}; --brief prints a line for each`];
    if (detail === "brief" || (isShort && (tree.state === "Current" || index >= MAX_TREES)))
      return [clusterLine(tree, takenAt), ...also];
    const only = isFull ? undefined : new Set(tree.blockedBy);
    // The line of a cluster that is blocked by its root says all that the tree would.
    const branches = isFull || tree.blockedBy.length > 1 ? treeLines(tree.root, takenAt, only) : [];
    return [
      "",
      clusterLine(tree, takenAt),
      ...warningLines(tree, snapshot),
      ...branches.map((line) => `  ${line}`),
      ...also,
    ];
  });
  const rest = groups.slice(shown.length).flatMap(({ tree, others }) => [tree.state, ...others.map(() => tree.state)]);
  const lines = [
    `${heading("Clusters")} of ${where}`,
    ...clusters,
    ...(rest.length === 0 ? [] : [`… and ${rest.length} more: ${countsOf(rest)}; --brief prints a line for each`]),
    ...absent.map((name) => coloured("NotFound", `? ${name}  not deployed`)),
    "",
    ...(platform === undefined ? [] : platformLines(platform, { takenAt, isFull: detail === "tree" })),
    ...gapLines(snapshot.gaps).map((line) => coloured("InProgress", line)),
    totals(view),
  ];
  return lines.join("\n");
}

/** The clusters that need somebody first; where many are blocked by the same, the first of them with the names of the others. */
function sharedTrees(trees: readonly ClusterTree[]): { tree: ClusterTree; others: string[] }[] {
  const groups = Map.groupBy([...trees].sort(compareByNeed), (tree) => blockingKey(tree) ?? tree.name);
  return [...groups.values()].flatMap((group) => {
    const shown = group.length > maxRepeats() ? group.slice(0, 1) : group;
    const others = group.slice(shown.length).map(({ name }) => name);
    return shown.map((tree) => ({ tree, others }));
  });
}

/** `3 Current, 1 Failed` */
function countsOf(states: readonly string[]): string {
  return [...new Set(states)]
    .sort()
    .map((state) => `${states.filter((one) => one === state).length} ${state}`)
    .join(", ");
}

/** The last warning event of the object that blocks a cluster. */
function lastWarning({ blockedBy }: ClusterTree, snapshot: Snapshot) {
  const blocking = blockedBy.at(-1);
  if (blocking === undefined) return undefined;
  const [event] = eventsOf({ snapshot }, { kind: blocking.kind, metadata: { name: blocking.name } });
  if (event === undefined) return undefined;
  const { reason = "", message = "", count = 1 } = event;
  return { reason, message: message.replace(/\s+/g, " ").trim(), count, last: timeOf(event) };
}

function warningLines(tree: ClusterTree, snapshot: Snapshot): string[] {
  const warning = lastWarning(tree, snapshot);
  if (warning === undefined) return [];
  const { reason, message, count, last } = warning;
  const when = last === undefined ? "" : `, ${age(last, snapshot.takenAt)} ago`;
  return [`  last warning${when}${count > 1 ? `, seen ${count} times` : ""}: ${reason}: ${message}`];
}

/** Management takes one line while it is ready. */
function platformLines(platform: TreeNode, { takenAt, isFull }: { takenAt: string; isFull: boolean }): string[] {
  const isReady = rootCausePath(platform).length === 0;
  const lines = treeLines(platform, takenAt, isFull || !isReady ? undefined : new Set());
  return [...lines, ""];
}

/** Kinds that could not be read, one line per reason. Kinds that the server does not have hold no objects. */
export function gapLines(gaps: readonly Gap[]): string[] {
  const reasons = [...new Set(gaps.map(({ why }) => why))].filter((why) => why !== "not served");
  return reasons.map((reason) => {
    const kinds = gaps.filter(({ why }) => why === reason).map(({ kind }) => kind);
    return `not shown, ${reason}: ${kinds.join(", ")}`;
  });
}

function totals({ chains, absent }: StatusView): string {
  const states = chains.map(({ state }) => state as string).concat(absent.map(() => "not deployed"));
  if (states.length === 0) return "no clusters";
  return `${states.length} cluster${states.length === 1 ? "" : "s"}: ${countsOf(states)}`;
}

/** The status as JSON. Fields may be added, never renamed. */
export function statusJson({ snapshot, chains, absent, stack }: StatusView): unknown {
  const { server, namespace, takenAt, gaps } = snapshot;
  const platform = platformTree(snapshot);
  return {
    server,
    namespace,
    takenAt,
    stack: stack ?? null,
    clusters: chains.map((tree) => ({
      name: tree.name,
      state: tree.state,
      blockedBy: blockingJson(tree, snapshot),
      root: nodeJson(tree.root),
    })),
    absent,
    platform: platform === undefined ? null : nodeJson(platform),
    gaps,
  };
}

function blockingJson(tree: ClusterTree, snapshot: Snapshot): unknown {
  const blocking = tree.blockedBy.at(-1);
  if (blocking === undefined) return null;
  const { kind, name, state, cause } = blocking;
  return {
    ...{ kind, name, state },
    ...cause,
    ...(cause?.since === undefined ? {} : { for: age(cause.since, snapshot.takenAt) }),
    lastWarning: lastWarning(tree, snapshot) ?? null,
  };
}

function nodeJson({ kind, name, state, cause, detail, created, children }: TreeNode): unknown {
  return {
    kind,
    name,
    state,
    detail,
    created: created ?? null,
    cause: cause ?? null,
    children: children.map(nodeJson),
  };
}
