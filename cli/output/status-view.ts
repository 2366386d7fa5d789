import { eventsOf, timeOf } from "../../operations/diagnoses/input.ts";
import { type ClusterTree, platformTree, rootCausePath } from "../../operations/resource-tree.ts";
import type { Gap, Snapshot } from "../../operations/snapshot.ts";
import type { TreeNode } from "../../operations/tree-node.ts";
import { heading } from "./print.ts";
import { age, clusterLine, coloured, treeLines } from "./tree.ts";

/** What `status` shows. */
export interface StatusView {
  readonly snapshot: Snapshot;
  readonly chains: readonly ClusterTree[];
  /** Clusters of the stack file that are not there. */
  readonly absent: readonly string[];
  /** `<project>.<stack>`; undefined: every stack. */
  readonly stack: string | undefined;
}

/** `auto`: trees, unless there are too many clusters to look at all of them. */
export type Shown = "auto" | "tree" | "brief";

/** Up to so many clusters every object is shown. */
const FEW = 10;

/** True when Management and every cluster that there should be are ready, with all that they are made of. */
export function isAllReady({ snapshot, chains, absent }: StatusView): boolean {
  const platform = platformTree(snapshot);
  const isWell = platform === undefined || rootCausePath(platform).length === 0;
  return isWell && absent.length === 0 && chains.every(({ state }) => state === "Current");
}

/** The whole answer as text. */
export function statusText(view: StatusView, shown: Shown): string {
  const { snapshot, chains, absent, stack } = view;
  const { takenAt } = snapshot;
  const platform = platformTree(snapshot);
  const where = `${stack === undefined ? "every stack" : `stack ${stack}`}, ${snapshot.server}`;
  const isWhole = shown === "tree" || (shown === "auto" && chains.length <= FEW);
  const clusters = chains.flatMap((chain) => {
    if (shown === "brief" || (!isWhole && chain.state === "Current")) return [clusterLine(chain, takenAt)];
    const only = isWhole ? undefined : new Set(chain.blockedBy);
    return [
      "",
      clusterLine(chain, takenAt),
      ...warningLines(chain, snapshot),
      ...treeLines(chain.root, takenAt, only).map((line) => `  ${line}`),
    ];
  });
  const lines = [
    `${heading("Clusters")} of ${where}`,
    ...clusters,
    ...absent.map((name) => coloured("NotFound", `? ${name}  not deployed: in the stack file, and not there`)),
    "",
    ...(platform === undefined ? [] : platformLines(platform, { takenAt, isWhole: shown === "tree" })),
    ...gapLines(snapshot.gaps).map((line) => coloured("InProgress", line)),
    sum(view),
  ];
  return lines.join("\n");
}

/** What was last warned of the object that holds a cluster up; undefined where no event is kept. */
function lastWarning({ blockedBy }: ClusterTree, snapshot: Snapshot) {
  const culprit = blockedBy.at(-1);
  if (culprit === undefined) return undefined;
  const [event] = eventsOf({ snapshot }, { kind: culprit.kind, metadata: { name: culprit.name } });
  if (event === undefined) return undefined;
  const { reason = "", message = "", count = 1 } = event;
  return { reason, message: message.replace(/\s+/g, " ").trim(), count, last: timeOf(event) };
}

function warningLines(chain: ClusterTree, snapshot: Snapshot): string[] {
  const warning = lastWarning(chain, snapshot);
  if (warning === undefined) return [];
  const { reason, message, count, last } = warning;
  const when = last === undefined ? "" : `, ${age(last, snapshot.takenAt)} ago`;
  return [`  last warning${when}${count > 1 ? `, seen ${count} times` : ""}: ${reason}: ${message}`];
}

/** Management in one line while it is well: it is not what one looks for. */
function platformLines(platform: TreeNode, { takenAt, isWhole }: { takenAt: string; isWhole: boolean }): string[] {
  const isWell = rootCausePath(platform).length === 0;
  const lines = treeLines(platform, takenAt, isWhole || !isWell ? undefined : new Set());
  return [...lines, ""];
}

/** Kinds of which nothing could be read, a line for each reason. What the server does not have is no loss: kcm made none of it. */
export function gapLines(gaps: readonly Gap[]): string[] {
  const reasons = [...new Set(gaps.map(({ why }) => why))].filter((why) => why !== "not served");
  return reasons.map((reason) => {
    const kinds = gaps.filter(({ why }) => why === reason).map(({ kind }) => kind);
    return `not shown, ${reason}: ${kinds.join(", ")}`;
  });
}

function sum({ chains, absent }: StatusView): string {
  const states = chains.map(({ state }) => state as string).concat(absent.map(() => "not deployed"));
  const counts = [...new Set(states)].sort().map((state) => `${states.filter((one) => one === state).length} ${state}`);
  if (states.length === 0) return "no clusters";
  return `${states.length} cluster${states.length === 1 ? "" : "s"}: ${counts.join(", ")}`;
}

/** The whole answer for programs. Fields are added, never renamed. */
export function statusJson({ snapshot, chains, absent, stack }: StatusView): unknown {
  const { server, namespace, takenAt, gaps } = snapshot;
  const platform = platformTree(snapshot);
  return {
    server,
    namespace,
    takenAt,
    stack: stack ?? null,
    clusters: chains.map((chain) => ({
      name: chain.name,
      state: chain.state,
      blockedBy: chain.blockedBy.length === 0 ? null : culprit(chain, snapshot),
      root: nodeJson(chain.root),
    })),
    absent,
    platform: platform === undefined ? null : nodeJson(platform),
    gaps,
  };
}

function culprit(chain: ClusterTree, snapshot: Snapshot): unknown {
  const last = chain.blockedBy.at(-1);
  const age_ = age(last?.cause?.since, snapshot.takenAt);
  return {
    kind: last?.kind,
    name: last?.name,
    state: last?.state,
    ...last?.cause,
    ...(age_ ? { for: age_ } : {}),
    lastWarning: lastWarning(chain, snapshot) ?? null,
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
