/** The Prism Centrals that a stack names, one session for each login. */
import { prismCentralOf } from "../../manifests/cluster-config.ts";
import { type Bundles, bundleOf } from "../../manifests/stack-manifests.ts";
import { ConnectionError } from "../../prism-central/connection-error.ts";
import type { Inventory } from "../../prism-central/inventory.ts";
import { inventoryOfV3 } from "../../prism-central/inventory-v3.ts";
import { inventoryOfV4 } from "../../prism-central/inventory-v4.ts";
import { FIRST_WITH_V4, isAtLeast } from "../../prism-central/prism-version.ts";
import { openSession, type Session } from "../../prism-central/session.ts";
import { openTransport, type TransportOptions } from "../../prism-central/transport.ts";
import type { Stack } from "../../schema/stack.ts";
import { credentialOf } from "../../schema/stack-references.ts";
import type { PrismCentralLogin } from "../check.ts";

/** One Prism Central, with one login and one trust bundle. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly insecure: boolean;
  /** Name of the entry of `credentials`. */
  readonly entry: string;
  /** PEM text that CAPX verifies it with, beside the public CAs; undefined: those alone. */
  readonly bundle: string | undefined;
}

export interface PrismCentral {
  readonly target: Target;
  readonly session: Session;
  /** Which of the two APIs it is read by, and what it has. @throws Broken where it cannot be asked at all. */
  inventory(): Promise<Inventory>;
}

export interface PrismCentrals {
  /** Each once, the stack's own first. */
  readonly all: readonly PrismCentral[];
  /** The one that a cluster's machines are made on. */
  of(cluster: string): PrismCentral;
  close(): Promise<void>;
}

export interface PrismCentralsOptions {
  readonly stack: Stack;
  readonly bundles: Bundles;
  /** Names of the chosen clusters. */
  readonly clusters: readonly string[];
  /** The login of an entry of `credentials`; undefined: it is not known here. */
  login(entry: string): PrismCentralLogin | undefined;
  /** What the connections may take, and who plays Prism Central. @default as the transport has it */
  readonly transport?: Pick<TransportOptions, "connectTimeout" | "answerTimeout" | "playedBy">;
}

/** Connects nowhere yet: the first question does. */
export function prismCentralsOf(options: PrismCentralsOptions): PrismCentrals {
  const { stack, bundles, clusters } = options;
  const opened = new Map<string, PrismCentral>();
  const open = (target: Target): PrismCentral => {
    const key = JSON.stringify(target);
    const known = opened.get(key) ?? prismCentral(target, options);
    opened.set(key, known);
    return known;
  };
  // CAPX itself logs in with the global credentials, whatever the clusters do.
  if (!stack.capx.managedExternally) {
    const { address, port, insecure } = stack.prismCentral;
    open({ address, port, insecure, entry: "global", bundle: bundles["prismCentral"] });
  }
  const ofCluster = new Map(
    clusters.flatMap((name) => {
      const cluster = stack.clusters[name];
      if (cluster === undefined) return [];
      const entry = credentialOf(name, cluster);
      const isOwn = cluster.nutanix.prismCentral?.usePerClusterCredential === true;
      const bundle = isOwn ? bundleOf(name, stack, bundles)?.pem : bundles["prismCentral"];
      return [[name, open({ ...prismCentralOf(cluster, stack.prismCentral), entry, bundle })] as const];
    }),
  );
  const all = [...opened.values()];
  return {
    all,
    of: (cluster) => {
      const found = ofCluster.get(cluster);
      if (found === undefined) throw new Error(`${cluster} is none of the chosen clusters`);
      return found;
    },
    close: async () => {
      await Promise.all(all.map(({ session }) => session.close()));
    },
  };
}

function prismCentral(target: Target, { login, transport = {} }: PrismCentralsOptions): PrismCentral {
  const { address, port, insecure, entry, bundle } = target;
  const known = login(entry);
  const session = openSession({ place: `${address}:${port}`, entry, isKnown: known !== undefined }, () =>
    openTransport({ address, port, insecure, bundle, login: known, ...transport }),
  );
  let inventory: Promise<Inventory> | undefined;
  return {
    target,
    session,
    inventory: () => {
      inventory ??= inventoryOf(session);
      return inventory;
    },
  };
}

/** What the Prism Central of a session has, by the newer of its two APIs. @throws Broken where it cannot be asked at all. */
export async function inventoryOf(session: Session): Promise<Inventory> {
  await session.hello();
  // A Prism Central that does not tell its version, or tells one without numbers, is a new one.
  const version = await session.version().catch((error: unknown) => {
    if (error instanceof ConnectionError) throw error;
    return undefined;
  });
  const isOld = version !== undefined && isAtLeast(version, FIRST_WITH_V4) === false;
  return readOnce(isOld ? inventoryOfV3(session) : inventoryOfV4(session));
}

/** Calls are asked once by the session; lists are also put together once, since two hundred clusters look into them. */
function readOnce(inventory: Inventory): Inventory {
  const answers = new Map<string, Promise<unknown>>();
  const once =
    <Words extends unknown[], Answer>(name: string, read: (...words: Words) => Promise<Answer>) =>
    (...words: Words): Promise<Answer> => {
      const key = JSON.stringify([name, ...words]);
      const known = (answers.get(key) as Promise<Answer> | undefined) ?? read(...words);
      answers.set(key, known);
      return known;
    };
  return {
    prismElements: once("prismElements", inventory.prismElements),
    subnets: once("subnets", inventory.subnets),
    images: once("images", inventory.images),
    imagesBeingDeleted: once("imagesBeingDeleted", inventory.imagesBeingDeleted),
    projects: once("projects", inventory.projects),
    hasCategory: once("hasCategory", inventory.hasCategory),
    categoryValues: once("categoryValues", inventory.categoryValues),
    virtualMachines: once("virtualMachines", inventory.virtualMachines),
    hosts: once("hosts", inventory.hosts),
    storageContainers: once("storageContainers", inventory.storageContainers),
    freeBytes: once("freeBytes", inventory.freeBytes),
    gpus: once("gpus", inventory.gpus),
  };
}
