/** Is the control plane endpoint an address that is free, and that nothing else is assigned? */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import ipaddr from "ipaddr.js";
import { loadBalancing } from "../../../manifests/cluster-config.ts";
import { isInRange } from "../../../policy/rules/address-ranges.ts";
import type { Subnet } from "../../../prism-central/prism-entities.ts";
import {
  type Check,
  type CheckOutcome,
  type ClusterCheckContext,
  fail,
  Inconclusive,
  inconclusive,
  inconclusiveBy,
  pass,
} from "../../check.ts";
import { nodeSubnets } from "../machine-references.ts";

/** Milliseconds for the endpoint to answer. */
const CONNECT_TIMEOUT = 2000;
const OTHER_ADDRESS = "set another address";

export const ENDPOINT_CHECKS: readonly Check[] = [
  {
    id: "endpoint-is-unused",
    description: "nothing answers on the endpoint before the cluster exists",
    scope: "cluster",
    run: async (context) => {
      const { host, port } = context.cluster.nutanix.controlPlaneEndpoint;
      const exists = await isExisting(context);
      if (exists === true) return pass("the cluster exists, and may answer on its endpoint");
      const response = await connectTo(host, port, context.signal);
      if (response === "refused") {
        const message = `${host}:${port} rejects connections: a machine has the address, or a firewall answers for it`;
        return inconclusive(message, "find out what answers: arping");
      }
      if (response === "silent") return pass(`nothing answers on ${host}:${port}`);
      const remedy = "set a free address, or stop what answers there";
      return exists === undefined
        ? inconclusive(`${host}:${port} answers; whether the cluster exists is unknown`, remedy)
        : fail(`${host}:${port} answers before the cluster exists`, remedy);
    },
  },
  {
    id: "endpoint-is-in-node-subnet",
    description: "an endpoint on the machines themselves is in the network of the machines",
    scope: "cluster",
    run: async (context) => {
      const { cluster, name, inventory } = context;
      // A hosted control plane's endpoint is on a load balancer of the management cluster, an external one on another.
      if (cluster.mode === "hcp" || loadBalancing(cluster, name)["type"] === "external") return [];
      const address = await addressOf(context);
      return (await nodeSubnets(cluster, inventory, "controlPlane")).map((subnet): CheckOutcome => {
        const { name, cidr } = subnet;
        if (cidr === undefined) {
          return inconclusive(
            `Prism Central does not manage the addresses of "${name}"`,
            "check it with the network administrator",
          );
        }
        return isInRange(cidr, address)
          ? pass(`${address} is in ${cidr}, the network of "${name}"`)
          : fail(
              `${address} is not in ${cidr}, the network of the control plane machines "${name}"`,
              "set a free address of that network, outside its pools",
            );
      });
    },
  },
  {
    id: "endpoint-is-outside-subnet-ip-pools",
    description: "the endpoint is in no pool of Prism Central, and is not a gateway or DHCP server",
    scope: "cluster",
    run: async (context) => {
      const { cluster, inventory } = context;
      const address = await addressOf(context);
      const own = new Set((await nodeSubnets(cluster, inventory)).map(({ uuid }) => uuid));
      // Overlay networks may share ranges: only those of the cluster matter.
      const subnets = (await inventory.subnets()).filter(({ kind, uuid }) => kind === "vlan" || own.has(uuid));
      const conflicts = subnets.flatMap((subnet) => conflictsOf(subnet, address));
      return conflicts.length > 0 ? conflicts : pass(`${address} is in no pool of ${subnets.length} subnets`);
    },
  },
  {
    id: "endpoint-is-not-a-vm-address",
    description: "no virtual machine of this Prism Central has the endpoint's address",
    scope: "cluster",
    run: async (context) => {
      const address = await addressOf(context);
      const machines = await context.inventory.virtualMachines();
      const machine = machines.find(({ addresses }) => addresses.includes(address));
      if (machine === undefined) return pass(`no virtual machine has ${address}`);
      const exists = await isExisting(context);
      if (exists === true) return pass("the cluster exists, and its own machine has the address");
      const message = `the virtual machine "${machine.name}" (${machine.uuid}) has the address ${address}`;
      const remedy = "set another address, or delete that machine";
      return exists === undefined
        ? inconclusive(`${message}; whether it is the cluster's is unknown`, remedy)
        : fail(message, remedy);
    },
  },
];

/** Undefined where the management cluster is not readable. */
async function isExisting({ existingClusters, name }: ClusterCheckContext): Promise<boolean | undefined> {
  try {
    return (await existingClusters()).has(name);
  } catch (error) {
    inconclusiveBy(error);
    return undefined;
  }
}

function connectTo(host: string, port: number, signal: AbortSignal): Promise<"answers" | "refused" | "silent"> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    const end = (response: "answers" | "refused" | "silent") => {
      socket.destroy();
      resolve(response);
    };
    socket.setTimeout(CONNECT_TIMEOUT, () => end("silent"));
    socket.once("connect", () => end("answers"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED" ? "refused" : "silent"));
  });
}

/** The endpoint's address, also of a host name. */
async function addressOf({ cluster }: ClusterCheckContext): Promise<string> {
  const { host } = cluster.nutanix.controlPlaneEndpoint;
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return host;
  const found = await lookup(host, { family: 4 }).catch(() => undefined);
  if (found === undefined) throw new Inconclusive(`${host} does not resolve on this machine`, "create the DNS name");
  return found.address;
}

function conflictsOf({ name, pools, gateway, dhcpServer }: Subnet, address: string): CheckOutcome[] {
  const pool = pools.find(({ from, to }) => isInRange(`${from}-${to}`, address));
  if (pool !== undefined) {
    const message = `${address} is in the pool ${pool.from} to ${pool.to} of "${name}"`;
    return [fail(message, "set an address outside the pools, or shrink the pool")];
  }
  const [isGateway, isDhcpServer] = [gateway, dhcpServer].map((one) => one === address);
  if (isGateway) return [fail(`${address} is the gateway of "${name}"`, OTHER_ADDRESS)];
  return isDhcpServer ? [fail(`${address} is the DHCP server of "${name}"`, OTHER_ADDRESS)] : [];
}
