/** What `pulumi preview --json` says: the digest of pkg/display in Pulumi's sources, as far as a review reads it. */
import * as z from "zod";
import { objectOf } from "../commands/render.ts";
import { isNoise, nameOf } from "../engine/events.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { differences, isMap, SECRET, UNKNOWN } from "./fields.ts";
import type { Change, Field, Operation } from "./model.ts";
import { keyOf, type ObjectDiff } from "./object-diffs.ts";
import type { PlainObject } from "./rendered-objects.ts";

const state = z.looseObject({
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  protect: z.boolean().optional(),
  parent: z.string().optional(),
});
const step = z.looseObject({
  op: z.string(),
  urn: z.string(),
  oldState: state.optional(),
  newState: state.optional(),
  diffReasons: z.array(z.string()).nullish(),
  detailedDiff: z.record(z.string(), z.unknown()).nullish(),
});
type Step = z.infer<typeof step>;
const digest = z.looseObject({
  config: z.record(z.string(), z.string()).optional(),
  steps: z.array(step).nullish(),
  diagnostics: z.array(z.looseObject({ message: z.string().optional(), severity: z.string().optional() })).nullish(),
  changeSummary: z.record(z.string(), z.number()).nullish(),
  maybeCorrupt: z.boolean().optional(),
});

