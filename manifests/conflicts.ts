/** Existing objects with the names of a stack's objects that the stack does not manage. */
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Violation } from "../policy/rules/violation.ts";
import { type Manifest, STACK_LABEL } from "./manifest.ts";

/** Remedies for objects with fixed names. */
const REMEDIES: Readonly<Record<string, string>> = {
  Namespace: "set management.adopt: true to use the kcm in it, or delete the namespace if it is unused",
  Management: "set management.adopt: true to use the existing kcm",
};

/** Selects the objects without the label of the stack `identity`, which is `<project>.<stack>`. */
export function unmanagedSelector(identity: string): string {
  // Helm's release records are large Secrets.
  return `${STACK_LABEL}!=${identity},owner!=helm`;
}

/** One manifest of each kind, to list its objects. */
export function kindsOf(manifests: readonly Manifest[]): Manifest[] {
  return [...new Map(manifests.map((one) => [`${one.apiVersion} ${one.kind}`, one])).values()];
}

/** A violation for each of the `live` objects of {@link unmanagedSelector} with the name of a manifest. */
export function conflictViolations(live: readonly KubernetesObject[], manifests: readonly Manifest[]): Violation[] {
  const own = new Set(manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  return live.flatMap((object): Violation[] => {
    const key = `${object.kind}/${object.metadata.name}`;
    if (!own.has(key)) return [];
    const owner = object.metadata.labels?.[STACK_LABEL];
    return [
      {
        path: `${object.metadata.namespace ?? ""}/${key}`.replace(/^\//, ""),
        reason: owner === undefined ? "exists and is not managed by this stack" : `is managed by the stack ${owner}`,
        remedy: REMEDIES[object.kind] ?? "use another name in the stack file, or delete the object if it is unused",
      },
    ];
  });
}
