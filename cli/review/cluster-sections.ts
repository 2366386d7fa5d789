/** The sections of a page that tell what becomes of objects. */

import { code, counted, prose, table, value } from "./markdown.ts";
import type { Change, ClusterReview, Field, Operation, Review, Roll } from "./model.ts";
import type { Detail } from "./verbosity.ts";

const WORDS: Readonly<Record<Operation, string>> = {
  create: "created",
  update: "changed",
  replace: "**replaced**",
  delete: "**deleted**",
  same: "unchanged",
};

/** What becomes of one cluster: its fields, its other objects, its machines. */
export function clusterSection(cluster: ClusterReview, detail: Detail): string {
  const main = cluster.changes.find(({ kind }) => kind === "ClusterDeployment");
  const others = cluster.changes.filter((change) => change !== main);
  const is = cluster.operation === "same" && others.length > 0 ? "objects beside it changed" : WORDS[cluster.operation];
  const guard = cluster.protected && (cluster.operation === "delete" || cluster.operation === "replace");
  const parts = [
    `### Cluster \`${cluster.name}\` (${cluster.mode}): ${is}`,
    ...(guard ? ["It is protected: Pulumi refuses to delete it."] : []),
    ...(isWhole(cluster)
      ? [wholeLines(cluster, others)]
      : [fieldTable(main?.fields ?? [], detail), others.length === 0 ? "" : objectTable(others, detail)]),
  ].filter((part) => part !== "");
  return `${parts.join("\n\n")}${isWhole(cluster) && parts.length > 1 ? "\n" : "\n\n"}${machineLines(cluster)}`;
}

/** Whether all of a cluster is made or goes: its objects are told by their names alone. */
function isWhole({ operation }: ClusterReview): boolean {
  return operation === "create" || operation === "delete";
}

function wholeLines({ asks, operation }: ClusterReview, others: readonly Change[]): string {
  const objects = others
    .filter((other) => other.operation === operation)
    .map(({ kind, name }) => code(`${kind} ${name}`));
  const rest = others
    .filter((other) => other.operation !== operation)
    .map(({ kind, name, operation: is }) => `- ${code(`${kind} ${name}`)} ${WORDS[is]}`);
  return [
    ...asks.map((line) => `- ${prose(line)}`),
    ...(objects.length === 0 ? [] : [`- with it: ${objects.join(", ")}`]),
    ...rest,
  ].join("\n");
}

function machineLines({ operation, rolls, notes, cost }: ClusterReview): string {
  const counts = `machines ${cost.before.machines} → ${cost.after.machines}`;
  const lines = [
    operation === "delete"
      ? `- **${counted(cost.before.machines, "machine")} deleted**`
      : operation === "create"
        ? `- ${counted(cost.after.machines, "machine")} made`
        : `- ${rolls.length === 0 ? "no machine rolls" : rolls.map(rollText).join("; ")}; ${counts}`,
    ...notes.map((note) => `- ${prose(note)}`),
  ];
  return lines.join("\n");
}

function rollText({ group, machines, how, why }: Roll): string {
  return `**${counted(machines, "machine")} of ${code(group)} ${how}, one after the other** (${why.map(code).join(", ")})`;
}

function fieldTable(fields: readonly Field[], detail: Detail): string {
  if (fields.length === 0) return "";
  const shown = fields.slice(0, detail.fields);
  const rest = fields.length - shown.length;
  const rows = shown.map((field) => [code(short(field.path)), ...values(field)]);
  return table(
    ["field", "before", "after"],
    rest > 0 ? [...rows, [`… and ${counted(rest, "more field")}`, "", ""]] : rows,
  );
}

function values({ before, after, hidden, unknown }: Field): string[] {
  if (hidden) return ["secret", "changed (secret)"];
  return [value(before), unknown ? "known during the update" : value(after)];
}

function objectTable(changes: readonly Change[], detail: Detail): string {
  const shown = changes.slice(0, detail.lines);
  const rest = changes.length - shown.length;
  const rows = shown.map((change) => [
    code(`${change.kind} ${change.name}`),
    WORDS[change.operation],
    fieldWords(change, detail),
  ]);
  return table(
    ["object", "", "fields"],
    rest > 0 ? [...rows, [`… and ${counted(rest, "more object")}`, "", ""]] : rows,
  );
}

/** Fields of a lesser object in one cell. */
function fieldWords({ fields }: Change, detail: Detail): string {
  const shown = fields.slice(0, Math.min(detail.fields, 20)).map((field) => {
    const path = code(short(field.path));
    return field.hidden ? `${path} changed (secret)` : `${path} ${values(field).join(" → ")}`;
  });
  const rest = fields.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${counted(rest, "field")}`] : [])].join("<br>");
}

function short(path: string): string {
  return path.length <= 160 ? path : `${path.slice(0, 160)}…`;
}

/** Clusters for which a section of their own would be too long, a line each. */
export function clusterTable(clusters: readonly ClusterReview[], detail: Detail): string {
  if (clusters.length === 0) return "";
  const shown = clusters.slice(0, detail.lines);
  const rest = clusters.length - shown.length;
  const rows = shown.map(({ name, operation, rolls, cost, changes }) => [
    code(name),
    operation === "same" ? `${changes.length} of its objects changed` : WORDS[operation],
    rolls.length === 0 ? "–" : rolls.map(({ group, machines, how }) => `**${machines} ${group} ${how}**`).join(", "),
    `${cost.before.machines} → ${cost.after.machines}`,
  ]);
  return [
    "### More clusters",
    table(["cluster", "", "rolls", "machines"], rest > 0 ? [...rows, [`… and ${rest} more`, "", "", ""]] : rows),
  ].join("\n\n");
}

/** Objects that belong to no single cluster, and settings that are kept as secrets. */
export function sharedSection({ shared, secrets }: Review, detail: Detail): string {
  const lines = secrets
    .slice(0, detail.lines)
    .map(({ path, operation }) => [code(path), `${SECRETS[operation]} (secret)`]);
  const rest = secrets.length - lines.length;
  return [
    ...(shared.length === 0 ? [] : [`### The stack's own objects\n\n${objectTable(shared, detail)}`]),
    ...(secrets.length === 0
      ? []
      : [
          `### Secrets of the stack file\n\n${table(["setting", ""], rest > 0 ? [...lines, [`… and ${rest} more`, ""]] : lines)}`,
        ]),
  ].join("\n\n");
}

const SECRETS: Readonly<Record<Operation, string>> = { ...WORDS, create: "added", delete: "removed" };
