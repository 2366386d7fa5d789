import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { errorReason } from "../../kubernetes/errors.ts";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { formatCause, readiness } from "../../kubernetes/readiness.ts";

/**
 * Lets a failed wait say what it waited for: the engine reports only that time ran out, the object knows why.
 * One hook serves all resources of a program: it is told which one failed.
 */
export function createReadinessErrorHook(api: () => Promise<KubernetesClient>): pulumi.ErrorHook {
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const explain = async ({ newInputs }: pulumi.ErrorHookArgs) => {
    const reference = newInputs as ObjectReference | undefined;
    if (reference?.kind === undefined || reference.metadata?.name === undefined) return false;
    const { kind, metadata } = reference;
    try {
      const { status, message, causes } = readiness(await (await api()).get(reference));
      // No reason is left where the object became ready since, or where the failure was not a wait: the engine's words stand alone.
      if (status === "Current") return false;
      await pulumi.log.error(`${kind} ${metadata.name} is ${status}: ${causes.map(formatCause).join("; ") || message}`);
    } catch (error) {
      await pulumi.log.warn(`${kind} ${metadata.name}: why it failed could not be asked (${errorReason(error)})`);
    }
    return false;
  };
  return new pulumi.ErrorHook("why it is not ready", (args) => inProgram(explain, args));
}
