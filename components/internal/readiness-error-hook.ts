import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { errorReason } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { at, type ObjectReference } from "../../kubernetes/object.ts";
import { PENDING_SELECTOR, pendingReleases } from "../../kubernetes/pending-releases.ts";
import { formatCause, readiness } from "../../kubernetes/readiness.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import { errorHook } from "./hooks.ts";

/**
 * Explains a failed wait, and a Helm release that is pending: the engine reports only a timeout, the object has the reason. One hook serves all resources of a
 * program, since it receives the inputs of the one that failed.
 */
export function readinessErrorHook(api: () => Promise<KubernetesClient>): pulumi.ErrorHook[] {
  return errorHook("explain-not-ready", async ({ newInputs }) => {
    if (at(newInputs, "chart") !== undefined) return explainPending(api);
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

/** Helm says that another operation is in progress, and not that it may have been killed. */
async function explainPending(api: () => Promise<KubernetesClient>): Promise<void> {
  try {
    const options = { labelSelector: PENDING_SELECTOR, metadataOnly: true };
    const secrets = await (await api()).list({ ...KINDS.Secret, namespace: NAMESPACE }, options);
    for (const { text, remedy } of pendingReleases(secrets))
      await pulumi.log.error(printableLine(`${text}; ${remedy}`));
  } catch (error) {
    await pulumi.log.warn(printableLine(`the Helm releases cannot be read (${errorReason(error)})`));
  }
}
