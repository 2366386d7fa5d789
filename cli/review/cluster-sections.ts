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

/** The fields, other objects and machines of a cluster. */
export function clusterSection(cluster: ClusterReview): string {
  const { name, mode, operation, changes, summary } = cluster;
  const main = changes.find(({ kind }) => kind === "ClusterDeployment");
  const others = changes.filter((change) => change !== main);
  const title = operation === "same" && others.length > 0 ? "other objects updated" : OPERATIONS[operation];
  const isProtected = cluster.protected && (operation === "delete" || operation === "replace");
  // A created or deleted cluster lists its objects by name.
  const isWhole = operation === "create" || operation === "delete";
  const names = others.filter((other) => other.operation === operation).map(objectName);
  const rest = others.filter((other) => other.operation !== operation);
  const objects = isWhole ? rest.map((other) => `${objectName(other)} ${OPERATIONS[other.operation]}`) : [];
  const lines = isWhole
    ? [...summary.map(prose), ...(names.length === 0 ? [] : [`objects: ${names.join(", ")}`]), ...objects]
    : [];
  return [
    `### Cluster \`${name}\` (${mode}): ${title}`,
    isProtected ? "It is protected: Pulumi does not delete it." : "",
    isWhole ? "" : fieldTable(main?.fields ?? []),
    isWhole || others.length === 0 ? "" : objectTable(others),
    list([...lines, ...machineLines(cluster)]),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
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

function fieldTable(fields: readonly FieldChange[]): string {
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
