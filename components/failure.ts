import { AsyncLocalStorage } from "node:async_hooks";
import pulumi from "@pulumi/pulumi";
import { type KubernetesApi, type LiveObject, type ObjectReference, reasonOf } from "./kubernetes-api.ts";

/**
 * Lets a failed wait say what it waited for: the engine reports only that time ran out, the object knows why.
 * One hook serves all resources of a program: it is told which one failed.
 */
export function explainer(api: () => Promise<KubernetesApi>): pulumi.ErrorHook {
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

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Component {
  readonly success?: boolean;
  readonly error?: string;
}

/** What keeps an object of k0rdent from being ready, in its own words: components, then validity, then conditions. */
export function unready(object: LiveObject): string[] {
  const status = object.status ?? {};
  const { components, valid, validationError, conditions, observedGeneration } = status as {
    components?: Record<string, Component>;
    valid?: boolean;
    validationError?: string;
    conditions?: Condition[];
    observedGeneration?: number;
  };
  const reasons = [
    ...missingComponents(object, components ?? {}),
    ...Object.entries(components ?? {})
      .filter(([, { success }]) => success !== true)
      .map(([name, { error }]) => `component ${name}: ${error ?? "no success yet, and no error"}`),
    ...(valid === false ? [validationError ?? "not valid, with no reason given"] : []),
    ...(conditions ?? [])
      .filter((condition) => condition.status !== "True")
      .map(
        ({ type, status, reason, message }) =>
          `condition ${type} is ${status} (${[reason, message].filter(Boolean).join(": ")})`,
      ),
  ];
  const { generation } = object.metadata;
  if (generation !== undefined && observedGeneration !== undefined && observedGeneration < generation) {
    reasons.push(`its controller has seen generation ${observedGeneration} of ${generation}`);
  }
  if (reasons.length === 0 && conditions === undefined && valid === undefined)
    reasons.push("its controller has written no status yet");
  return reasons;
}

/** Providers that a Management names and that its status does not. */
function missingComponents(object: LiveObject, components: Record<string, Component>): string[] {
  if (object.kind !== "Management") return [];
  const named = (object.spec?.["providers"] ?? []) as { name: string }[];
  return named
    .filter(({ name }) => components[name] === undefined)
    .map(({ name }) => `component ${name}: not reported yet`);
}
