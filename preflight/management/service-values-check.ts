import { parse } from "yaml";
import { KINDS } from "../../kubernetes/kinds.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { at, isMap, text } from "../../policy/rules/plain-values.ts";
import type { Services } from "../../schema/services.ts";
import { type Check, type CheckContext, type CheckOutcome, fail, inconclusive, pass } from "../check.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

/** The only Secrets that Sveltos reads. */
const SECRET_TYPE = "addons.projectsveltos.io/cluster-profile";

interface ValueSource {
  /** Where the stack file names it first. */
  readonly path: string;
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
}

export const SERVICE_VALUES_CHECK: Check = {
  id: "service-values-exist",
  description: "the Secrets and ConfigMaps of services' `valuesFrom` exist, and Sveltos can read them",
  scope: "stack",
  run: async (context) => {
    const sources = valueSources(context);
    if (sources.length === 0) return [];
    const reader = await managementOf(context);
    if ((await reader.object(KINDS.Namespace, { name: NAMESPACE })) === undefined) {
      const names = sources.map(({ kind, name }) => `${kind} ${name}`).join(", ");
      return inconclusive(
        `this up creates the namespace ${NAMESPACE}, and services need ${names} in it`,
        "create them as soon as it exists",
      );
    }
    const problems = (await Promise.all(sources.map((source) => sourceProblems(reader, source)))).flat();
    if (problems.length > 0) return problems;
    return pass(`${sources.length} Secrets and ConfigMaps of services exist in ${NAMESPACE}`);
  },
};

/** Each object that services take values from, once. */
function valueSources({ stack, clusters }: CheckContext): ValueSource[] {
  const entries: [string, Services | undefined][] = [
    ...clusters.map((name): [string, Services | undefined] => [`clusters.${name}`, stack.clusters[name]?.services]),
    ...Object.entries(stack.multiClusterServices).map(([name, { services }]): [string, Services] => [
      `multiClusterServices.${name}`,
      services,
    ]),
  ];
  const sources = entries.flatMap(([owner, services = {}]) =>
    Object.entries(services).flatMap(([name, { valuesFrom = [] }]) =>
      valuesFrom.map((source, index) => ({ path: `${owner}.services.${name}.valuesFrom.${index}`, ...source })),
    ),
  );
  return [...Map.groupBy(sources, ({ kind, name }) => `${kind}/${name}`).values()].flatMap(([first]) => first ?? []);
}

async function sourceProblems(reader: Reader, { path, kind, name }: ValueSource): Promise<CheckOutcome[]> {
  const found = await reader.object(KINDS[kind], { namespace: NAMESPACE, name });
  const object = `${kind} ${NAMESPACE}/${name} of ${path}`;
  if (found === undefined) return [fail(`${object} does not exist`, "create it, or correct the name")];
  const type = text(at(found, "type"));
  if (kind === "Secret" && type !== SECRET_TYPE) {
    return [
      fail(
        `${object} has the type ${type}, and Sveltos reads ${SECRET_TYPE} only`,
        `delete it and create it again with kubectl create secret generic --type ${SECRET_TYPE}: the type is immutable`,
      ),
    ];
  }
  const data = Object.entries(found.data ?? {});
  if (data.length === 0)
    return [fail(`${object} has no keys under data`, "add a key whose value is the YAML of Helm values")];
  const invalid = data.filter(([, value]) => !areValues(decoded(kind, value))).map(([key]) => key);
  if (invalid.length === 0) return [];
  return [fail(`${object} has keys that are not maps of Helm values: ${invalid.join(", ")}`, "correct their YAML")];
}

function decoded(kind: ValueSource["kind"], value: string): string {
  return kind === "Secret" ? Buffer.from(value, "base64").toString() : value;
}

/** Whether a text is a map in YAML, or becomes one only when Sveltos evaluates it. */
function areValues(yaml: string): boolean {
  if (yaml.includes("{{")) return true;
  try {
    const value: unknown = parse(yaml);
    return value === null || isMap(value);
  } catch {
    return false;
  }
}
