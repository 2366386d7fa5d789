/** The sections of a page about changed objects. */
import { markdownTable } from "../output/markdown-table.ts";
import { code, counted, list, prose, value } from "./markdown.ts";
import type { ClusterReview, FieldChange, MachineRollout, ObjectChange, Operation, Review } from "./model.ts";

const OPERATIONS: Readonly<Record<Operation, string>> = {
  create: "created",
  update: "updated",
  replace: "**replaced**",
  delete: "**deleted**",
  same: "unchanged",
};

/** Names of clusters that share a section. */
const MAX_NAMES = 20;
const MAX_SECTIONS = 30;

/** A section for each cluster, one for clusters that change alike, and a table for what is beyond the first 30. */
export function clusterSections(clusters: readonly ClusterReview[]): string[] {
  const alike = [...Map.groupBy(clusters, likeness).values()];
  const rest = alike.slice(MAX_SECTIONS).flat();
  return [
    ...alike.slice(0, MAX_SECTIONS).flatMap(([first, ...more]) => (first === undefined ? [] : [section(first, more)])),
    ...(rest.length === 0 ? [] : [`### ${counted(rest.length, "more cluster")}\n\n${clusterTable(rest)}`]),
  ];
}

/** Equal for clusters that differ by name and endpoint alone. */
function likeness({ endpoint: _, ...cluster }: ClusterReview): string {
  return section(cluster).replaceAll(cluster.name, "*");
}

function clusterTable(clusters: readonly ClusterReview[]): string {
  const rows = clusters
    .slice(0, MAX_ROWS)
    .map((cluster) => [code(cluster.name), OPERATIONS[cluster.operation], machineLines(cluster).join("; ")]);
  return withRest(markdownTable(["cluster", "operation", "machines"], rows), clusters.length);
}

/** Rows of a table. */
export const MAX_ROWS = 50;

/** A table, with the number of rows that it leaves out. */
export function withRest(table: string, rows: number): string {
  return rows <= MAX_ROWS ? table : `${table}\n\n… and ${rows - MAX_ROWS} more: see the JSON of the review`;
}

/** The fields, other objects and machines of a cluster, and of others that change alike. */
function section(cluster: ClusterReview, alike: readonly ClusterReview[] = []): string {
  const { name, mode, operation, changes, summary, endpoint } = cluster;
  const main = changes.find(({ kind }) => kind === "ClusterDeployment");
  const others = changes.filter((change) => change !== main);
  const title = operation === "same" && others.length > 0 ? "other objects updated" : OPERATIONS[operation];
  const isProtected = cluster.protected && (operation === "delete" || operation === "replace");
  // A created or deleted cluster lists its objects by name.
  const isWhole = operation === "create" || operation === "delete";
  const whole = others.filter((other) => other.operation === operation).map(objectName);
  const rest = others.filter((other) => other.operation !== operation);
  const objects = isWhole ? rest.map((other) => `${objectName(other)} ${OPERATIONS[other.operation]}`) : [];
  const isAlone = alike.length === 0;
  const lines = isWhole
    ? [
        ...(isAlone && endpoint !== undefined ? [`endpoint ${prose(endpoint)}`] : []),
        ...summary.map(prose),
        ...(whole.length === 0 ? [] : [`objects: ${whole.join(", ")}`]),
        ...objects,
      ]
    : [];
  const names = [cluster, ...alike].slice(0, MAX_NAMES).map((one) => nameOf(one, isWhole));
  const unnamed = alike.length + 1 - names.length;
  return [
    isAlone
      ? `### Cluster \`${name}\` (${mode}): ${title}`
      : `### ${alike.length + 1} clusters (${mode}): ${title}\n\nEach like ${names.join(", ")}${unnamed === 0 ? "" : ` and ${unnamed} more`}:`,
    isProtected ? "It is protected: Pulumi does not delete it." : "",
    isWhole ? "" : fieldTable(main?.fields ?? []),
    isWhole || others.length === 0 ? "" : objectTable(others),
    list([...lines, ...machineLines(cluster)]),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** A created or deleted cluster among others that are like it has its endpoint beside its name. */
function nameOf({ name, endpoint }: ClusterReview, withEndpoint: boolean): string {
  return withEndpoint && endpoint !== undefined ? `${code(name)} (${prose(endpoint)})` : code(name);
}

function machineLines({ operation, rollouts, notes, capacity: { before, after } }: ClusterReview): string[] {
  const rolling = rollouts.length === 0 ? "no machine rolls" : rollouts.map(rolloutText).join("; ");
  const machines =
    operation === "delete"
      ? `**${counted(before.machines, "machine")} deleted**`
      : operation === "create"
        ? `${counted(after.machines, "machine")} created`
        : `${rolling}; machines ${before.machines} → ${after.machines}`;
  return [machines, ...notes.map(prose)];
}

function rolloutText({ group, machines, how, why }: MachineRollout): string {
  return `**${counted(machines, "machine")} of ${code(group)} ${how}, one after the other** (${why.map(code).join(", ")})`;
}

export function fieldTable(fields: readonly FieldChange[]): string {
  const rows = fields.map((field) => [code(short(field.path)), ...values(field)]);
  return rows.length === 0 ? "" : markdownTable(["field", "before", "after"], rows);
}

function values({ before, after, hidden, unknown }: FieldChange): string[] {
  if (hidden) return ["secret", "updated (secret)"];
  return [value(before), unknown ? "known during the update" : value(after)];
}

function objectTable(changes: readonly ObjectChange[]): string {
  const fieldTexts = ({ fields }: ObjectChange) =>
    fields.map((field) => {
      const path = code(short(field.path));
      return field.hidden ? `${path} updated (secret)` : `${path} ${values(field).join(" → ")}`;
    });
  return markdownTable(
    ["object", "operation", "fields"],
    changes.map((change) => [objectName(change), OPERATIONS[change.operation], fieldTexts(change).join("; ")]),
  );
}

function objectName({ kind, name }: ObjectChange): string {
  return code(`${kind} ${name}`);
}

function short(path: string): string {
  return path.length <= 160 ? path : `${path.slice(0, 160)}…`;
}

/** Objects that belong to no single cluster, and changed secrets. */
export function sharedSection({ shared, secrets }: Review): string {
  const rows = secrets.map(({ path, operation }) => [code(path), `${OPERATIONS[operation]} (secret)`]);
  return [
    ...(shared.length === 0 ? [] : ["### Objects of the stack", objectTable(shared)]),
    ...(rows.length === 0 ? [] : ["### Secrets of the stack file", markdownTable(["setting", "operation"], rows)]),
  ].join("\n\n");
}
