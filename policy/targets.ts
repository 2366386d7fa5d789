/** Resources of a Pulumi program as policy targets. */
import policy from "@pulumi/policy";
import { type PolicyTarget, SYNTHETIC_API_VERSION, type TargetObject } from "./rules/rule.ts";

/** A resource as a policy gets it. Reading an unknown property in a preview throws UnknownValueError. */
export interface PolicyInput {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type for inputs of any shape
  readonly props: Readonly<Record<string, any>>;
  readonly opts?: { readonly protect?: boolean };
}

/** Not what stands for a file of objects, such as a ConfigGroup: each of its objects is a resource. */
const TOKEN = /^kubernetes:(?!yaml[:/]|kustomize[:/])(?<apiVersion>[^:]+):(?<kind>[^:]+)$/;

/** Type of the resource that stands for the stack. */
export const STACK = "pulumi:pulumi:Stack";

/** Undefined unless the resource is a Kubernetes object or a Helm release. */
export function targetOf(resource: PolicyInput): PolicyTarget | undefined {
  const { type } = resource;
  const { apiVersion, kind } = TOKEN.exec(type)?.groups ?? {};
  if (apiVersion === undefined || kind === undefined) return undefined;
  return /^helm\.sh\//.test(apiVersion) && /^(Release|Chart)$/.test(kind)
    ? helmReleaseTarget(resource, { apiVersion, kind })
    : kubernetesTarget(resource, { apiVersion: apiVersion.replace(/^core\//, ""), kind });
}

/** The stack resource with its outputs, which it has only at the end. Undefined for all other resources. */
export function stackTargetOf({ type, name, props }: PolicyInput): PolicyTarget | undefined {
  if (type !== STACK) return undefined;
  const spec = lazily({}, { outputs: () => props });
  return { at: "Stack", object: { apiVersion: SYNTHETIC_API_VERSION, kind: "Stack", metadata: { name }, spec } };
}

interface ObjectType {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A release as an object with its inputs as spec. */
function helmReleaseTarget({ name, props }: PolicyInput, type: ObjectType): PolicyTarget {
  const metadata = identity({ name: () => props["name"], namespace: () => props["namespace"] }, name);
  return {
    at: `${type.kind} ${title(metadata)} inputs`,
    object: { ...type, metadata, spec: props },
  };
}

function kubernetesTarget({ name, props, opts }: PolicyInput, type: ObjectType): PolicyTarget {
  const named = identity(
    { name: () => props["metadata"]?.["name"], namespace: () => props["metadata"]?.["namespace"] },
    name,
  );
  const metadata = lazily(named, {
    labels: () => props["metadata"]?.["labels"],
    annotations: () => props["metadata"]?.["annotations"],
  });
  const keys = Object.keys(props).filter((key) => !["apiVersion", "kind", "metadata", "status"].includes(key));
  const read = Object.fromEntries(keys.map((key) => [key, () => props[key]]));
  const object: TargetObject = lazily({ ...type, metadata }, read);
  return {
    at: `${type.kind} ${title(named)}${type.kind === "ClusterDeployment" ? " spec.config" : ""}`,
    object,
    ...(opts?.protect === undefined ? {} : { options: { protect: opts.protect } }),
  };
}

/** Adds properties that are read on access, so that an unknown value stops only the rules that read it. */
function lazily<T extends object>(known: T, keys: Readonly<Record<string, () => unknown>>): T {
  const described = Object.entries(keys).map(([key, get]) => [key, { get, enumerable: true }]);
  return Object.defineProperties({ ...known }, Object.fromEntries(described)) as T;
}

interface ObjectIdentity {
  readonly name: string;
  readonly namespace?: string;
}

/** The known name and namespace; for an unknown name, the resource's name in the program. */
function identity(read: { name: () => unknown; namespace: () => unknown }, fallback: string): ObjectIdentity {
  const namespace = known(read.namespace);
  return { name: known(read.name) ?? fallback, ...(namespace === undefined ? {} : { namespace }) };
}

function known(read: () => unknown): string | undefined {
  try {
    const value = read();
    return typeof value === "string" ? value : undefined;
  } catch (error) {
    if (error instanceof policy.UnknownValueError) return undefined;
    throw error;
  }
}

function title({ name, namespace }: ObjectIdentity): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
