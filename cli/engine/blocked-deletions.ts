/** Objects of a management cluster whose deletion is blocked, printed during a destroy. */

import { connectKubernetes } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import { at, type KubernetesObject } from "../../kubernetes/object.ts";
import { finalizerOwner } from "../../operations/diagnoses/deletion.ts";
import { readSnapshot, SNAPSHOT_KINDS } from "../../operations/snapshot.ts";
import { age } from "../output/tree.ts";

/** More lines are only counted. */
const LINES = 12;

/** A line per object that is being deleted, longest first; or one with the reason why they are unknown. */
export async function blockedDeletions(kubeconfig: string): Promise<string[]> {
  try {
    const client = await connectKubernetes({ kubeconfig: readKubeconfig(kubeconfig) });
    const [snapshot, namespaces] = await Promise.all([readSnapshot(client), client.list(KINDS.Namespace)]);
    const objects = [...namespaces, ...SNAPSHOT_KINDS.flatMap((kind) => snapshot.objects[kind])];
    const deleted = objects
      .flatMap((object) => {
        const since = object.metadata.deletionTimestamp;
        return since === undefined ? [] : [{ object, since }];
      })
      .sort((one, other) => one.since.localeCompare(other.since));
    const lines = deleted.map(({ object, since }) => blockedLine(object, age(since, snapshot.takenAt)));
    return lines.length <= LINES ? lines : [...lines.slice(0, LINES), `and ${lines.length - LINES} more`];
  } catch (error) {
    return [`blocked deletions are unknown: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function blockedLine(
  { kind, metadata: { name, finalizers = [] }, status, spec }: KubernetesObject,
  since: string,
): string {
  // A namespace reports its remaining content itself.
  const conditions = (at(status, "conditions") ?? []) as { status: string; type: string; message?: string }[];
  const left = conditions.find(({ type, status }) => /Remaining$/.test(type) && status === "True")?.message;
  const own = (at(spec, "finalizers") ?? []) as string[];
  const blockers = finalizers.map((one) => `${one} (${finalizerOwner(one)})`);
  const why =
    kind === "Namespace"
      ? (left ?? own.join(", "))
      : blockers.length > 0
        ? `blocked by ${blockers.join(", ")}`
        : "without finalizers";
  return `${kind} ${name}: being deleted for ${since}, ${why}`;
}
