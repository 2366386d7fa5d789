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
    const status = await credentialStatus({ client, informers }, credential);
    if (status.name === "missing") requeueAfter(300);
    await writeStatus(client, credential, status);
  }
}

type IdentityContext = Pick<ControllerContext, "client" | "informers">;

/** A Credential is ready when the object exists that it names. */
async function credentialStatus(context: IdentityContext, credential: Credential): Promise<SimulatedStatus> {
  const values = { generation: credential.metadata.generation ?? 1 };
  if (context.informers.failures.has("credential-rejected")) return { name: "credential-rejected", values };
  const found = await findIdentity(context, credential.spec?.identityRef ?? {});
  return { name: found ? "ready" : "missing", values };
}

async function findIdentity(
  { client, informers }: IdentityContext,
  { apiVersion = "v1", kind = "Secret", name = "", namespace }: IdentityRef,
): Promise<KubernetesObject | undefined> {
  if (apiVersion === "v1" && kind === "Secret") return informers.secrets.find(name, namespace);
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const list = await client.get<
    KubernetesObject & { resources: { kind: string; name: string; namespaced: boolean }[] }
  >(root);
  const resource = list?.resources.find((candidate) => candidate.kind === kind && !candidate.name.includes("/"));
  if (!resource) return undefined;
  return client.get(`${root}${resource.namespaced ? `/namespaces/${namespace}` : ""}/${resource.name}/${name}`);
}
