/** A project folder with a stack of any number of clusters, like `demo` of the stack dev. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { PROJECT } from "../cli/stack/paths.ts";

export const STACK = "bench";

export interface Target {
  readonly kubeconfig: string;
  readonly kcmChart: string;
}

const PER_NETWORK = 250;
const nameOf = (index: number) => `c${String(index).padStart(5, "0")}`;
const addressOf = (index: number) => {
  const network = Math.floor(index / PER_NETWORK);
  return `10.${20 + Math.floor(network / 256)}.${network % 256}.${1 + (index % PER_NETWORK)}`;
};

/** Pulumi.yaml without `main`: the program runs inline, the folder has none. */
export function writeProjectFile(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const project = readFileSync(join(PROJECT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, "");
  writeFileSync(join(folder, "Pulumi.yaml"), project);
}

/** The project, and its stack file without clusters. */
export function writeProject(folder: string, { kubeconfig, kcmChart }: Target): void {
  writeProjectFile(folder);
  const file = devStack();
  const { management, credentials } = file.config;
  Object.assign(management, { kubeconfig, kcm: { ...management.kcm, chart: kcmChart } });
  // An up of a thousand clusters outlives the waits of the sandbox's two.
  management.timeouts = { ...management.timeouts, credential: 600, cluster: 3600 };
  const config = { ...file.config, credentials: { global: credentials.global } };
  delete config.clusters;
  const keys = Object.entries(config).map(([key, value]) => [`k0rdent-nutanix:${key}`, value]);
  writeFileSync(
    join(folder, `Pulumi.${STACK}.yaml`),
    stringify({ encryptionsalt: file.encryptionsalt, config: Object.fromEntries(keys) }),
  );
}

/** One file each. The first cluster has `workers` workers, the others two. */
export function writeClusters(folder: string, count: number, workers = 2): void {
  const directory = join(folder, "clusters", STACK);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const { demo } = devStack().config.clusters;
  for (let index = 0; index < count; index += 1) {
    const controlPlaneEndpoint = { ...demo.nutanix.controlPlaneEndpoint, host: addressOf(index) };
    const cluster = { ...demo, nutanix: { ...demo.nutanix, controlPlaneEndpoint } };
    const text = stringify({ ...cluster, workersNumber: index === 0 ? workers : 2 });
    writeFileSync(join(directory, `${nameOf(index)}.yaml`), text);
  }
}

function devStack() {
  const file = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8"));
  const config = Object.entries(file.config).map(([key, value]) => [key.replace("k0rdent-nutanix:", ""), value]);
  return { encryptionsalt: file.encryptionsalt, config: Object.fromEntries(config) };
}
