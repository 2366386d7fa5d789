import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import type { Check, CheckContext, CheckResult, PrismCentralLogin } from "../../preflight/check.ts";
import { Shared } from "../../preflight/check.ts";
import { PRISM_CENTRAL_CHECKS } from "../../preflight/prism-central/index.ts";
import { permissionsOf } from "../../preflight/prism-central/role-permissions.ts";
import { prismCentralsOf } from "../../preflight/prism-central/sessions.ts";
import { type RunOptions, runChecks } from "../../preflight/run-checks.ts";
import { Secret } from "../../preflight/secret.ts";
import type { TransportOptions } from "../../prism-central/transport.ts";
import { standInUuid, type World } from "../../sandbox/prism-central/fixture.ts";
import { type StandIn, type StandInOptions, startPrismCentral } from "../../sandbox/prism-central/server.ts";
import { parse } from "../../schema/parse.ts";
import { type Stack, stack as stackSchema } from "../../schema/stack.ts";

const PASSWORDS = { global: 'global "canary\\ 1', edge: 'edge@canary:{"2"}' };
/** Words that no output may hold, as they are and as they travel. */
export const SECRETS = Object.entries(PASSWORDS).flatMap(([entry, password]) => [
  password,
  Buffer.from(`svc-${entry}:${password}`).toString("base64"),
]);

/** PEM text of a certificate of the stand-in, with its key; `authority` is the CA of all but `untrusted`. */
export function certificate(name: "authority" | "good" | "expired" | "untrusted" | "wrong-host"): string {
  return readFileSync(join(import.meta.dirname, "..", "certificates", "prism-central", `${name}.pem`), "utf8");
}

export const ELEMENT = standInUuid(1, 1);
export const VM_NETWORK = standInUuid(2, 1);
export const IMAGE = standInUuid(3, 1);

/** A Prism Central on which everything that the stack names is there, once, free and in order. */
export function goodWorld(over: Partial<World> = {}): World {
  return {
    version: "2024.3.0.1",
    users: Object.entries(PASSWORDS).map(([entry, password]) => ({
      username: `svc-${entry}`,
      password,
      role: { name: `capx-${entry}`, permissions: permissionsOf("1.7.0") },
    })),
    elements: [
      { uuid: ELEMENT, name: "PE-Cluster-01" },
      { uuid: standInUuid(1, 9), name: "pc-01", service: "PRISM_CENTRAL" },
    ],
    subnets: [
      {
        uuid: VM_NETWORK,
        name: "VM-Network",
        cluster: ELEMENT,
        network: { base: "10.1.1.0", prefix: 24 },
        pools: [{ from: "10.1.1.20", to: "10.1.1.99", free: 40 }],
        gateway: "10.1.1.1",
        dhcpServer: "10.1.1.2",
      },
      { uuid: standInUuid(2, 2), name: "Storage-Network", cluster: ELEMENT },
    ],
    images: [{ uuid: IMAGE, name: "ubuntu-22.04-k0s", bytes: 10 * 2 ** 30 }],
    projects: [{ uuid: standInUuid(4, 1), name: "k0s-project" }],
    categories: [{ key: "environment", value: "dev" }],
    machines: [
      {
        uuid: standInUuid(5, 1),
        name: "somebody",
        cluster: ELEMENT,
        memoryMib: 65536,
        vcpus: 24,
        addresses: ["10.1.1.50"],
      },
    ],
    hosts: [1, 2, 3].map((index) => ({ uuid: standInUuid(6, index), cluster: ELEMENT, memoryMib: 131072, cores: 32 })),
    containers: [{ uuid: standInUuid(7, 1), name: "default-container", cluster: ELEMENT, freeBytes: 2 ** 41 }],
    gpus: [1, 2, 3, 4].map(() => ({ cluster: ELEMENT, name: "Tesla T4", deviceId: 7864, inUse: false })),
    ...over,
  };
}

