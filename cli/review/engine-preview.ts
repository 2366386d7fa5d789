/** The output of `pulumi preview --json`: the fields of its digest that a review reads. */
import * as z from "zod";
import { isMap } from "../../policy/rules/plain-values.ts";
import { isNoise, nameOf } from "../engine/events.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { objectOf, type RenderedObject } from "../stack/render-stack.ts";
import { differences, SECRET, UNKNOWN } from "./fields.ts";
import type { FieldChange, ObjectChange, Operation } from "./model.ts";
import { keyOf, type ObjectDiff } from "./object-diffs.ts";

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
type PreviewStep = z.infer<typeof step>;
const digest = z.looseObject({
  config: z.record(z.string(), z.string()).optional(),
  steps: z.array(step).nullish(),
  diagnostics: z.array(z.looseObject({ message: z.string().optional(), severity: z.string().optional() })).nullish(),
  changeSummary: z.record(z.string(), z.number()).nullish(),
  maybeCorrupt: z.boolean().optional(),
});

export interface EnginePreview {
  readonly diffs: readonly ObjectDiff[];
  /** Updated, replaced and deleted resources that are not Kubernetes objects. */
  readonly others: readonly ObjectChange[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What the preview cannot know, one sentence each. */
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
 * Reads a preview. Values that the engine does not know yet come from `known`, the objects of the stack file.
 *
 * @throws Failure where the text is not the output of a preview.
 */
export function readPreview(text: string, known: readonly RenderedObject[]): EnginePreview {
  const found = parsed(text);
  const files = new Map(known.map((object) => [keyOf(object), object]));
  const steps = onePerResource(found.steps ?? []);
  const diffs = steps.flatMap((one) => diffOf(one, files));
  const messages = (severity: string) =>
    (found.diagnostics ?? [])
      .filter((one) => one.severity === severity)
      .map(({ message = "" }) => message.trim().replace(/^(error|warning): /, ""))
      .filter((message) => !isNoise(message));
  return {
    diffs,
    others: steps.flatMap(otherOf),
    errors: messages("error"),
    warnings: messages("warning"),
    unknown: [
      ...(hidesSames(found, steps)
        ? [
            "unchanged resources: the preview leaves them out, and totals and diagram are incomplete; run pulumi preview with --show-sames",
          ]
        : []),
      ...(found.maybeCorrupt ? ["the state: the engine reports that it may be corrupt"] : []),
      "drift: a preview compares with live objects only with --refresh",
    ],
  };
}

function parsed(text: string): z.infer<typeof digest> {
  try {
    return digest.parse(JSON.parse(text));
  } catch {
    throw new Failure(
      "--preview: is not the output of pulumi preview --json; write only its standard output into the file",
      EXIT.usage,
    );
  }
}

/** One step per resource: a replacement has several. */
function onePerResource(steps: readonly PreviewStep[]): PreviewStep[] {
  const replaced = new Set(steps.filter(({ op }) => op === "replace").map(({ urn }) => urn));
  const kept = new Map<string, PreviewStep>();
  for (const one of steps) {
    if (OPERATIONS[one.op] === undefined || (replaced.has(one.urn) && one.op !== "replace")) continue;
    // With --refresh a resource may have a refresh step and an unchanged step: the former counts.
    if (one.op !== "same" || !kept.has(one.urn)) kept.set(one.urn, one);
  }
  return [...kept.values()];
}

function hidesSames({ changeSummary }: z.infer<typeof digest>, steps: readonly PreviewStep[]): boolean {
  const shown = steps.filter(({ op, urn }) => op === "same" && !urn.includes("::pulumi:pulumi:Stack::")).length;
  return shown === 0 && (changeSummary?.["same"] ?? 0) > 1;
}

function diffOf(
  { op, oldState, newState, detailedDiff, diffReasons }: PreviewStep,
  files: Map<string, RenderedObject>,
): ObjectDiff[] {
  const operation = OPERATIONS[op];
  const [before] = oldState === undefined ? [] : objectOf({ type: oldState.type, inputs: oldState.inputs ?? {} });
  const [planned] = newState === undefined ? [] : objectOf({ type: newState.type, inputs: newState.inputs ?? {} });
  if (operation === undefined || (before ?? planned) === undefined) return [];
  const after = planned === undefined ? undefined : (completed(planned, files.get(keyOf(planned))) as RenderedObject);
  const wanted = before !== undefined && after !== undefined ? differences(before, after) : [];
  // Equal inputs with a diff: the live object drifted.
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

/** Drifted fields that the engine names. */
function driftOf(before: unknown, after: unknown, named: PreviewStep["detailedDiff"]): FieldChange[] {
  const paths = Object.keys(named ?? {});
  if (!isMap(before) || !isMap(after)) return [];
  return differences(before, after).filter(({ path }) => paths.some((one) => one.replace("spec.config.", "") === path));
}

interface MaskedDiff {
  readonly before: RenderedObject | undefined;
  readonly after: RenderedObject | undefined;
  readonly shown: readonly FieldChange[];
}

/** Changed fields with two masked values. */
function masked(paths: readonly string[], { before, after, shown }: MaskedDiff): FieldChange[] {
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

/** A planned object; values known only during the update come from the stack file. */
function completed(planned: unknown, file: unknown): unknown {
  if (planned === UNKNOWN) return file === undefined || isMap(file) ? planned : file;
  if (!isMap(planned)) return planned;
  return Object.fromEntries(
    Object.entries(planned).map(([key, value]) => [key, completed(value, isMap(file) ? file[key] : undefined)]),
  );
}

/** A changed provider or random value, without its values: other resources depend on it. */
function otherOf({ op, urn, oldState, newState }: PreviewStep): ObjectChange[] {
  const operation = OPERATIONS[op];
  const type = (newState ?? oldState)?.type ?? "";
  const isObject = type.startsWith("kubernetes:") || type === "pulumi:pulumi:Stack" || type.includes(":index:");
  if (isObject || (operation !== "replace" && operation !== "delete" && operation !== "update")) return [];
  const parent = (newState ?? oldState)?.parent ?? "";
  const cluster = /k0rdent-nutanix:index:NutanixK0sCluster::(.+)$/.exec(parent)?.[1];
  const [kind = type, name = ""] = nameOf(urn).split(" ");
  return [{ operation, kind: kind.split(":").at(-1) ?? kind, name, ...(cluster ? { cluster } : {}), fields: [] }];
}
