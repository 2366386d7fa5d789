/** Resources of a Pulumi program as the objects that rules read. */
import policy from "@pulumi/policy";
import { type PolicyTarget, SYNTHETIC_API_VERSION, type TargetObject } from "./rules/rule.ts";

/** What a policy sees of a resource. Reading a property that a preview does not know throws UnknownValueError. */
export interface PolicyInput {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type for inputs of any shape
  readonly props: Readonly<Record<string, any>>;
  readonly opts?: { readonly protect?: boolean };
}

const TOKEN = /^kubernetes:(?<apiVersion>[^:]+):(?<kind>[^:]+)$/;

/** A resource as a rule's subject; undefined for what is no Kubernetes object and no Helm release. */
export function targetOf(resource: PolicyInput): PolicyTarget | undefined {
  const { type } = resource;
  const { apiVersion, kind } = TOKEN.exec(type)?.groups ?? {};
  if (apiVersion === undefined || kind === undefined) return undefined;
  return kind === "Release" && apiVersion === "helm.sh/v3"
    ? helmReleaseTarget(resource)
    : kubernetesTarget(resource, { apiVersion: apiVersion.replace(/^core\//, ""), kind });
}

/** The stack itself: it has outputs at the end of a run, and none when it is asked alone. Undefined for all else. */
export function stackTargetOf({ type, name, props }: PolicyInput): PolicyTarget | undefined {
  if (type !== "pulumi:pulumi:Stack") return undefined;
  const spec = lazily({}, { outputs: () => props });
  return { at: "Stack", object: { apiVersion: SYNTHETIC_API_VERSION, kind: "Stack", metadata: { name }, spec } };
}

/** A release is seen as an object with its inputs as spec. */
function helmReleaseTarget({ name, props }: PolicyInput): PolicyTarget {
  const metadata = identity({ name: () => props["name"], namespace: () => props["namespace"] }, name);
  return {
    at: `Release ${title(metadata)} inputs`,
    object: { apiVersion: "helm.sh/v3", kind: "Release", metadata, spec: props },
  };
}

function kubernetesTarget(
  { name, props, opts }: PolicyInput,
  type: { apiVersion: string; kind: string },
): PolicyTarget {
  const named = identity(
    { name: () => props["metadata"]?.["name"], namespace: () => props["metadata"]?.["namespace"] },
    name,
  );
  const metadata = lazily(named, {
    labels: () => props["metadata"]?.["labels"],
    annotations: () => props["metadata"]?.["annotations"],
  });
  const object: TargetObject = lazily(
    { ...type, metadata },
    { spec: () => props["spec"], data: () => props["data"], stringData: () => props["stringData"] },
  );
  return {
    at: `${type.kind} ${title(named)}${type.kind === "ClusterDeployment" ? " spec.config" : ""}`,
    object,
    ...(opts?.protect === undefined ? {} : { options: { protect: opts.protect } }),
  };
}

/** Keys that are read only when a rule asks, so that a value which is not known yet stops that rule and no other. */
function lazily<T extends object>(known: T, keys: Readonly<Record<string, () => unknown>>): T {
  const described = Object.entries(keys).map(([key, get]) => [key, { get, enumerable: true }]);
  return Object.defineProperties({ ...known }, Object.fromEntries(described)) as T;
}

interface Identity {
  readonly name: string;
  readonly namespace?: string;
}

/** Name and namespace as far as they are known; for a name that is not, the one that the program uses. */
function identity(read: { name: () => unknown; namespace: () => unknown }, fallback: string): Identity {
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

function title({ name, namespace }: Identity): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
