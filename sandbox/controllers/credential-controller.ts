import type { ControllerContext } from "./context.ts";
import { ensureMetadata } from "./metadata.ts";
import type { Credential, IdentityRef } from "./simulated-kinds.ts";
import { type SimulatedStatus, writeStatus } from "./status-writer.ts";

export async function reconcileCredentials(context: ControllerContext): Promise<void> {
  const { client, informers, requeueAfter } = context;
  if (!informers.management) return;
  for (const credential of informers.credentials.items) {
    if (credential.metadata.deletionTimestamp) continue;
    if (!(await ensureMetadata(client, credential))) continue;
    const status = await credentialStatus(context, credential);
    if (status.name === "missing") requeueAfter(300);
    await writeStatus(client, credential, status);
  }
}

/** A Credential is ready when the object exists that it names. */
async function credentialStatus(context: ControllerContext, credential: Credential): Promise<SimulatedStatus> {
  const values = { generation: credential.metadata.generation ?? 1 };
  if (context.informers.failures.has("credential-rejected")) return { name: "credential-rejected", values };
  const found = await findIdentity(context, credential.spec?.identityRef ?? {});
  return { name: found ? "ready" : "missing", values };
}

async function findIdentity(
  { client, informers, renderedObjects }: ControllerContext,
  { apiVersion = "v1", kind = "Secret", name = "", namespace }: IdentityRef,
): Promise<object | undefined> {
  if (apiVersion === "v1" && kind === "Secret") return informers.secrets.find(name, namespace);
  const path = await renderedObjects.pathOf({ apiVersion, kind, metadata: { name } }, namespace ?? "");
  return path === undefined ? undefined : client.get(path);
}
