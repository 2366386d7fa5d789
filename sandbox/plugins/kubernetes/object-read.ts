import { markSecrets, revealMap, type ValueMap } from "../property-values.ts";
import { InitializationError, type ReadCall, type ReadResult } from "../provider.ts";
import { isMissing } from "./api-errors.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { Context } from "./context.ts";
import { prune } from "./diff.ts";
import { fieldManagerOf } from "./field-managers.ts";
import { readLive } from "./live-object.ts";
import { normalize } from "./normalize.ts";
import { annotation, nameOf, namespaceOf, typeOf, withMetadata } from "./object-names.ts";
import { builtInCondition, isWatchedOnRead } from "./readiness.ts";

export async function readObjectResource(context: Context, call: ReadCall): Promise<ReadResult> {
  const { client, unreachable, deleteUnreachable } = context.settings;
  const gone: ReadResult = { id: "", state: {}, inputs: {} };
  if (!client || unreachable) {
    await context.engine.log("warning", `configured Kubernetes cluster is unreachable: ${unreachable}`, call.urn);
    if (deleteUnreachable) {
      return gone;
    }
    throw new Error(
      'failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }
  const [namespace, name] = call.id.includes("/") ? call.id.split("/") : ["", call.id];
  const old = readCheckpoint(call.state);
  let inputs = normalize(revealMap(call.inputs));
  const imported = !inputs["kind"] && !old.live["kind"];
  if (!inputs["kind"]) {
    const gvk = typeOf(call.urn);
    const apiVersion = old.live["apiVersion"] ?? (gvk.group ? `${gvk.group}/${gvk.version}` : gvk.version);
    const identity = { name: nameOf(inputs) || (name ?? ""), namespace: namespaceOf(inputs) || namespace || undefined };
    inputs = withMetadata(
      { ...inputs, apiVersion, kind: old.live["kind"] ?? gvk.kind.replace(/(?<=.)Patch$/, "") },
      identity,
    );
  }
  let live: ValueMap;
  try {
    live = await readLive(client, inputs, name);
  } catch (error) {
    if (isMissing(error)) {
      return gone;
    }
    throw error;
  }
  const liveInputs = imported ? importedInputs(live) : (prune(live, inputs) as ValueMap);
  const checkpoint = {
    inputs: liveInputs,
    live,
    fieldManager: fieldManagerOf(inputs, old.fieldManager),
    initialApiVersion: old.initialApiVersion || String(inputs["apiVersion"]),
  };
  const result = {
    id: call.id,
    state: writeCheckpoint(checkpoint, call.inputs),
    inputs: markSecrets(liveInputs, call.inputs),
  };
  const verdict =
    !imported && isWatchedOnRead(live) && annotation(inputs, "skipAwait") !== "true"
      ? builtInCondition(live)?.(live)
      : undefined;
  if (verdict && !verdict.met) {
    throw new InitializationError(`Resource '${nameOf(live)}' was created but failed to initialize`, {
      ...result,
      reasons: verdict.message ? [verdict.message] : [],
    });
  }
  return result;
}

/** Inputs of an object that was made elsewhere: all that a program could have written. */
function importedInputs(live: ValueMap): ValueMap {
  const { status, ...rest } = live;
  return normalize(rest);
}
