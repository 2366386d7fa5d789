/** Writes a NutanixCluster again that CAPX let go of before its machines. */
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { isNotFound } from "../../kubernetes/errors.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { waitFor } from "../../kubernetes/wait.ts";
import { CAPX_LABEL } from "../../manifests/credential.ts";
import { CLUSTER_LABEL } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { trustBundle } from "../../manifests/trust-bundle-object.ts";
import { type RestoredNutanixCluster, referencesOf } from "../../operations/recovery.ts";
import { Failure } from "../output/failure.ts";

export interface RestoreOptions {
  /** PEM text of the trust bundle, for where its ConfigMap does not exist. */
  readonly bundle: string | undefined;
  /** Minutes to wait for the deletion of the machines. */
  readonly timeout: number;
}

/** @throws Failure where something that it needs does not exist, or machines stay. */
export async function restoreNutanixCluster(
  client: KubernetesClient,
  { object, identity, machines, isTerminating }: RestoredNutanixCluster,
  { bundle, timeout }: RestoreOptions,
): Promise<void> {
  const cluster = object.metadata.labels?.[CLUSTER_LABEL] ?? "";
  const owner = await client.get({ ...KINDS.Cluster, apiVersion: CLUSTER_API, metadata: named(cluster) });
  if (owner === undefined) throw new Failure(`Cluster ${cluster}: does not exist any more; run the same command again`);
  await restoreReferences(client, { ...referencesOf(object), identity, pem: bundle });
  const { kind, metadata } = owner;
  const ownerReferences = [{ apiVersion: CLUSTER_API, kind, name: cluster, uid: metadata.uid ?? "", controller: true }];
  await client.create({ ...object, metadata: { ...object.metadata, ownerReferences } });
  const touched = { metadata: { annotations: { "k0rdent-nutanix/recovered-at": new Date().toISOString() } } };
  for (const name of machines) {
    await client.merge({ ...KINDS.NutanixMachine, metadata: named(name) }, touched).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
  }
  if (!isTerminating) return;
  let left = machines;
  const areDeleted = async () => {
    const found = await client.list({ ...KINDS.NutanixMachine, namespace: NAMESPACE });
    const there = new Set(found.map(({ metadata }) => metadata.name));
    left = machines.filter((name) => there.has(name));
    return left.length === 0;
  };
  if (!(await waitFor(areDeleted, { timeout: timeout * 60_000 })))
    throw new Failure(
      `${left.join(", ")}: still exist after ${timeout} minutes; see npm run doctor. Cluster API deletes the NutanixCluster after them`,
    );
  await client.delete(object);
}

/** Every supported version of Cluster API serves it. */
const CLUSTER_API = "cluster.x-k8s.io/v1beta1";

const named = (name: string) => ({ name, namespace: NAMESPACE });

interface RestoredReferences {
  readonly secret?: string | undefined;
  readonly bundle?: string | undefined;
  readonly identity: string | undefined;
  readonly pem: string | undefined;
}

async function restoreReferences(
  client: KubernetesClient,
  { secret, bundle, identity, pem }: RestoredReferences,
): Promise<void> {
  if (secret !== undefined && (await client.get({ ...KINDS.Secret, metadata: named(secret) })) === undefined) {
    const source = identity && (await client.get({ ...KINDS.Secret, metadata: named(identity) }));
    const credentials = source ? source.data?.["credentials"] : undefined;
    if (credentials === undefined)
      throw new Failure(
        `Secret ${secret}: does not exist, and neither does its source, the key credentials of the Secret ${identity ?? "of the Credential"}; create one of them, and run the same command again`,
      );
    const { apiVersion, kind } = KINDS.Secret;
    await client.create({
      apiVersion,
      kind,
      metadata: { ...named(secret), labels: CAPX_LABEL },
      data: { credentials },
    });
  }
  if (bundle !== undefined && pem !== undefined) await client.create(trustBundle(bundle, pem));
}
