/** The few calls that Pulumi's provider has no resource for. Loaded only where one is made: the client costs half a second. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import type { LiveObject } from "../../manifests/conflicting-object.ts";

export type { LiveObject };

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface KubernetesApi {
  /** The object, or undefined where it, its kind or its namespace is not there. */
  read(reference: ObjectReference): Promise<LiveObject | undefined>;
  /** All objects of a kind in a namespace that a label selector picks; none where the kind is not there. */
  list(kind: { apiVersion: string; kind: string; namespace?: string }, selector: string): Promise<LiveObject[]>;
  /** Merges `change` into the object. */
  merge(reference: ObjectReference, change: object): Promise<void>;
  /** Makes an object; one that is there already stays as it is. */
  create(object: ObjectReference): Promise<void>;
  /** Writes the object back whole; false when somebody else wrote it since it was read. */
  replace(object: LiveObject): Promise<boolean>;
}

/** How to reach an API server. */
export interface Access {
  /** Text of a kubeconfig; undefined: the credentials that a pod of the cluster has. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** Where previews look when the kubeconfig is not there: nothing listens on it, and nothing is sent to it. */
export const NOWHERE = `apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nowhere}}]
users: [{name: nowhere, user: {}}]
`;

/** Codes of a server that will answer in a moment: definitions that have just changed make it do so, and what stands before it. */
const BUSY = [429, 503];
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/** Connects on first use. A server that is busy is asked again for half a minute. */
export async function connect(access: Access): Promise<KubernetesApi> {
  const { KubeConfig, KubernetesObjectApi, PatchStrategy } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (access.kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromString(access.kubeconfig);
  if (access.context !== undefined) config.setCurrentContext(access.context);
  const client = KubernetesObjectApi.makeApiClient(config);
  const live = (object: KubernetesObject) => object as unknown as LiveObject;
  const plain = (reference: ObjectReference) =>
    reference as unknown as KubernetesObject & { metadata: { name: string } };
  return {
    read: async (reference) => orUndefined(async () => live(await client.read(plain(reference)))),
    list: async ({ apiVersion, kind, namespace }, selector) => {
      const found = await orUndefined(() =>
        client.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, selector),
      );
      // The items of a list do not say what they are.
      return (found?.items ?? []).map((item) => ({ ...live(item), apiVersion, kind }));
    },
    merge: async (reference, change) => {
      const patch = { apiVersion: reference.apiVersion, kind: reference.kind, metadata: reference.metadata };
      await patiently(() =>
        client.patch(
          { ...patch, ...change } as unknown as KubernetesObject,
          undefined,
          undefined,
          undefined,
          undefined,
          PatchStrategy.MergePatch,
        ),
      );
    },
    create: async (object) => {
      try {
        await patiently(() => client.create(plain(object)));
      } catch (error) {
        if (codeOf(error) !== 409) throw error;
      }
    },
    replace: async (object) => {
      try {
        await patiently(() => client.replace(object as unknown as KubernetesObject));
        return true;
      } catch (error) {
        if (codeOf(error) === 409) return false;
        throw error;
      }
    },
  };
}

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!BUSY.includes(codeOf(error) ?? 0) || Date.now() > until) throw error;
    }
  }
}

async function orUndefined<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await patiently(call);
  } catch (error) {
    if (codeOf(error) === 404 || /Unrecognized API version and kind/.test(String(error))) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "number"
    ? error.code
    : undefined;
}

/** A short reason out of whatever a client throws: never the response's headers or the request's. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${message.split("\n")[0]}${cause}`;
}
