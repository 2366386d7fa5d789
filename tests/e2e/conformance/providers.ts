import { readFileSync } from "node:fs";
import { execa } from "execa";
import { KINDS } from "../../../kubernetes/kinds.ts";
import type { Line } from "../../integration/charts/helm-template.ts";
import { SimulatedCapx } from "./simulated-capx.ts";
import { SimulatedK0smotron } from "./simulated-k0smotron.ts";
import type { ClusterApi } from "./start-cluster-api.ts";

/** Images of the simulated Prism Central. */
const IMAGES = ["capx-ubuntu-22.04-1.32.6", "k0s-rocky-9", "k0s-1.32.6+k0s.0"];

export interface Providers {
  /** Which ran. */
  what: string;
  /** Keeps simulated control planes at their version. */
  holdUpgrades(holds: boolean): void;
  /** Nodes and virtual machines of a namespace. */
  leftovers(namespace: string): Promise<string[]>;
  stop(): Promise<void>;
}

/**
 * k0smotron and CAPX: simulated, or the programs that K0RDENT_NUTANIX_K0SMOTRON and K0RDENT_NUTANIX_CAPX name. Those are started with
 * KUBECONFIG and KCM_LINE, bring their own webhooks and Prism Central, and are ended with SIGTERM.
 */
export function startProviders({ client, kubeconfig, helm, directory }: ClusterApi, line: Line): Providers {
  const stop = new AbortController();
  const env = { KUBECONFIG: kubeconfig, KCM_LINE: line };
  const program = (path: string | undefined) =>
    path ? { path, process: execa(path, { env, reject: false, cancelSignal: stop.signal }) } : undefined;
  const programs = {
    k0smotron: program(process.env["K0RDENT_NUTANIX_K0SMOTRON"]),
    CAPX: program(process.env["K0RDENT_NUTANIX_CAPX"]),
  };
  const log = process.env["K0RDENT_NUTANIX_VERBOSE"] ? console.log : () => undefined;
  const options = { client, signal: stop.signal, log };
  const k0smotron = programs.k0smotron
    ? undefined
    : new SimulatedK0smotron({ ...options, line, kubeconfig: readFileSync(kubeconfig, "utf8") });
  const capx = programs.CAPX ? undefined : new SimulatedCapx({ ...options, images: IMAGES, helm, directory });
  const running = [k0smotron?.simulate(), capx?.simulate(), programs.k0smotron?.process, programs.CAPX?.process];
  return {
    what: Object.entries(programs)
      .map(([name, one]) => `${name} ${one ? `by ${one.path}` : "simulated"}`)
      .join(", "),
    holdUpgrades: (holds) => {
      if (k0smotron) k0smotron.holdsUpgrades = holds;
    },
    leftovers: async (namespace) => {
      const nodes = await client.list(KINDS.Node, { metadataOnly: true });
      const machines = [...(capx?.virtualMachines.values() ?? [])].filter((name) => name.startsWith(`${namespace}/`));
      return [
        ...nodes
          .filter(({ metadata }) => metadata.name.startsWith(`${namespace}-edge`))
          .map(({ metadata }) => `Node ${metadata.name}`),
        ...machines.map((name) => `virtual machine ${name}`),
      ];
    },
    stop: async () => {
      stop.abort();
      await Promise.allSettled(running);
    },
  };
}
