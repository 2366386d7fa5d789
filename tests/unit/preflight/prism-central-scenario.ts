import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import type { Check } from "../../../preflight/check.ts";
import { permissionsOf } from "../../../preflight/prism-central/capx-requirements.ts";
import { PRISM_CENTRAL_CHECKS } from "../../../preflight/prism-central/index.ts";
import type { RunChecksOptions } from "../../../preflight/run-checks.ts";
import type { PrismCentralLogin, PrismTransportOptions } from "../../../prism-central/prism-transport.ts";
import { Secret } from "../../../prism-central/secret.ts";
import {
  type PrismCentralStandIn,
  type PrismCentralStandInOptions,
  startPrismCentral,
} from "../../../sandbox/prism-central/stand-in-server.ts";
import { type StandInState, standInUuid } from "../../../sandbox/prism-central/stand-in-state.ts";
import type { Stack } from "../../../schema/stack.ts";
import {
  type ContextOptions,
  checkContext,
  parseStack,
  reportLines,
  type SettingsInput,
  type TestContext,
} from "./check-context.ts";

const PASSWORDS = { global: 'global "canary\\ 1', edge: 'edge@canary:{"2"}' };
/** What no output may contain, in plain text and encoded. */
export const SECRETS = Object.entries(PASSWORDS).flatMap(([entry, password]) => [
  password,
  Buffer.from(`svc-${entry}:${password}`).toString("base64"),
]);

/** PEM text of a certificate of the stand-in, with its key; `authority` is the CA of all but `untrusted`. */
export function certificate(name: "authority" | "good" | "expired" | "untrusted" | "wrong-host"): string {
  return readFileSync(join(import.meta.dirname, "../..", "certificates", "prism-central", `${name}.pem`), "utf8");
}

export const ELEMENT = standInUuid(1, 1);
const VM_NETWORK = standInUuid(2, 1);
export const IMAGE = standInUuid(3, 1);

/** A Prism Central that has everything that the stack refers to, once, free and healthy. */
export function validState(changes: Partial<StandInState> = {}): StandInState {
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
        name: "other",
        cluster: ELEMENT,
        memoryMib: 65536,
        vcpus: 24,
        addresses: ["10.1.1.50"],
      },
    ],
    hosts: [1, 2, 3].map((index) => ({ uuid: standInUuid(6, index), cluster: ELEMENT, memoryMib: 131072, cores: 32 })),
    containers: [{ uuid: standInUuid(7, 1), name: "default-container", cluster: ELEMENT, freeBytes: 2 ** 41 }],
    gpus: [1, 2, 3, 4].map(() => ({ cluster: ELEMENT, name: "Tesla T4", deviceId: 7864, inUse: false })),
    ...changes,
  };
}

/** A stack with a hosted cluster on global credentials and a standalone one on its own, with changes. */
export function prismCentralStack(change: (settings: SettingsInput) => void = () => undefined): Stack {
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
  return parseStack(input);
}

export interface PrismCentralScenario extends Pick<ContextOptions, "clusters" | "existing"> {
  readonly stack?: Stack;
  readonly state?: StandInState;
  readonly standIn?: Partial<PrismCentralStandInOptions>;
  readonly run?: RunChecksOptions;
  readonly transport?: Partial<PrismTransportOptions>;
  /** Another server in Prism Central's place. */
  readonly server?: () => Server;
  /** Passwords of the logins, by entry. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly bundle?: string;
}

export const DEMO = { clusters: ["demo"] };
export const EDGE = { clusters: ["edge"] };
/** One cluster, or both, with a changed Prism Central. */
export const demo = (changes: Partial<StandInState>) => ({ ...DEMO, state: validState(changes) });
export const edge = (changes: Partial<StandInState>) => ({ ...EDGE, state: validState(changes) });
export const both = (changes: Partial<StandInState>) => ({ state: validState(changes) });
/** One changed cluster. */
export const hosted = (change: (demo: any) => unknown): PrismCentralScenario => ({
  ...DEMO,
  stack: prismCentralStack(({ clusters }) => void change(clusters.demo)),
});
export const standalone = (change: (edge: any) => unknown): PrismCentralScenario => ({
  ...EDGE,
  stack: prismCentralStack(({ clusters }) => void change(clusters.edge)),
});

/** Runs checks against a stand-in; lines have `SERVER` and `uuid-1-1` for its address and UUIDs. */
export async function runScenario(
  scenario: PrismCentralScenario,
  checks: readonly Check[] = PRISM_CENTRAL_CHECKS,
): Promise<{ lines: readonly string[]; standIn: PrismCentralStandIn }> {
  const { state = validState(), standIn: options, server } = scenario;
  const standIn = await startPrismCentral({ state, certificate: certificate("good"), ...options });
  const other = server?.();
  if (other !== undefined) await once(other.listen(0, "127.0.0.1"), "listening");
  const port = other === undefined ? standIn.port : (other.address() as AddressInfo).port;
  try {
    const lines = await reportLines(checks, scenarioContext(scenario, port), scenario.run);
    return { lines: lines.map(abbreviate), standIn };
  } finally {
    await standIn.close();
    other?.close();
  }
}

function abbreviate(line: string): string {
  const uuids = /0{7}(\d)-0000-4000-8000-0{11}(\d)/g;
  return line.replaceAll("prism-central.example.com:9440", "SERVER").replaceAll(uuids, "uuid-$1-$2");
}

/** What checks get, with connections to a port of this machine. */
export function scenarioContext(scenario: PrismCentralScenario, standInPort: number | undefined): TestContext {
  const { stack = prismCentralStack(), bundle = certificate("authority"), passwords = PASSWORDS, transport } = scenario;
  const login = (entry: string): PrismCentralLogin | undefined => {
    const password = (passwords as Readonly<Record<string, string>>)[entry];
    if (password === undefined) return undefined;
    return { entry, username: new Secret(`svc-${entry}`), password: new Secret(password) };
  };
  const { clusters, existing } = scenario;
  return checkContext({
    ...{ stack, login, bundles: { prismCentral: bundle }, transport: { standInPort, ...transport } },
    ...(clusters && { clusters }),
    ...(existing && { existing }),
  });
}
