import { revealMap, type ValueMap } from "../property-values.ts";
import { type CreateCall, InitializationError, type UpdateCall } from "../provider.ts";
import { ApiError } from "./api-client.ts";
import { hasAlready, NamespaceMissingError } from "./api-errors.ts";
import { awaitReady, type Waited } from "./await-ready.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { Context } from "./context.ts";
import { NoMatchError } from "./discovery.ts";
import { fieldManagerOf } from "./field-managers.ts";
import { readLive } from "./live-object.ts";
import { normalize } from "./normalize.ts";
import { idOf, isPatch, nameOf } from "./object-names.ts";
import { canPreview, createObject, relinquish, updateObject, type Write } from "./writes.ts";

export async function createObjectResource(
  context: Context,
  call: CreateCall,
): Promise<{ id: string; state: ValueMap }> {
  const inputs = revealMap(call.inputs);
  const { client, unreachable } = context.settings;
  const reachable = unreachable ? undefined : client;
  if (call.preview && (isPatch(call.urn, inputs) || !(await canPreview(reachable, inputs)))) {
    return { id: "", state: call.inputs };
  }
  if (!reachable) {
    throw new Error(`configured Kubernetes cluster is unreachable: ${unreachable}`);
  }
  const write = writeOf(context, { ...call, inputs }, fieldManagerOf(inputs, ""));
  let created: ValueMap;
  try {
    created = await createObject(write);
  } catch (error) {
    if (call.preview && isSilent(error)) {
      return { id: "", state: call.inputs };
    }
    throw error instanceof NoMatchError
      ? new Error(
          `creation of resource "${call.urn}" with kind ${inputs["apiVersion"]}/${inputs["kind"]} failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
        )
      : new Error(
          `resource "${call.urn}" was not successfully created by the Kubernetes API server: ${(error as Error).message}`,
        );
  }
  const checkpoint = { inputs, fieldManager: write.fieldManager, initialApiVersion: String(inputs["apiVersion"]) };
  if (call.preview) {
    const { status, ...live } = created;
    return { id: "", state: writeCheckpoint({ ...checkpoint, live }, call.inputs) };
  }
  const waited = await awaitReady(context, { urn: call.urn, inputs, object: created, timeout: call.timeout }).catch(
    (error: Error) => {
      throw new Error(
        `resource "${call.urn}" was not successfully created by the Kubernetes API server: ${error.message}`,
      );
    },
  );
  const state = writeCheckpoint({ ...checkpoint, live: waited.live }, call.inputs);
  if (waited.problem) {
    throw new InitializationError(
      `resource "${call.urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ${waited.problem}`,
      { id: idOf(created), state, reasons: waited.details },
    );
  }
  return { id: idOf(created), state };
}

export async function updateObjectResource(context: Context, call: UpdateCall): Promise<ValueMap> {
  const inputs = normalize(revealMap(call.inputs));
  const { client, unreachable } = context.settings;
  const reachable = unreachable ? undefined : client;
  if (call.preview && !(await canPreview(reachable, inputs))) {
    return call.inputs;
  }
  if (!reachable) {
    throw new Error(`configured Kubernetes cluster is unreachable: ${unreachable}`);
  }
  const old = readCheckpoint(call.olds);
  const write = writeOf(context, { ...call, inputs }, fieldManagerOf(inputs, old.fieldManager));
  const checkpoint = { inputs, fieldManager: write.fieldManager, initialApiVersion: old.initialApiVersion };
  let waited: Waited;
  try {
    const updated = await updateObject(write, nameOf(old.live), call.ignoreChanges);
    waited = call.preview
      ? { live: updated }
      : await awaitReady(context, { urn: call.urn, inputs, object: updated, timeout: call.timeout });
  } catch (error) {
    if (call.preview && error instanceof ApiError && error.code === 403) {
      return call.inputs;
    }
    if (error instanceof NoMatchError) {
      throw new Error(
        `update of resource "${call.urn}" failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
      );
    }
    const problem = (error as Error).message;
    const live = await readLive(reachable, old.live).catch((second: Error) => {
      throw new Error(
        `update of resource "${call.urn}" failed: ${problem}\nunable to get cluster state: ${second.message}`,
      );
    });
    waited = { live, problem };
  }
  const state = writeCheckpoint({ ...checkpoint, live: waited.live }, call.inputs);
  if (waited.problem) {
    const id = idOf(waited.live);
    throw new InitializationError(
      `the Kubernetes API server reported that "${id}" failed to fully initialize or become live: ${waited.problem}`,
      { id, state, reasons: waited.details ?? [] },
    );
  }
  if (!call.preview && old.fieldManager && old.fieldManager !== write.fieldManager) {
    await relinquish(reachable, waited.live, old.fieldManager);
  }
  return state;
}

function writeOf(
  context: Context,
  call: { urn: string; inputs: ValueMap; preview: boolean },
  fieldManager: string,
): Write {
  const { client, upsertExistingObjects, patchForce } = context.settings;
  if (!client) {
    throw new Error("configured Kubernetes cluster is unreachable");
  }
  return {
    client,
    urn: call.urn,
    inputs: call.inputs,
    fieldManager,
    preview: call.preview,
    upsert: upsertExistingObjects,
    patchForce,
    signal: context.signal,
    tell: (message) => void context.engine.status(message, call.urn),
  };
}

/** What a preview keeps to itself, as the real plugin does. */
function isSilent(error: unknown): boolean {
  return (
    error instanceof NamespaceMissingError || hasAlready(error) || (error instanceof ApiError && error.code === 403)
  );
}
