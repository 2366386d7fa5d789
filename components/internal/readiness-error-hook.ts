import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { errorReason } from "../../kubernetes/errors.ts";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { formatCause, readiness } from "../../kubernetes/readiness.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import { errorHook } from "./hooks.ts";

/**
 * Explains a failed wait: the engine reports only a timeout, the object has the reason. One hook serves all resources of a
 * program, since it receives the inputs of the one that failed.
 */
export function readinessErrorHook(api: () => Promise<KubernetesClient>): pulumi.ErrorHook[] {
  return errorHook("explain-not-ready", async ({ newInputs }) => {
    const reference = newInputs as ObjectReference | undefined;
    if (reference?.kind === undefined || reference.metadata?.name === undefined) return;
    const { kind, metadata } = reference;
    try {
      const { status, message, causes } = readiness(await (await api()).get(reference));
      // A current object became ready since, or the failure was not a wait: the engine's message is enough.
      if (status === "Current") return;
      const why = causes.map(formatCause).join("; ") || message;
      await pulumi.log.error(printableLine(`${kind} ${metadata.name} is ${status}: ${why}`));
    } catch (error) {
      await pulumi.log.warn(
        printableLine(`${kind} ${metadata.name}: its status cannot be read (${errorReason(error)})`),
      );
    }
  });
}
