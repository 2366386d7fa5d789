import { type JsonSchema, settingsSchema } from "../../../schema/json-schema.ts";
import { machineDefaults } from "../../../schema/machine.ts";
import { markdownTable } from "./table.ts";

interface Row {
  readonly key: string;
  readonly what: string;
  readonly value: string;
  readonly preset: string;
}

/** Where a key stands, and what it inherits from there. */
interface Place {
  readonly path: readonly string[];
  readonly isRequired: boolean;
  /** The nearest key above that may be left out, whose keys count only where it is written. */
  readonly optional?: string | undefined;
  readonly above?: string | undefined;
}

const ROOT: Place = { path: [], isRequired: true };
const HEAD = ["key", "what it is", "value", "default"];
/** Keys of `machineDefaults`, which stand again where machines differ, and are told once. */
const MACHINE = new Set(Object.keys(machineDefaults.shape));

/** Tables of every setting, by name: `settings` of the stack, `cluster` of one cluster, `machines` of its machines. */
export function settingsTables(): Readonly<Record<"settings" | "cluster" | "machines", string>> {
  const { properties: { clusters = {}, ...properties } = {}, ...stack } = settingsSchema();
  const modes = (clusters.additionalProperties as JsonSchema).oneOf ?? [];
  const cluster = merged(modes);
  const { machineDefaults = {}, ...rest } = cluster.properties ?? {};
  return {
    settings: table(rows({ ...stack, properties }, ROOT)),
    cluster: table(rows({ ...cluster, properties: rest }, ROOT).map((row) => ofOneMode(row, modes))),
    machines: table(rows(machineDefaults, ROOT)),
  };
}

function table(rows: readonly Row[]): string {
  return markdownTable(
    HEAD,
    rows.map(({ key, what, value, preset }) => [`\`${key}\``, what, value, preset]),
  );
}

/** All modes in one: a key that they describe differently is described for each. */
function merged(modes: readonly JsonSchema[]): JsonSchema {
  const names = modes.map(({ properties }) => properties?.["mode"]?.const);
  const keys = new Set(modes.flatMap(({ properties = {} }) => Object.keys(properties)));
  const properties = [...keys].map((key): [string, JsonSchema] => {
    const having = modes.flatMap(({ properties }, index) => {
      const node = properties?.[key];
      return node === undefined ? [] : [{ node, mode: `\`${String(names[index])}\`` }];
    });
    const texts = new Set(having.map(({ node }) => node.description));
    const description = having.map(({ node, mode }) => `${mode}: ${node.description}`).join("; ");
    const { const: _, ...node } = having[0]?.node ?? {};
    return [key, { ...node, ...(texts.size > 1 ? { description } : {}), ...(key === "mode" ? { enum: names } : {}) }];
  });
  return { ...modes[0], properties: Object.fromEntries(properties) };
}

function ofOneMode(row: Row, modes: readonly JsonSchema[]): Row {
  const [key = ""] = row.key.split(".");
  const having = modes.filter(({ properties = {} }) => key in properties);
  const names = having.map(({ properties }) => `\`${String(properties?.["mode"]?.const)}\``);
  return having.length === modes.length ? row : { ...row, what: `${row.what} (${names.join(", ")} only)` };
}

/** Settings whose keys are told elsewhere. */
const ELSEWHERE = "policy";

function rows(node: JsonSchema, place: Place): Row[] {
  const key = place.path.join(".");
  const above = node.description ?? place.above;
  if (key === ELSEWHERE) {
    const { what, preset } = leaf(node, { ...place, above });
    return [
      { key, what, value: "map of rules to their settings", preset: node.default === undefined ? preset : "none" },
    ];
  }
  if (isMachine(node)) {
    const own = Object.entries(node.properties ?? {}).filter(([name]) => !MACHINE.has(name));
    const rest = { ...node, properties: Object.fromEntries(own) };
    return [{ key, what: above ?? "", value: "keys of `machineDefaults`", preset: "none" }, ...below(rest, place)];
  }
  return below(node, place);
}

/** Machines that differ from `machineDefaults`: the same keys, none of them required. */
function isMachine({ properties = {}, required = [] }: JsonSchema): boolean {
  return [...MACHINE].every((name) => name in properties) && !required.includes("cluster");
}

function below(node: JsonSchema, place: Place): Row[] {
  const key = place.path.join(".");
  const above = node.description ?? place.above;
  const { properties } = node;
  if (properties !== undefined && !("secure" in properties)) {
    const isOptional = !place.isRequired && node.default === undefined;
    const optional = isOptional ? key : place.optional;
    return Object.entries(properties).flatMap(([name, property]) =>
      rows(property, {
        path: [...place.path, name],
        isRequired: (node.required ?? []).includes(name),
        optional,
        above,
      }),
    );
  }
  const named = namedEntries(node);
  if (named !== undefined) {
    const path = [...place.path, "<name>"];
    return rows(named, { path, isRequired: false, optional: path.join("."), above });
  }
  return [leaf(node, { ...place, above })];
}

/** The entry of a map whose entries have keys of their own. */
function namedEntries(node: JsonSchema): JsonSchema | undefined {
  const map = node.anyOf?.find(({ additionalProperties }) => typeof additionalProperties === "object") ?? node;
  const entry = map.additionalProperties;
  if (typeof entry !== "object") return undefined;
  const whole = entry.anyOf === undefined ? entry : inOne(entry.anyOf);
  return whole.properties === undefined ? undefined : whole;
}

/** Alternatives in one: every key of theirs, and required what each of them requires. */
function inOne(nodes: readonly JsonSchema[]): JsonSchema {
  const [first = {}] = nodes;
  if (nodes.some(({ properties }) => properties === undefined)) return {};
  return {
    ...first,
    properties: Object.assign({}, ...nodes.map(({ properties }) => properties)),
    required: (first.required ?? []).filter((key) => nodes.every(({ required = [] }) => required.includes(key))),
  };
}

function leaf(node: JsonSchema, { path, isRequired, optional, above }: Place): Row {
  const [what = "", ...rest] = (above ?? "").split(/; default:? /);
  const required = optional === undefined ? "**required**" : `required in \`${optional}\``;
  const preset = node.default === undefined ? (rest[0] ?? "none") : `\`${inline(node.default)}\``;
  return { key: path.join("."), what, value: formOf(node), preset: isRequired ? required : preset };
}

function formOf(node: JsonSchema): string {
  const { type, const: constant, enum: values, items, properties, additionalProperties } = node;
  const alternatives = node.anyOf ?? node.oneOf;
  if (alternatives !== undefined) return alternatives.map(formOf).join(" or ");
  if (constant !== undefined) return `\`${String(constant)}\``;
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(", ");
  if (items !== undefined) return `list of ${formOf(items)}`;
  if (properties !== undefined)
    return "secure" in properties ? "secret" : `\`{${Object.entries(properties).map(part).join(", ")}}\``;
  if (typeof additionalProperties === "object")
    return additionalProperties.type === "string" ? "map of texts" : "map of any data";
  return type === "integer" ? range(node) : type === "boolean" ? "`true`, `false`" : "text";
}

function part([key, node]: [string, JsonSchema]): string {
  return `${key}: ${node.const === undefined ? "…" : String(node.const)}`;
}

function range({ minimum, maximum }: JsonSchema): string {
  return maximum === undefined ? `whole number from ${String(minimum)}` : `${String(minimum)} to ${String(maximum)}`;
}

function inline(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
