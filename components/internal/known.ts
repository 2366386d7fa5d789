import type pulumi from "@pulumi/pulumi";

/** Whether an output has a value in this run: a preview does not know what it would create. The SDK has no public API for it. */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}
