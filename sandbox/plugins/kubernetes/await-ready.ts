import type { ValueMap } from "../property-values.ts";
import type { Context } from "./context.ts";
import { resourceOf } from "./live-object.ts";
import { annotation, nameOf, namespaceOf } from "./object-names.ts";
import { builtInCondition } from "./readiness.ts";
import { requestedCondition } from "./wait-for.ts";
import { waitUntil } from "./waiter.ts";

const TIMED_OUT = "timed out waiting for the condition";

export interface Waited {
  live: ValueMap;
  problem?: string;
  details?: string[];
}

export interface Waiting {
  urn: string;
  inputs: ValueMap;
  timeout: number;
}

/** Waits for what the annotation asks for, else for what the kind needs; `problem` says that it did not come. */
export async function awaitReady(context: Context, waiting: Waiting & { object: ValueMap }): Promise<Waited> {
  const { object, inputs } = waiting;
  if (annotation(inputs, "skipAwait") === "true" || !context.settings.client) {
    return { live: object };
  }
  const condition = requestedCondition(object) ?? builtInCondition(object);
  if (!condition) {
    return { live: object };
  }
  const client = context.settings.client;
  const collection = client.path(await resourceOf(client, object), { namespace: namespaceOf(object) });
  const waited = await waitUntil(
    { client, collection, name: nameOf(object) },
    condition,
    waitOptions(context, waiting),
  );
  const live = waited.live ?? object;
  return waited.met ? { live } : { live, problem: problemOf(context), details: waited.missing ? [waited.missing] : [] };
}

export function problemOf(context: Context): string {
  return context.signal.aborted ? "Resource operation was cancelled" : TIMED_OUT;
}

export function waitOptions(context: Context, waiting: Waiting) {
  const annotated = Number(annotation(waiting.inputs, "timeoutSeconds"));
  return {
    timeout: Math.floor(waiting.timeout) || annotated || 600,
    signal: context.signal,
    tell: (message: string) => void context.engine.status(message, waiting.urn),
  };
}