/** A stack with a hosted cluster on global credentials and a standalone one on its own; a test changes what it needs. */
export function goodStack(change: (stack: any) => void = () => undefined): Stack {
  const machineDefaults = {
    image: { type: "name", name: "ubuntu-22.04-k0s" },
    cluster: { type: "name", name: "PE-Cluster-01" },
    subnets: [{ type: "name", name: "VM-Network" }],
    project: "k0s-project",
    additionalCategories: ["environment:dev"],
  };
  const input = {
    management: { kubeconfig: "kubeconfig" },
    capx: {},
    prismCentral: { address: "prism-central.example.com", trustBundle: { pem: certificate("authority") } },
    clusters: {
      demo: {
        mode: "hcp",
        nutanix: { controlPlaneEndpoint: { host: "192.0.2.200" } },
        machineDefaults: structuredClone(machineDefaults),
        addons: { csi: { enabled: true, storageContainer: "default-container" } },
        workerPools: { gpu: { replicas: 2, gpus: [{ type: "name", name: "Tesla T4" }] } },
      },
      edge: {
        mode: "standalone",
        nutanix: {
          prismCentral: { address: "prism-central.example.com", usePerClusterCredential: true },
          controlPlaneEndpoint: { host: "10.1.1.201" },
        },
        machineDefaults: structuredClone(machineDefaults),
      },
    },
  };
  change(input);
  const { value, faults } = parse(stackSchema, input, { at: "" });
  if (value === undefined) throw new Error(JSON.stringify(faults));
  return value;
}

export interface Scene {
  readonly stack?: Stack;
  readonly world?: World;
  readonly standIn?: Partial<StandInOptions>;
  /** What this stack's clusters are there already; an error: the management cluster is out of reach. @default none */
  readonly existing?: readonly string[] | Error;
  readonly checks?: readonly Check[];
  readonly run?: RunOptions;
  readonly transport?: Partial<TransportOptions>;
  /** Something else that listens in Prism Central's place. */
  readonly instead?: () => Server;
  /** Logins in place of the right ones, by entry. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly bundle?: string;
  readonly clusters?: readonly string[];
}

export interface Seen {
  readonly findings: readonly CheckResult[];
  readonly standIn: StandIn;
}

/** Asks checks of Prism Central of a stand-in. */
export async function asked(scene: Scene = {}): Promise<Seen> {
  const standIn = await startPrismCentral({
    world: scene.world ?? goodWorld(),
    certificate: certificate("good"),
    ...scene.standIn,
  });
  const other = scene.instead?.();
  if (other !== undefined) await once(other.listen(0, "127.0.0.1"), "listening");
  const context = contextOf(scene, other === undefined ? standIn.port : (other.address() as AddressInfo).port);
  try {
    const checks = scene.checks ?? PRISM_CENTRAL_CHECKS;
    const { findings } = await runChecks(checks, context, scene.run);
    return { findings, standIn };
  } finally {
    await context.prismCentrals.close();
    await standIn.close();
    other?.close();
  }
}

/** What checks are given, with connections that lead to a port of this machine. */
export function contextOf(scene: Scene, playedBy: number): Omit<CheckContext, "signal"> {
  const stack = scene.stack ?? goodStack();
  const bundles = { prismCentral: scene.bundle ?? certificate("authority") };
  const clusters = scene.clusters ?? Object.keys(stack.clusters);
  const passwords: Readonly<Record<string, string>> = scene.passwords ?? PASSWORDS;
  const login = (entry: string): PrismCentralLogin | undefined => {
    const password = passwords[entry];
    return password === undefined
      ? undefined
      : { entry, username: new Secret(`svc-${entry}`), password: new Secret(password) };
  };
  return {
    stack,
    bundles,
    identity: "k0rdent-nutanix.test",
    clusters,
    prismCentrals: prismCentralsOf({ stack, bundles, clusters, login, transport: { playedBy, ...scene.transport } }),
    management: { kubeconfig: undefined, context: undefined },
    existing: async () => {
      if (scene.existing instanceof Error) throw scene.existing;
      return new Set(scene.existing ?? []);
    },
    shared: new Shared(),
  };
}

/** One line for each finding: `check [cluster]: verdict: found; remedy`. */
export { findingLine as line } from "../../preflight/preflight-report.ts";

/** Lines of one check. */
export function linesOf({ findings }: Pick<Seen, "findings">, check: string): string[] {
  return findings
    .filter((finding) => finding.check === check)
    .map(({ cluster, verdict, found, remedy }) =>
      [`${cluster ?? "-"} ${verdict}: ${found}`, remedy].filter((part) => part !== undefined).join("; "),
    );
}
