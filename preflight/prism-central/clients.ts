/** Clients of the Prism Centrals of a stack, one for each login. */
import { prismCentralOf } from "../../manifests/cluster-config.ts";
import { type Bundles, bundleOf } from "../../manifests/stack-manifests.ts";
import { PrismInventory } from "../../prism-central/inventory.ts";
import type { PrismCentralLogin, PrismTransportOptions } from "../../prism-central/prism-transport.ts";
import { PrismSession } from "../../prism-central/session.ts";
import type { Stack } from "../../schema/stack.ts";
import { credentialOf } from "../../schema/stack-references.ts";

/** A Prism Central with the login and the trust bundle that CAPX uses there. */
export interface PrismCentralTarget extends Pick<PrismTransportOptions, "address" | "port" | "insecure" | "bundle"> {
  /** Name of the entry of `credentials`. */
  readonly entry: string;
}

export interface PrismCentralClient {
  readonly target: PrismCentralTarget;
  readonly session: PrismSession;
  readonly inventory: PrismInventory;
}

export interface PrismCentralClients {
  /** Each once, the stack's own first. */
  readonly all: readonly PrismCentralClient[];
  /** That of a cluster's machines. */
  of(cluster: string): PrismCentralClient;
  close(): Promise<void>;
}

export interface PrismCentralClientsOptions {
  readonly stack: Stack;
  readonly bundles: Bundles;
  /** Names of the selected clusters. */
  readonly clusters: readonly string[];
  /** The login of an entry of `credentials`; undefined: it is not known on this machine. */
  login(entry: string): PrismCentralLogin | undefined;
  /** @default as the transport has it */
  readonly transport?: Pick<PrismTransportOptions, "connectTimeout" | "responseTimeout" | "standInPort">;
}

/** Connects on the first request. */
export function prismCentralClients(options: PrismCentralClientsOptions): PrismCentralClients {
  const { stack, bundles, clusters, login, transport } = options;
  const clients = new Map<string, PrismCentralClient>();
  const open = (target: PrismCentralTarget): PrismCentralClient => {
    const key = JSON.stringify(target);
    const { entry, ...server } = target;
    const session = new PrismSession({
      ...server,
      ...transport,
      login: login(entry),
      loginName: `credentials.${entry}`,
    });
    const client = clients.get(key) ?? { target, session, inventory: new PrismInventory(session) };
    clients.set(key, client);
    return client;
  };
  // CAPX itself uses the global credentials, whatever the clusters do.
  if (!stack.capx.managedExternally) {
    const { address, port, insecure } = stack.prismCentral;
    open({ address, port, insecure, entry: "global", bundle: bundles["prismCentral"] });
  }
  const ofCluster = new Map(
    clusters.flatMap((name) => {
      const cluster = stack.clusters[name];
      if (cluster === undefined) return [];
      const isOwn = cluster.nutanix.prismCentral?.usePerClusterCredential === true;
      const bundle = isOwn ? bundleOf(name, stack, bundles)?.pem : bundles["prismCentral"];
      const server = prismCentralOf(cluster, stack.prismCentral);
      return [[name, open({ ...server, entry: credentialOf(name, cluster), bundle })] as const];
    }),
  );
  const all = [...clients.values()];
  return {
    all,
    of: (cluster) => {
      const client = ofCluster.get(cluster);
      if (client === undefined) throw new Error(`${cluster} is not a selected cluster`);
      return client;
    },
    close: async () => {
      await Promise.all(all.map(({ session }) => session.close()));
    },
  };
}
