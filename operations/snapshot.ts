/** Everything of the clusters at one moment: one list a kind, however many clusters there are. */
import { STACK_LABEL } from "../manifests/manifest.ts";
import { NAMESPACE } from "../manifests/names.ts";
import { KIND_NAMES, KINDS, type Kind, type KindName, listPath } from "./kinds.ts";
import type { LiveEvent, LiveObject } from "./live-object.ts";

/** What is asked of an API server here. */
export interface Source {
  /** Like https://127.0.0.1:6443. */
  readonly address: string;
  /** Answers with the code and the JSON of the body, whatever the code; rejects where the server does not answer at all. */
  ask(path: string, accept?: string): Promise<{ readonly code: number; readonly body: unknown }>;
}

/** A kind of which nothing is known, and why. */
export interface Gap {
  readonly kind: KindName;
  readonly why: "not served" | "forbidden" | "failed";
  /** The API server's words. */
  readonly message: string;
}

export interface Snapshot {
  readonly server: string;
  readonly namespace: string;
  /** When it was taken, RFC 3339: ages are counted from here. */
  readonly takenAt: string;
  readonly objects: Readonly<Record<KindName, readonly LiveObject[]>>;
  /** Warnings that are still kept, an hour by default. */
  readonly events: readonly LiveEvent[];
  readonly gaps: readonly Gap[];
}

const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/**
 * Lists every kind once. A kind that the server does not have or does not show is a gap, not an error.
 *
 * @throws what `source` throws where the server does not answer.
 */
export async function readSnapshot(source: Source, namespace = NAMESPACE): Promise<Snapshot> {
  const takenAt = new Date().toISOString();
  const answers = await Promise.all(
    KIND_NAMES.map(async (name) => ({ name, answer: await listKind(source, { name, namespace }) })),
  );
  const gaps: Gap[] = [];
  const objects = Object.fromEntries(
    answers.map(({ name, answer }) => {
      if (Array.isArray(answer)) return [name, answer];
      gaps.push(answer);
      return [name, []];
    }),
  ) as Record<KindName, LiveObject[]>;
  const events = objects.Event as LiveEvent[];
  return { server: source.address, namespace, takenAt, objects: { ...objects, Event: [] }, events, gaps };
}

async function listKind(
  source: Source,
  { name, namespace }: { name: KindName; namespace: string },
): Promise<LiveObject[] | Gap> {
  const kind: Kind = KINDS[name];
  let message = "";
  for (const version of kind.versions) {
    const path = listPath(kind, version, namespace);
    const { code, body } = await source.ask(path, kind.metadataOnly ? METADATA_LIST : undefined);
    const apiVersion = kind.group === "" ? version : `${kind.group}/${version}`;
    if (code === 200) {
      // The items of a list do not say what they are.
      const { items } = body as { items: LiveObject[] | null };
      return (items ?? []).map((item) => ({ ...withoutContents(item, kind), apiVersion, kind: name }));
    }
    message = messageOf(body, code);
    if (code !== 404) return { kind: name, why: code === 401 || code === 403 ? "forbidden" : "failed", message };
  }
  return { kind: name, why: "not served", message };
}

/** A server that does not know how to leave contents out sends them all the same. */
function withoutContents(object: LiveObject, { metadataOnly }: Kind): LiveObject {
  return metadataOnly ? { apiVersion: "", kind: "", metadata: object.metadata } : object;
}

function messageOf(body: unknown, code: number): string {
  const message = typeof body === "object" && body !== null && "message" in body ? String(body.message) : "";
  return message || `the API server answered ${code}`;
}

/** Which clusters are meant; without a key: all. */
export interface Choice {
  /** `<project>.<stack>`. */
  readonly stack?: string | undefined;
  readonly cluster?: string | undefined;
}

/** The snapshot with only the ClusterDeployments (and the Clusters that outlived theirs) that are meant. Everything else stays. */
export function narrowed(snapshot: Snapshot, { stack, cluster }: Choice): Snapshot {
  const isMeant = ({ metadata }: LiveObject) =>
    (stack === undefined || metadata.labels?.[STACK_LABEL] === stack) &&
    (cluster === undefined || metadata.name === cluster);
  const { ClusterDeployment, Cluster } = snapshot.objects;
  const deployments = ClusterDeployment.filter(isMeant);
  const kept = new Set(deployments.map(({ metadata }) => metadata.name));
  return {
    ...snapshot,
    objects: {
      ...snapshot.objects,
      ClusterDeployment: deployments,
      Cluster: Cluster.filter((object) => kept.has(object.metadata.name) || isMeant(object)),
    },
  };
}
