/** What is being deleted in a management cluster and does not go: said while somebody waits for it. */

import { connectKubernetes } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import { at, type KubernetesObject } from "../../kubernetes/object.ts";
import { finalizerOwner } from "../../operations/diagnoses/deletion.ts";
import { readSnapshot, SNAPSHOT_KINDS } from "../../operations/snapshot.ts";
import { age } from "../output/tree.ts";

/** More lines than these are not read. */
const LINES = 12;

/** A line for each object that is being deleted, the one that waits longest first; or one that says why nothing is known. */
export async function blockedDeletions(kubeconfig: string): Promise<string[]> {
  try {
    const client = await connectKubernetes({ kubeconfig: readKubeconfig(kubeconfig) });
    const [snapshot, namespaces] = await Promise.all([readSnapshot(client), client.list(KINDS.Namespace)]);
    const objects = [...namespaces, ...SNAPSHOT_KINDS.flatMap((kind) => snapshot.objects[kind])];
    const leaving = objects
      .flatMap((object) => {
        const since = object.metadata.deletionTimestamp;
        return since === undefined ? [] : [{ object, since }];
      })
      .sort((one, other) => one.since.localeCompare(other.since));
    const lines = leaving.map(({ object, since }) => heldLine(object, age(since, snapshot.takenAt)));
    return lines.length <= LINES ? lines : [...lines.slice(0, LINES), `and ${lines.length - LINES} more`];
  } catch (error) {
    return [`what is held could not be asked: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function heldLine(
  { kind, metadata: { name, finalizers = [] }, status, spec }: KubernetesObject,
  since: string,
): string {
  // A namespace says itself what is left in it.
  const conditions = (at(status, "conditions") ?? []) as { status: string; type: string; message?: string }[];
  const left = conditions.find(({ type, status }) => /Remaining$/.test(type) && status === "True")?.message;
  const own = (at(spec, "finalizers") ?? []) as string[];
  const held = finalizers.map((one) => `${one} (${finalizerOwner(one)})`);
  const why =
    kind === "Namespace"
      ? (left ?? own.join(", "))
      : held.length > 0
        ? `held by ${held.join(", ")}`
        : "held by nothing";
  return `${kind} ${name}: being deleted for ${since}, ${why}`;
}
