import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import { unready } from "../../manifests/conflicting-object.ts";
import { type KubernetesApi, type ObjectReference, reasonOf } from "./kubernetes-api.ts";

/**
 * Lets a failed wait say what it waited for: the engine reports only that time ran out, the object knows why.
 * One hook serves all resources of a program: it is told which one failed.
 */
export function createReadinessErrorHook(api: () => Promise<KubernetesApi>): pulumi.ErrorHook {
  // The engine calls back from outside the program, where an inline program's log leads nowhere.
  const inProgram = AsyncLocalStorage.snapshot();
  const explain = async ({ newInputs }: pulumi.ErrorHookArgs) => {
    const reference = newInputs as ObjectReference | undefined;
    if (reference?.kind === undefined || reference.metadata?.name === undefined) return false;
    const { kind, metadata } = reference;
    try {
      const object = await (await api()).read(reference);
      const reasons = object === undefined ? ["it is not there"] : unready(object);
      // No reason is left where the object became ready since, or where the failure was not a wait: the engine's words stand alone.
      if (reasons.length > 0) await pulumi.log.error(`${kind} ${metadata.name} is not ready: ${reasons.join("; ")}`);
    } catch (error) {
      await pulumi.log.warn(`${kind} ${metadata.name}: why it failed could not be asked (${reasonOf(error)})`);
    }
    return false;
  };
  return new pulumi.ErrorHook("why it is not ready", (args) => inProgram(explain, args));
}
