import { styleText } from "node:util";
import prettyMilliseconds from "pretty-ms";
import type { ReadinessCause } from "../../kubernetes/readiness.ts";
import type { ClusterTree } from "../../operations/resource-tree.ts";
import type { TreeNode } from "../../operations/tree-node.ts";
import { printableLine } from "../../policy/rules/printable.ts";

type NodeState = ClusterTree["state"];

const STYLES: Readonly<Record<NodeState, { readonly sign: string; readonly colour: Parameters<typeof styleText>[0] }>> =
  {
    Current: { sign: "✔", colour: "green" },
    Degraded: { sign: "!", colour: "yellow" },
    InProgress: { sign: "…", colour: "yellow" },
    Terminating: { sign: "-", colour: "yellow" },
    Failed: { sign: "✖", colour: "red" },
    NotFound: { sign: "?", colour: "red" },
    Unknown: { sign: "·", colour: "gray" },
  };

/** Text in the colour of a state; without one outside a terminal. */
export function coloured(state: NodeState, text: string): string {
  return styleText(STYLES[state].colour, text, { stream: process.stdout });
}

function dim(text: string): string {
  return text === "" ? "" : styleText("dim", text, { stream: process.stdout });
}

/** The time since then in its two largest units, like `3h 12m`; empty for undefined. */
export function age(time: string | undefined, now: string): string {
  if (time === undefined) return "";
  const passed = Math.max(0, Date.parse(now) - Date.parse(time));
  if (Number.isNaN(passed)) return "";
  return prettyMilliseconds(passed, { unitCount: 2, secondsDecimalDigits: 0 });
}

/** A cause in one line: `CredentialReady (Failed) for 3m: the Secret is not there`. */
export function causeText({ type, reason, message, since }: ReadinessCause, now: string): string {
  const line = message
    .split("\n")
    .map((part) => part.trim().replace(/^\* /, ""))
    .filter(Boolean)
    .join("; ");
  const why = reason === undefined || reason === line ? "" : ` (${reason})`;
  const how = since === undefined ? "" : ` for ${age(since, now)}`;
  return printableLine(`${type}${why}${how}: ${line}`);
}

/** One object in one line. */
function nodeLine(node: TreeNode, now: string): string {
  const { sign } = STYLES[node.state];
  const head = `${coloured(node.state, sign)} ${node.kind} ${node.name}`;
  const facts = [printableLine(node.detail), age(node.created, now)].filter(Boolean).join(", ");
  const cause = node.cause === undefined ? "" : coloured(node.state, `  ${node.state}, ${causeText(node.cause, now)}`);
  return `${head}${facts === "" ? "" : `  ${dim(facts)}`}${cause}`;
}

/** A node and its children, joined by lines. `only`: nodes to include. */
export function treeLines(node: TreeNode, now: string, only?: ReadonlySet<TreeNode>): string[] {
  const children = node.children.filter((child) => only === undefined || only.has(child));
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const [first = "", ...rest] = treeLines(child, now, only);
    return [`${isLast ? "└─" : "├─"} ${first}`, ...rest.map((line) => `${isLast ? "  " : "│ "} ${line}`)];
  });
  return [nodeLine(node, now), ...below];
}

/** The object that blocks a cluster, and its condition; empty where none does. */
export function blockingText({ blockedBy }: ClusterTree, now: string): string {
  const { kind, name, cause } = blockedBy.at(-1) ?? {};
  return cause === undefined ? "" : `${kind} ${name}: ${causeText(cause, now)}`;
}

/** A cluster in one line, with the condition that blocks it. */
export function clusterLine(tree: ClusterTree, now: string): string {
  const { name, state, root } = tree;
  const blocking = blockingText(tree, now);
  const cause = blocking === "" ? "" : `  ${blocking}`;
  const facts = [printableLine(root.detail), age(root.created, now)].filter(Boolean).join(", ");
  return `${coloured(state, `${STYLES[state].sign} ${name}  ${state}`)}  ${dim(facts)}${cause}`;
}
