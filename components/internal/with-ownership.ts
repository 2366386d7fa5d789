import pulumi from "@pulumi/pulumi";
import { type Manifest, STACK_LABEL } from "../../manifests/manifest.ts";

/** The stack that owns an object: the value of its stack label, and the description of its Helm releases. */
export function stackIdentity(): string {
  return `${pulumi.getProject()}.${pulumi.getStack()}`;
}

/** Arguments of a CustomResource: the manifest with the stack's label, and with the conditions to wait for. */
export function customResource(manifest: Manifest, waitFor: readonly string[] = []) {
  const { apiVersion, kind, spec } = manifest;
  return { apiVersion, kind, metadata: withOwnership(manifest, waitFor), spec };
}

/** Metadata with the stack's label, and with the conditions to wait for. */
export function withOwnership(manifest: Manifest, waitFor: readonly string[] = []) {
  return {
    ...manifest.metadata,
    labels: { ...manifest.metadata.labels, [STACK_LABEL]: stackIdentity() },
    ...(waitFor.length === 0
      ? {}
      : { annotations: { ...manifest.metadata.annotations, "pulumi.com/waitFor": JSON.stringify(waitFor) } }),
  };
}
