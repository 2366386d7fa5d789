import { STACK_RULES } from "../../policy/rules/index.ts";
import type { Plain } from "../../policy/rules/plain-values.ts";
import { PROJECT } from "./paths.ts";
import { type StackLocation, withSettings } from "./stack-settings.ts";

/** A Kubernetes object as the program would write it, with placeholders for secrets. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

export interface Rendered {
  readonly objects: RenderedObject[];
  /** How many policies were evaluated; the program prints their warnings. */
  readonly verdict: string;
}

/** A resource that the program registered. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Plain;
}

/**
 * Runs the program without engine and cluster, and returns the registered resources. Secrets are not decrypted.
 *
 * @throws RunError with all errors of the stack file; Failure where it does not exist.
 */
async function recordStack(place: StackLocation): Promise<Registration[]> {
  const recorded: Registration[] = [];
  const run = async () => {
    const { default: pulumi } = await import("@pulumi/pulumi");
    const { default: program } = await import("../../index.ts");
    await pulumi.runtime.runInPulumiStack(program);
  };
  await withSettings(place, run, ({ type, name, inputs }) => {
    recorded.push({ type, name, inputs: unmarked(inputs) as Plain });
    return { id: `${name}-id`, state: { ...inputs, ...placeholders(type) } };
  });
  return recorded;
}

/** The manifests of a stack. Throws as {@link recordStack} does. */
export async function renderStack(place: StackLocation): Promise<Rendered> {
  const recorded = await recordStack(place);
  return {
    objects: ordered(recorded.flatMap(toObject)),
    verdict: `${STACK_RULES.length} policies evaluated, 0 violations`,
  };
}

/** Pulumi's test runtime wraps a secret in a map with this key and its value. */
const MARK = "4dabf18193072939515e22adb298388d";

/** Unwraps secrets. */
function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== "object" || value === null) return value;
  if (MARK in value && "value" in value) return unmarked(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, unmarked(below)]));
}

/** Outputs that only a provider knows. */
function placeholders(type: string): Plain {
  return type === "random:index/randomPassword:RandomPassword" ? { result: "[secret seed]" } : {};
}

function toObject(registration: Registration): RenderedObject[] {
  return objectOf(registration).map((object) => (object.kind === "Secret" ? hidden(object) : object));
}

/** The Kubernetes object of a resource, a Helm release as an object of kind Release; none for other resources. */
export function objectOf({ type, inputs }: Pick<Registration, "type" | "inputs">): RenderedObject[] {
  if (type === "kubernetes:helm.sh/v3:Release") {
    const { name, namespace, values, chart, version } = inputs;
    const spec = { chart: relative(chart), ...(version === undefined ? {} : { version }), values };
    return [
      {
        apiVersion: "helm.sh/v3",
        kind: "Release",
        metadata: { name: String(name), namespace: String(namespace) },
        spec,
      },
    ];
  }
  const { apiVersion, kind, metadata } = inputs as { apiVersion?: string; kind?: string; metadata?: { name: string } };
  if (!type.startsWith("kubernetes:") || apiVersion === undefined || kind === undefined || metadata === undefined)
    return [];
  // A patch changes an object of another owner, or waits for it.
  if (type.endsWith("Patch")) return [];
  return [inputs as RenderedObject];
}

/** Absolute paths would differ between machines. */
function relative(chart: unknown): unknown {
  return typeof chart === "string" && chart.startsWith(PROJECT) ? chart.slice(PROJECT.length + 1) : chart;
}

function hidden(secret: RenderedObject): RenderedObject {
  const placeholdersOf = (field: unknown): Plain =>
    Object.fromEntries(
      Object.keys((field ?? {}) as Plain).map((key) => [key, `[secret ${secret.metadata.name}/${key}]`]),
    );
  return { ...secret, stringData: placeholdersOf(secret["stringData"]) };
}

const ORDER = ["Release", "Secret", "ConfigMap", "Management", "Credential", "ClusterDeployment"];

function ordered(objects: RenderedObject[]): RenderedObject[] {
  const key = ({ kind, metadata }: RenderedObject) =>
    `${String(ORDER.indexOf(kind)).padStart(2, "0")} ${kind} ${metadata.name}`;
  return [...objects].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
