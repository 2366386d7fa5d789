import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ControllerContext } from "./context.ts";
import { ensureMetadata } from "./metadata.ts";
import type { Credential, IdentityRef } from "./simulated-kinds.ts";
import { type SimulatedStatus, writeStatus } from "./status-writer.ts";

export async function reconcileCredentials({ client, informers, requeueAfter }: ControllerContext): Promise<void> {
  if (!informers.management) return;
  for (const credential of informers.credentials.items) {
    if (credential.metadata.deletionTimestamp) continue;
    if (!(await ensureMetadata(client, credential))) continue;
    const status = await credentialStatus(client, credential, informers.failures.has("credential-rejected"));
    if (status.name === "missing") requeueAfter(300);
    await writeStatus(client, credential, status);
  }
}

/** A Credential is ready when the object exists that it names. */
async function credentialStatus(
  client: KubernetesClient,
  credential: Credential,
  isRejected: boolean,
): Promise<SimulatedStatus> {
  const values = { generation: credential.metadata.generation ?? 1 };
  if (isRejected) return { name: "credential-rejected", values };
  const found = await findIdentity(client, credential.spec?.identityRef ?? {});
  return { name: found ? "ready" : "missing", values };
}

async function findIdentity(
  client: KubernetesClient,
  { apiVersion = "v1", kind = "Secret", name = "", namespace }: IdentityRef,
): Promise<KubernetesObject | undefined> {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const list = await client.get<
    KubernetesObject & { resources: { kind: string; name: string; namespaced: boolean }[] }
  >(root);
  const resource = list?.resources.find((candidate) => candidate.kind === kind && !candidate.name.includes("/"));
  if (!resource) return undefined;
  return client.get(`${root}${resource.namespaced ? `/namespaces/${namespace}` : ""}/${resource.name}/${name}`);
}
