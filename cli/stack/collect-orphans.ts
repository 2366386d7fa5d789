import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { etcdVolumes } from "../../manifests/names.ts";
import {
  CLUSTER_CATEGORY,
  findOrphans,
  type ManagementInventory,
  type Orphans,
} from "../../operations/find-orphans.ts";
import { printableLine } from "../../policy/rules/printable.ts";
import { PrismInventory } from "../../prism-central/inventory.ts";
import { PrismCentralError } from "../../prism-central/prism-central-error.ts";
import { Secret } from "../../prism-central/secret.ts";
import { PrismSession } from "../../prism-central/session.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { openTarget, type TargetCommandOptions } from "./target.ts";

export interface OrphansOptions extends TargetCommandOptions {
  readonly prismCentral?: string;
  readonly port: string;
  readonly insecure?: boolean;
  readonly trustBundle?: string;
}

/**
 * Compares a Prism Central with the management cluster.
 *
 * @throws Failure where one of them is not named or does not answer.
 */
export async function collectOrphans(options: OrphansOptions): Promise<Orphans> {
  const inPrismCentral = await readPrismCentral(options);
  const { client } = await openTarget(options);
  return findOrphans(inPrismCentral, await readManagement(client));
}

async function readPrismCentral(options: OrphansOptions) {
  const { NUTANIX_ENDPOINT, NUTANIX_USER: username, NUTANIX_PASSWORD: password } = process.env;
  const address = options.prismCentral ?? NUTANIX_ENDPOINT;
  if (!address) throw new Failure("--prism-central: is required; set it, or NUTANIX_ENDPOINT", EXIT.usage);
  if (!username || !password)
    throw new Failure("NUTANIX_USER, NUTANIX_PASSWORD: are required; set both in the environment", EXIT.usage);
  const port = Number(options.port);
  const bundle = options.trustBundle === undefined ? undefined : await readFile(resolve(options.trustBundle), "utf8");
  const login = { entry: "NUTANIX_USER", username: new Secret(username), password: new Secret(password) };
  const { insecure = false } = options;
  const session = new PrismSession({ address, port, insecure, bundle, login, loginName: login.entry });
  try {
    const inventory = new PrismInventory(session);
    const [machines, clusters] = await Promise.all([
      inventory.virtualMachines(),
      inventory.categoryValues(CLUSTER_CATEGORY),
    ]);
    return { machines, clusters };
  } catch (error) {
    if (error instanceof PrismCentralError) throw new Failure(`${address}:${port}: ${error.message}`);
    throw error;
  } finally {
    await session.close();
  }
}

/** Objects of all namespaces: a cluster that another stack manages owns its machines too. */
async function readManagement(client: KubernetesClient): Promise<ManagementInventory> {
  // Every supported version of Cluster API serves v1beta1.
  const clusterApi = (kind: string) => ({ apiVersion: "cluster.x-k8s.io/v1beta1", kind });
  const kinds = [KINDS.ClusterDeployment, clusterApi("Cluster"), clusterApi("Machine"), KINDS.NutanixMachine];
  const [[deployments = [], clusters = [], machines = [], infrastructure = []], volumes] = await Promise.all([
    Promise.all(kinds.map((kind) => client.list(kind))),
    client.list(KINDS.PersistentVolumeClaim, { labelSelector: etcdVolumes() }),
  ]);
  const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata.name);
  return {
    clusters: names([...deployments, ...clusters]),
    machines: names([...machines, ...infrastructure]),
    volumes: volumes.map(({ metadata: { name, namespace = "", labels } }) => ({
      name,
      namespace,
      cluster: labels?.["cluster"] ?? "",
    })),
    uuids: infrastructure.flatMap(({ status }) => (typeof status?.["vmUUID"] === "string" ? [status["vmUUID"]] : [])),
  };
}

export function orphansText({ volumes, categories, machines }: Orphans): string {
  if (volumes.length + machines.length + categories.length === 0)
    return "no orphans: every virtual machine, category and volume of etcd belongs to a cluster of this management cluster";
  return [
    ...machines.map(({ name, uuid, cluster }) =>
      printableLine(`virtual machine ${name} (${uuid}): cluster ${cluster} has no such Machine`),
    ),
    ...categories.map((name) => printableLine(`category ${CLUSTER_CATEGORY}:${name}: no such cluster`)),
    ...volumes.map(({ namespace, name, cluster }) =>
      printableLine(`PersistentVolumeClaim ${namespace}/${name}: etcd of the cluster ${cluster}, which does not exist`),
    ),
    `${machines.length} virtual machines, ${categories.length} categories, ${volumes.length} volumes; check that no other management cluster uses them before you delete any`,
  ].join("\n");
}
