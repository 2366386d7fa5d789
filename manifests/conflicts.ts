/** Objects of a stack's names that are not the stack's own. */

import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Violation } from "../policy/rules/violation.ts";
import { type Manifest, STACK_LABEL } from "./manifest.ts";

/** Objects whose names are not the stack file's to choose. */
const REMEDIES: Readonly<Record<string, string>> = {
  Namespace: "set management.adopt: true to use the kcm in it, or delete the namespace if it is unused",
  Management: "set management.adopt: true to use the existing kcm",
};

/** Picks the objects that do not carry the label of the stack `identity`, which is `<project>.<stack>`. */
export function foreignSelector(identity: string): string {
  // Helm's records are Secrets too, and large.
  return `${STACK_LABEL}!=${identity},owner!=helm`;
}

/** One manifest of each kind among them: where to look for objects of somebody else. */
export function kindsOf(manifests: readonly Manifest[]): Manifest[] {
  return [...new Map(manifests.map((one) => [`${one.apiVersion} ${one.kind}`, one])).values()];
}

/** A fault for each live object that has the name of one of `manifests`; `live` holds only what {@link foreignSelector} picks. */
export function foreignFaults(live: readonly KubernetesObject[], manifests: readonly Manifest[]): Violation[] {
  const ours = new Set(manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  return live.flatMap((object): Violation[] => {
    const key = `${object.kind}/${object.metadata.name}`;
    if (!ours.has(key)) return [];
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
