/** What is being deleted in a management cluster and does not go: said while somebody waits for it. */
import { holderOf } from "../../operations/diagnoses/deletion.ts";
import { KIND_NAMES } from "../../operations/kinds.ts";
import { at, type LiveObject } from "../../operations/live-object.ts";
import { readSnapshot } from "../../operations/snapshot.ts";
import { age } from "../output/tree.ts";
import { openApiServer } from "../stack/api-server.ts";

/** More lines than these are not read. */
const LINES = 12;

/** A line for each object that is being deleted, the one that waits longest first; or one that says why nothing is known. */
export async function blockedDeletions(kubeconfig: string): Promise<string[]> {
  try {
    const server = await openApiServer(kubeconfig);
    const [snapshot, { body }] = await Promise.all([readSnapshot(server), server.ask("/api/v1/namespaces")]);
    const namespaces = ((at(body, "items") ?? []) as LiveObject[]).map((one) => ({ ...one, kind: "Namespace" }));
    const objects = [...namespaces, ...KIND_NAMES.flatMap((kind) => snapshot.objects[kind])];
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

function heldLine({ kind, metadata: { name, finalizers = [] }, status, spec }: LiveObject, since: string): string {
  // A namespace says itself what is left in it.
  const conditions = (at(status, "conditions") ?? []) as { status: string; type: string; message?: string }[];
  const left = conditions.find(({ type, status }) => /Remaining$/.test(type) && status === "True")?.message;
  const own = (at(spec, "finalizers") ?? []) as string[];
  const held = finalizers.map((one) => `${one} (${holderOf(one)})`);
  const why =
    kind === "Namespace"
      ? (left ?? own.join(", "))
      : held.length > 0
        ? `held by ${held.join(", ")}`
        : "held by nothing";
  return `${kind} ${name}: being deleted for ${since}, ${why}`;
}
