import type pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { errorReason } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { at, type ObjectReference } from "../../kubernetes/object.ts";
import { PENDING_SELECTOR, pendingReleases } from "../../kubernetes/pending-releases.ts";
import { formatCause, readiness } from "../../kubernetes/readiness.ts";
import { secretTexts } from "../../kubernetes/secret-texts.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { errorHook } from "./hooks.ts";
import { log } from "./log.ts";

/**
 * Explains a failed wait, and a Helm release that is pending: the engine reports only a timeout, the object has the reason. One hook serves all resources of a
 * program, since it receives the inputs of the one that failed.
 */
export function readinessErrorHook(api: () => Promise<KubernetesClient>): pulumi.ErrorHook[] {
  return errorHook("explain-not-ready", async ({ newInputs }) => {
    if (at(newInputs, "chart") !== undefined) return explainPending(api);
    const reference = newInputs as ObjectReference | undefined;
    if (reference?.kind === undefined || reference.metadata?.name === undefined) return;
    try {
      const text = await notReadyText(await api(), reference);
      if (text !== undefined) await log.error(text);
    } catch (error) {
      const { kind, metadata } = reference;
      await log.warn(`${kind} ${metadata.name}: its status cannot be read (${errorReason(error)})`);
    }
  });
}

/**
 * Why an object is not ready, in its controllers' words without the secrets of its namespace. Undefined where it is current: it became
 * ready since, or the failure was not a wait, and the engine's message is enough.
 */
export async function notReadyText(
  client: Pick<KubernetesClient, "get" | "list">,
  reference: ObjectReference,
): Promise<string | undefined> {
  const { status, message, causes } = readiness(await client.get(reference));
  if (status === "Current") return undefined;
  const { redact } = await secretTexts(client, NAMESPACE);
  return redact(
    `${reference.kind} ${reference.metadata.name} is ${status}: ${causes.map(formatCause).join("; ") || message}`,
  );
}

/** Helm says that another operation is in progress, and not that it may have been killed. */
async function explainPending(api: () => Promise<KubernetesClient>): Promise<void> {
  try {
    const options = { labelSelector: PENDING_SELECTOR, metadataOnly: true };
    const secrets = await (await api()).list({ ...KINDS.Secret, namespace: NAMESPACE }, options);
    for (const { text, remedy } of pendingReleases(secrets)) await log.error(`${text}; ${remedy}`);
  } catch (error) {
    await log.warn(`the Helm releases cannot be read (${errorReason(error)})`);
  }
}
