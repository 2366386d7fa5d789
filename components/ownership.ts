import pulumi from "@pulumi/pulumi";
import { type Manifest, STACK_LABEL } from "../manifests/manifest.ts";
import { type Fault, formatFaults } from "../policy/rules/fault.ts";
import type { ManagementCluster } from "./management-cluster.ts";

/** Which stack an object belongs to: the value of its stack label, and the description of its Helm releases. */
export function stackIdentity(): string {
  return `${pulumi.getProject()}.${pulumi.getStack()}`;
}

/** Metadata with the stack's label, and with what to wait for where something is waited for. */
export function owned(manifest: Manifest, waitFor: readonly string[] = []) {
  return {
    ...manifest.metadata,
    labels: { ...manifest.metadata.labels, [STACK_LABEL]: stackIdentity() },
    ...(waitFor.length === 0
      ? {}
      : { annotations: { ...manifest.metadata.annotations, "pulumi.com/waitFor": JSON.stringify(waitFor) } }),
  };
}

/** Objects whose names are not the stack file's to choose. */
const REMEDIES: Readonly<Record<string, string>> = {
  Namespace: "set management.adopt: true to use the kcm in it, or remove the namespace if nobody needs it",
  Management: "set management.adopt: true to use the kcm that is there",
};

/**
 * Refuses to go on when an object of this stack's names exists and is not this stack's own: the program's provider takes up
 * what exists, which is right after an interrupted run and wrong for everybody else's objects. Asked in up only.
 *
 * @throws RunError naming every such object.
 */
export async function refuseForeign(cluster: ManagementCluster, manifests: readonly Manifest[]): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const api = await cluster.api();
  const kinds = new Map(manifests.map((manifest) => [`${manifest.apiVersion} ${manifest.kind}`, manifest]));
  const foreign = await Promise.all(
    [...kinds.values()].map(({ apiVersion, kind, metadata: { namespace } }) =>
      // Helm's records are Secrets too, and large.
      api.list(
        { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
        `${STACK_LABEL}!=${stackIdentity()},owner!=helm`,
      ),
    ),
  );
  const ours = new Set(manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const faults = foreign.flat().flatMap((object): Fault[] => {
    const key = `${object.kind}/${object.metadata.name}`;
    if (!ours.has(key)) return [];
    const owner = object.metadata.labels?.[STACK_LABEL];
    return [
      {
        path: `${object.metadata.namespace ?? ""}/${key}`.replace(/^\//, ""),
        reason: owner === undefined ? "exists and was not made by this stack" : `belongs to the stack ${owner}`,
        remedy:
          REMEDIES[object.kind] ?? "choose another name in the stack file, or remove the object if nobody needs it",
      },
    ];
  });
  if (faults.length > 0) throw new pulumi.RunError(formatFaults("objects of somebody else are in the way:", faults));
}