export interface Preview {
  readonly pairs: readonly ObjectDiff[];
  /** What happens to resources that are no Kubernetes objects, but for those that are made or stay. */
  readonly others: readonly Change[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What the preview leaves open, a sentence each. */
  readonly unknown: readonly string[];
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
  delete: "delete",
  same: "same",
};

/**
 * Reads a preview. `known` are the objects of the stack file: what the engine cannot know yet is taken from there.
 *
 * @throws Failure when the text is no digest of a preview.
 */
export function readPreview(text: string, known: readonly PlainObject[]): Preview {
  const found = parsed(text);
  const files = new Map(known.map((object) => [keyOf(object), object]));
  const steps = onePerResource(found.steps ?? []);
  const pairs = steps.flatMap((one) => pairOf(one, files));
  const said = (severity: string) =>
    (found.diagnostics ?? [])
      .filter((one) => one.severity === severity)
      .map(({ message = "" }) => message.trim().replace(/^(error|warning): /, ""))
      .filter((message) => !isNoise(message));
  return {
    pairs,
    others: steps.flatMap(otherOf),
    errors: said("error"),
    warnings: said("warning"),
    unknown: [
      ...(hidesSames(found, steps)
        ? [
            "the preview names no unchanged resources: totals and picture leave them out; run pulumi preview with --show-sames",
          ]
        : []),
      ...(found.maybeCorrupt ? ["the engine says that the state may be damaged"] : []),
      "a preview does not look at what lives unless it runs with --refresh: drift is not in it",
    ],
  };
}

function parsed(text: string): z.infer<typeof digest> {
  try {
    return digest.parse(JSON.parse(text));
  } catch {
    throw new Failure(
      "--preview: is no output of pulumi preview --json; write its standard output into the file, and standard error elsewhere",
      EXIT.usage,
    );
  }
}

/** A replacement has several steps: the one that stands for all of them is kept. */
function onePerResource(steps: readonly Step[]): Step[] {
  const replaced = new Set(steps.filter(({ op }) => op === "replace").map(({ urn }) => urn));
  const kept = new Map<string, Step>();
  for (const one of steps) {
    if (OPERATIONS[one.op] === undefined || (replaced.has(one.urn) && one.op !== "replace")) continue;
    // With --refresh a resource may differ from what lives, and then be left as it is: the difference is what counts.
    if (one.op !== "same" || !kept.has(one.urn)) kept.set(one.urn, one);
  }
  return [...kept.values()];
}

function hidesSames({ changeSummary }: z.infer<typeof digest>, steps: readonly Step[]): boolean {
  const shown = steps.filter(({ op, urn }) => op === "same" && !urn.includes("::pulumi:pulumi:Stack::")).length;
  return shown === 0 && (changeSummary?.["same"] ?? 0) > 1;
}

function pairOf(
  { op, oldState, newState, detailedDiff, diffReasons }: Step,
  files: Map<string, PlainObject>,
): ObjectDiff[] {
  const operation = OPERATIONS[op];
  const [before] = oldState === undefined ? [] : objectOf({ type: oldState.type, inputs: oldState.inputs ?? {} });
  const [planned] = newState === undefined ? [] : objectOf({ type: newState.type, inputs: newState.inputs ?? {} });
  if (operation === undefined || (before ?? planned) === undefined) return [];
  const after = planned === undefined ? undefined : (completed(planned, files.get(keyOf(planned))) as PlainObject);
  const wanted = before !== undefined && after !== undefined ? differences(before, after) : [];
  // Where the program wants what it wanted, what lives differs.
  const shown = wanted.length > 0 ? wanted : driftOf(oldState?.outputs, newState?.outputs, detailedDiff);
  return [
    {
      operation,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      fields:
        operation === "update" || operation === "replace"
          ? [
              ...shown,
              ...masked([...Object.keys(detailedDiff ?? {}), ...(diffReasons ?? [])], { before, after, shown }),
            ]
          : [],
      protected: oldState?.protect ?? false,
    },
  ];
}

/** Fields in which what lives differs from what the state says, as far as the engine names them. */
function driftOf(before: unknown, after: unknown, named: Step["detailedDiff"]): Field[] {
  const paths = Object.keys(named ?? {});
  if (!isMap(before) || !isMap(after)) return [];
  return differences(before, after).filter(({ path }) => paths.some((one) => one.replace("spec.config.", "") === path));
}

interface Seen {
  readonly before: PlainObject | undefined;
  readonly after: PlainObject | undefined;
  readonly shown: readonly Field[];
}

/** Changes that the engine names and both of whose values it masks. */
function masked(paths: readonly string[], { before, after, shown }: Seen): Field[] {
  const secret = paths.filter((path) => [before, after].some((object) => isSecretAt(object, path.split("."))));
  const longest = secret.filter((path) => !secret.some((other) => other !== path && other.startsWith(`${path}.`)));
  return [...new Set(longest)]
    .filter((path) => !shown.some((field) => field.path === path || field.path.startsWith(`${path}.`)))
    .sort()
    .map((path) => ({ path, hidden: true }));
}

function isSecretAt(value: unknown, keys: readonly string[]): boolean {
  if (value === SECRET) return true;
  const [key, ...rest] = keys;
  return key !== undefined && isMap(value) && isSecretAt(value[key], rest);
}

/** A planned object with what is known only during the update taken from the stack file, where it stands there. */
function completed(planned: unknown, file: unknown): unknown {
  if (planned === UNKNOWN) return file === undefined || isMap(file) ? planned : file;
  if (!isMap(planned)) return planned;
  return Object.fromEntries(
    Object.entries(planned).map(([key, value]) => [key, completed(value, isMap(file) ? file[key] : undefined)]),
  );
}

/** A provider or a random value that is replaced or goes takes other things along: it is named, without its values. */
function otherOf({ op, urn, oldState, newState }: Step): Change[] {
  const operation = OPERATIONS[op];
  const type = (newState ?? oldState)?.type ?? "";
  const isObject = type.startsWith("kubernetes:") || type === "pulumi:pulumi:Stack" || type.includes(":index:");
  if (isObject || (operation !== "replace" && operation !== "delete" && operation !== "update")) return [];
  const parent = (newState ?? oldState)?.parent ?? "";
  const cluster = /k0rdent-nutanix:index:NutanixK0sCluster::(.+)$/.exec(parent)?.[1];
  const [kind = type, name = ""] = nameOf(urn).split(" ");
  return [{ operation, kind: kind.split(":").at(-1) ?? kind, name, ...(cluster ? { cluster } : {}), fields: [] }];
}
