import type { Client, KubeObject } from "./client.ts";
import type { Credential, IdentityRef } from "./played-kinds.ts";
import type { PlayedStatus } from "./status-writer.ts";

/** A Credential is ready when the object exists that it names. */
export async function credentialStatus(
  client: Client,
  credential: Credential,
  refused: boolean,
): Promise<PlayedStatus> {
  const values = { generation: credential.metadata.generation ?? 1 };
  if (refused) return { name: "credential-refused", values };
  const found = await findIdentity(client, credential.spec?.identityRef ?? {});
  return { name: found ? "ready" : "missing", values };
}

async function findIdentity(
  client: Client,
  { apiVersion = "v1", kind = "Secret", name = "", namespace }: IdentityRef,
): Promise<KubeObject | undefined> {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const list = await client.find<KubeObject & { resources: { kind: string; name: string; namespaced: boolean }[] }>(
    root,
  );
  const resource = list?.resources.find((candidate) => candidate.kind === kind && !candidate.name.includes("/"));
  if (!resource) return undefined;
  return client.find(`${root}${resource.namespaced ? `/namespaces/${namespace}` : ""}/${resource.name}/${name}`);
}
