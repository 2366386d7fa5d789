import type pulumi from "@pulumi/pulumi";

/** Whether an output has its value in this run: a preview does not know what it would make. The SDK has no public word for it. */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}
