/** Registers the resources of a recorded state and does nothing else: no component's work, no schema, no rule. */
import { readFileSync } from "node:fs";
import k8s from "@pulumi/kubernetes";
import pulumi from "@pulumi/pulumi";
import random from "@pulumi/random";

interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent?: string;
  readonly inputs?: Record<string, unknown>;
  readonly dependencies?: string[];
  readonly propertyDependencies?: Readonly<Record<string, string[]>>;
  /** Seconds. */
  readonly customTimeouts?: { readonly create?: number; readonly update?: number; readonly delete?: number };
  readonly additionalSecretOutputs?: string[];
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

const KUBERNETES_VERSION = "4.32.0";

/** The stack, and the default providers. */
const MADE_BY_ENGINE = /^pulumi:(pulumi:Stack|providers:(random|pulumi))$/;

class Bare extends pulumi.CustomResource {}

export default async function program(): Promise<void> {
  const file = process.env["BENCH_RECORDING"];
  if (file === undefined) throw new pulumi.RunError("BENCH_RECORDING: is missing; run npm run bench, which sets it");
  const made = new Map<string, pulumi.Resource>();
  for (const resource of JSON.parse(readFileSync(file, "utf8")) as Recorded[]) {
    if (MADE_BY_ENGINE.test(resource.type)) continue;
    made.set(resource.urn, register(resource, made));
  }
}

function register(recorded: Recorded, made: ReadonlyMap<string, pulumi.Resource>): pulumi.Resource {
  const { urn, type, custom, parent, dependencies = [], additionalSecretOutputs, protect, retainOnDelete } = recorded;
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  const above = parent === undefined ? undefined : made.get(parent);
  // The SDK replaces a component by its children: one that depends on its own component would wait for itself.
  const dependsOn = dependencies.flatMap((dependency) => {
    const resource = made.get(dependency);
    return resource instanceof pulumi.CustomResource ? [resource] : [];
  });
  const inputs = withDependencies(recorded, made);
  if (type === "pulumi:providers:kubernetes") return new k8s.Provider(name, providerArgs(inputs));
  const provider = [...made.values()].find((resource) => resource instanceof k8s.Provider);
  const options = {
    ...(above === undefined ? {} : { parent: above }),
    ...(protect === undefined ? {} : { protect }),
    ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
    dependsOn,
    customTimeouts: timeouts(recorded),
  };
  if (!custom)
    return new pulumi.ComponentResource(type, name, {}, provider === undefined ? options : { ...options, provider });
  if (type.startsWith("random:"))
    return new random.RandomPassword(name, inputs as unknown as random.RandomPasswordArgs, options);
  if (type === "pulumi:index:Stash") return new pulumi.Stash(name, { input: inputs["input"] }, options);
  return new Bare(type, name, inputs, {
    ...options,
    ...(provider === undefined || above !== undefined ? {} : { provider }),
    version: KUBERNETES_VERSION,
    additionalSecretOutputs: additionalSecretOutputs ?? [],
  });
}

/** An input that depends on a resource is unknown in a preview that creates it: the provider sends no dry run then. */
function withDependencies(
  { inputs = {}, propertyDependencies = {} }: Recorded,
  made: ReadonlyMap<string, pulumi.Resource>,
): Record<string, unknown> {
  const entries = Object.entries(inputs).filter(([key]) => key !== "__defaults");
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const ids = (propertyDependencies[key] ?? []).flatMap((urn) => {
        const resource = made.get(urn);
        return resource instanceof pulumi.CustomResource ? [resource.id] : [];
      });
      return [key, ids.length === 0 ? plain(value) : pulumi.all(ids).apply(() => plain(value))];
    }),
  );
}

/** A provider's inputs are texts of JSON in the state. */
function providerArgs(inputs: Record<string, unknown>): k8s.ProviderArgs {
  const parsed = Object.entries(inputs)
    .filter(([key]) => key !== "version")
    .map(([key, value]) => [
      key,
      typeof value === "string" && /^[{[]|^(true|false)$/.test(value) ? JSON.parse(value) : value,
    ]);
  return Object.fromEntries(parsed);
}

/** Without what the provider added, secrets as secrets. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("plaintext" in value) return pulumi.secret(JSON.parse(String(value.plaintext)));
  const entries = Object.entries(value).filter(([key]) => key !== "__defaults");
  return Object.fromEntries(entries.map(([key, below]) => [key, plain(below)]));
}

function timeouts({ customTimeouts = {} }: Recorded): pulumi.CustomTimeouts {
  return Object.fromEntries(Object.entries(customTimeouts).map(([key, seconds]) => [key, `${seconds}s`]));
}
