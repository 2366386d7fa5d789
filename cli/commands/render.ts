import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { stringify } from "yaml";
import { STACK_RULES } from "../../policy/rules/index.ts";
import { LOCAL, PROJECT } from "../stack/paths.ts";
import { type StackLocation, withSettings } from "../stack/stack-settings.ts";

/** A Kubernetes object as the program would write it, every secret replaced by a placeholder. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

export interface Rendered {
  readonly objects: RenderedObject[];
  /** What the rules say, a line each; what they warn of has been printed by the program. */
  readonly verdict: string[];
}

type Plain = Record<string, unknown>;

/** A resource that the program registered. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Plain;
}

/**
 * Runs the program without engine and cluster, and returns what it registered. Needs no passphrase: secrets are never opened.
 *
 * @throws RunError with every fault of the stack file; Failure where there is none.
 */
export async function recordStack(place: StackLocation): Promise<Registration[]> {
  const recorded: Registration[] = [];
  await withSettings(place, {
    register: ({ type, name, inputs }) => {
      recorded.push({ type, name, inputs: unmarked(inputs) as Plain });
      return { id: `${name}-id`, state: { ...inputs, ...placeholders(type) } };
    },
    run: async () => {
      const { default: pulumi } = await import("@pulumi/pulumi");
      const { default: program } = await import("../../index.ts");
      await pulumi.runtime.runInPulumiStack(program);
    },
  });
  return recorded;
}

/** What the stack would write, and what the rules say. Throws as {@link recordStack} does. */
export async function renderStack(place: StackLocation): Promise<Rendered> {
  const recorded = await recordStack(place);
  return { objects: ordered(recorded.flatMap(toObject)), verdict: [`${STACK_RULES.length} rules asked, none refuses`] };
}

/** The key under which Pulumi's test runtime hands a secret over: a map of this mark and the value. */
const MARK = "4dabf18193072939515e22adb298388d";

/** Values without the marks of secrets. */
function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== "object" || value === null) return value;
  if (MARK in value && "value" in value) return unmarked(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, unmarked(below)]));
}

/** What only a provider would know. */
function placeholders(type: string): Plain {
  return type === "random:index/randomPassword:RandomPassword" ? { result: "[secret seed]" } : {};
}

function toObject(registration: Registration): RenderedObject[] {
  return objectOf(registration).map((object) => (object.kind === "Secret" ? hidden(object) : object));
}

/** The Kubernetes object that a resource writes, a Helm release as one of kind Release; none where it writes no whole object. */
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
  // A patch marks or waits for an object that something else makes.
  if (type.endsWith("Patch")) return [];
  return [inputs as RenderedObject];
}

/** Paths of this machine would make the same stack render differently elsewhere. */
function relative(chart: unknown): unknown {
  return typeof chart === "string" && chart.startsWith(PROJECT) ? chart.slice(PROJECT.length + 1) : chart;
}

function hidden(secret: RenderedObject): RenderedObject {
  const words = (field: unknown): Plain =>
    Object.fromEntries(
      Object.keys((field ?? {}) as Plain).map((key) => [key, `[secret ${secret.metadata.name}/${key}]`]),
    );
  return { ...secret, stringData: words(secret["stringData"]) };
}

const ORDER = ["Release", "Secret", "ConfigMap", "Management", "Credential", "ClusterDeployment"];

function ordered(objects: RenderedObject[]): RenderedObject[] {
  const key = ({ kind, metadata }: RenderedObject) =>
    `${String(ORDER.indexOf(kind)).padStart(2, "0")} ${kind} ${metadata.name}`;
  return [...objects].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Writes one file an object; what an earlier render left there goes. */
export async function writeObjects(objects: readonly RenderedObject[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const old = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
  await Promise.all(old.map((file) => rm(join(folder, file))));
  await Promise.all(
    objects.map((object) => {
      const file = `${object.kind.toLowerCase()}-${object.metadata.name}.yaml`;
      return writeFile(join(folder, file), stringify(object, { lineWidth: 0 }));
    }),
  );
}

const HELP = `
Example:
  $ npm run render -- --stack dev --out rendered

Exit codes: 0 rendered, 1 failed, 2 wrong use or wrong stack file.`;

export function registerRender(program: Command): void {
  program
    .command("render")
    .description("write what a stack would create, without engine and cluster; secrets are placeholders")
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml", "dev")
    .option("--out <folder>", "folder for one file an object; default: print them")
    .addHelpText("after", HELP)
    .action(async ({ stack, out }: { stack: string; out?: string }) => {
      const { objects, verdict } = await renderStack({ stack });
      if (out === undefined) {
        process.stdout.write(objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n"));
      } else {
        await writeObjects(objects, resolve(out));
      }
      const where = out === undefined ? "" : ` in ${out}`;
      process.stderr.write(`${[...verdict, `${objects.length} objects${where}`].join("\n")}\n`);
    });
}

/** Where `start` puts manifests when there is nothing to deploy them with. */
export const RENDERED = join(LOCAL, "rendered");
