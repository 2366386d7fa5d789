/** Resources of Pulumi's Kubernetes provider as the objects that rules read. */
import policy from "@pulumi/policy";
import type { RuledObject, Subject } from "./rules/rule.ts";

/** What a policy sees of a resource. Reading a property that a preview does not know throws UnknownValueError. */
export interface PolicyInput {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type for inputs of any shape
  readonly props: Readonly<Record<string, any>>;
}

const TOKEN = /^kubernetes:(?<apiVersion>[^:]+):(?<kind>[^:]+)$/;

/** A resource as a rule's subject; undefined for what is no Kubernetes object and no Helm release. */
export function subjectOf(resource: PolicyInput): Subject | undefined {
  const { apiVersion, kind } = TOKEN.exec(resource.type)?.groups ?? {};
  if (apiVersion === undefined || kind === undefined) return undefined;
  return kind === "Release" && apiVersion === "helm.sh/v3"
    ? releaseSubject(resource)
    : objectSubject(resource, { apiVersion: apiVersion.replace(/^core\//, ""), kind });
}

/** A release is seen as an object with its inputs as spec. */
function releaseSubject({ name, props }: PolicyInput): Subject {
  const metadata = identity({ name: () => props["name"], namespace: () => props["namespace"] }, name);
  return {
    at: `Release ${title(metadata)} inputs`,
    object: { apiVersion: "helm.sh/v3", kind: "Release", metadata, spec: props },
  };
}

function objectSubject({ name, props }: PolicyInput, type: { apiVersion: string; kind: string }): Subject {
  const named = identity(
    { name: () => props["metadata"]?.["name"], namespace: () => props["metadata"]?.["namespace"] },
    name,
  );
  const object: RuledObject = {
    ...type,
    // Read only when a rule asks, so that a value which is not known yet stops that rule and no other.
    metadata: Object.defineProperty({ ...named }, "labels", { get: () => props["metadata"]?.["labels"] }),
    get spec() {
      return props["spec"];
    },
    get data() {
      return props["data"];
    },
  };
  return { at: `${type.kind} ${title(named)}${type.kind === "ClusterDeployment" ? " spec.config" : ""}`, object };
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
