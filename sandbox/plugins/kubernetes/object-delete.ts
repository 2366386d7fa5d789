import { type DeleteCall, InitializationError } from "../provider.ts";
import { isMissing } from "./api-errors.ts";
import { problemOf, waitOptions } from "./await-ready.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { Context } from "./context.ts";
import { resourceOf } from "./live-object.ts";
import { isPatch, metadataOf, nameOf, namespaceOf } from "./object-names.ts";
import { waitUntilGone } from "./waiter.ts";
import { deleteObject, relinquish } from "./writes.ts";

export async function deleteObjectResource(context: Context, call: DeleteCall): Promise<void> {
  const { client, unreachable, deleteUnreachable } = context.settings;
  const { inputs, live, fieldManager, initialApiVersion } = readCheckpoint(call.state);
  if (!client || unreachable) {
    await context.engine.log("warning", `configured Kubernetes cluster is unreachable: ${unreachable}`, call.urn);
    if (deleteUnreachable) {
      return;
    }
    throw new Error(
      'configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }
  if (isPatch(call.urn, inputs)) {
    await relinquish(client, live, fieldManager);
    return;
  }
  try {
    await deleteObject(client, live, inputs);
  } catch (error) {
    if (isMissing(error)) {
      return;
    }
    throw error;
  }
  const collection = client.path(await resourceOf(client, live), { namespace: namespaceOf(live) });
  const waited = await waitUntilGone(
    { client, collection, name: nameOf(live) },
    waitOptions(context, { urn: call.urn, inputs, timeout: call.timeout }),
  );
  if (!waited.met) {
    const finalizers = metadataOf(waited.live ?? {})["finalizers"];
    await context.engine.log(
      "warning",
      `finalizers might be preventing deletion (${Array.isArray(finalizers) ? finalizers.join(", ") : ""})`,
      call.urn,
    );
    const state = writeCheckpoint({ inputs, live: waited.live ?? live, fieldManager, initialApiVersion }, call.state);
    throw new InitializationError(problemOf(context), { id: call.id, state });
  }
}
