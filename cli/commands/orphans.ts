import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { CLUSTER_CATEGORY, findOrphans, type InManagement, type Orphans } from "../../operations/find-orphans.ts";
import { PrismInventory } from "../../prism-central/inventory.ts";
import { PrismCentralError } from "../../prism-central/prism-central-error.ts";
import { Secret } from "../../prism-central/secret.ts";
import { PrismSession } from "../../prism-central/session.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { openTarget, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface OrphansOptions extends TargetCommandOptions {
  readonly prismCentral?: string;
  readonly port: string;
  readonly insecure?: boolean;
  readonly trustBundle?: string;
  readonly json?: boolean;
}

const HELP = `
Compares what CAPX left on a Prism Central with what runs in the management cluster: virtual machines that no Machine is, and
categories of clusters that are not there. Deletes nothing. A cluster of another management cluster on the same Prism Central
looks just the same: look before you delete anything.

The login is taken from the environment: NUTANIX_USER and NUTANIX_PASSWORD. The address is --prism-central, else
NUTANIX_ENDPOINT.

Examples:
  $ npm run orphans -- --prism-central pc.example.com
  $ npm run --silent orphans -- --prism-central pc.example.com --trust-bundle ca.pem --json

Exit codes: 0 there are none, 1 failed, 2 wrong use, 3 there are some.`;

export function registerOrphans(program: Command): void {
  withTargetOptions(program.command("orphans"))
    .description("virtual machines and categories on Prism Central that no cluster owns any more")
    .option("--prism-central <address>", "Prism Central to look at (default: NUTANIX_ENDPOINT)")
    .option("--port <port>", "its port", "9440")
    .option("--trust-bundle <file>", "PEM file of the CAs that it is verified with, beside the public ones")
    .option("--insecure", "do not verify it")
    .option("--json", "as JSON, for programs")
    .addHelpText("after", HELP)
    .action(orphans);
}

async function orphans(options: OrphansOptions): Promise<void> {
  const there = await askPrismCentral(options);
  const { client } = await openTarget(options);
  const found = findOrphans(there, await readManagement(client));
  print(options.json ? JSON.stringify(found, undefined, 2) : orphansText(found));
  if (found.categories.length + found.machines.length > 0) process.exitCode = EXIT.unready;
}

async function askPrismCentral(options: OrphansOptions) {
  const { NUTANIX_ENDPOINT, NUTANIX_USER: username, NUTANIX_PASSWORD: password } = process.env;
  const address = options.prismCentral ?? NUTANIX_ENDPOINT;
  if (!address) throw new Failure("--prism-central: is missing; name the Prism Central to look at", EXIT.usage);
  if (!username || !password)
    throw new Failure("NUTANIX_USER, NUTANIX_PASSWORD: are not set; the login is taken from there", EXIT.usage);
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

/** Of all namespaces: a cluster of somebody else's is none of this stack's, and owns its machines all the same. */
async function readManagement(client: KubernetesClient): Promise<InManagement> {
  const kinds = [KINDS.ClusterDeployment, clusterApi("Cluster"), clusterApi("Machine"), KINDS.NutanixMachine];
  const [deployments = [], clusters = [], machines = [], infrastructure = []] = await Promise.all(
    kinds.map((kind) => client.list(kind)),
  );
  const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata.name);
  return {
    clusters: names([...deployments, ...clusters]),
    machines: names([...machines, ...infrastructure]),
    uuids: infrastructure.flatMap(({ status }) => (typeof status?.["vmUUID"] === "string" ? [status["vmUUID"]] : [])),
  };
}

/** In the version that every supported release serves. */
const clusterApi = (kind: string) => ({ apiVersion: "cluster.x-k8s.io/v1beta1", kind });

function orphansText({ categories, machines }: Orphans): string {
  const lines = [
    ...machines.map(
      ({ name, uuid, cluster }) =>
        `virtual machine ${name} (UUID ${uuid}): of the cluster ${cluster}, and no Machine of it`,
    ),
    ...categories.map((name) => `category ${CLUSTER_CATEGORY}: ${name}: there is no such cluster here`),
  ];
  if (lines.length === 0) return "no orphans: every virtual machine and category of a cluster has its owner here";
  return [
    ...lines,
    `${machines.length} virtual machines, ${categories.length} categories; a cluster of another management cluster looks the same, so look before you delete`,
  ].join("\n");
}
