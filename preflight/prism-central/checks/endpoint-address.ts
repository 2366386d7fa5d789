/** Is the control plane endpoint an address that nobody has, and that nobody will be given? */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import ipaddr from "ipaddr.js";
import { loadBalancing } from "../../../manifests/cluster-config.ts";
import type { Range, Subnet } from "../../../prism-central/inventory.ts";
import type { ClusterCheckContext } from "../../check.ts";
import { Inconclusive } from "../../check.ts";
import { nodeSubnets } from "../machine-groups.ts";
import { clusterCheck, fail, type Outcome, pass, unknown } from "./cluster-check.ts";

/** Milliseconds that an endpoint may take to answer. */
const DIAL = 2000;

export const endpointIsUnused = clusterCheck(
  { id: "endpoint-is-unused", asks: "does nothing answer on the endpoint, before the cluster exists?" },
  async (context) => {
    const { host, port } = context.cluster.nutanix.controlPlaneEndpoint;
    const place = `${host}:${port}`;
    const known = await isThere(context);
    if (known === true) return [pass("the cluster exists: whatever answers is its own")];
    const heard = await dial(host, port, context.signal);
    if (heard === "refused") {
      return [
        unknown(`${place} refuses: a machine has the address, or a firewall answers for it`, "see who answers: arping"),
      ];
    }
    if (heard === "silent") return [pass(`nothing answers on ${place}`)];
    const remedy = "take an address that nobody has, or stop what answers there";
    return [
      known === undefined
        ? unknown(`${place} answers, and whether the cluster exists is not known`, remedy)
        : fail(`${place} answers, and the cluster does not exist yet`, remedy),
    ];
  },
);

/** Whether the cluster exists; undefined where the management cluster cannot be asked. */
async function isThere({ existing, name }: ClusterCheckContext): Promise<boolean | undefined> {
  try {
    return (await existing()).has(name);
  } catch (error) {
    if (error instanceof Inconclusive) return undefined;
    throw error;
  }
}

function dial(host: string, port: number, signal: AbortSignal): Promise<"answers" | "refused" | "silent"> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    const end = (heard: "answers" | "refused" | "silent") => {
      socket.destroy();
      resolve(heard);
    };
    socket.setTimeout(DIAL, () => end("silent"));
    socket.once("connect", () => end("answers"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED" ? "refused" : "silent"));
  });
}

/** The endpoint's address, where a name is written the one that it leads to. */
async function addressOf({ cluster }: ClusterCheckContext): Promise<ipaddr.IPv4> {
  const { host } = cluster.nutanix.controlPlaneEndpoint;
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return ipaddr.IPv4.parse(host);
  const found = await lookup(host, { family: 4 }).catch(() => undefined);
  if (found === undefined)
    throw new Inconclusive(`${host} does not resolve on this machine`, "make the DNS name first");
  return ipaddr.IPv4.parse(found.address);
}

export const endpointIsInNodeSubnet = clusterCheck(
  {
    id: "endpoint-is-in-node-subnet",
    asks: "is an endpoint that the machines themselves hold in the network of theirs?",
  },
  async (context, inventory) => {
    const { cluster, name } = context;
    // Hosted: a balancer of the management cluster holds it. External: somebody's balancer does.
    if (cluster.mode === "hcp" || loadBalancing(cluster, name)["type"] === "external") return [];
    const address = await addressOf(context);
    const subnets = await nodeSubnets(cluster, await inventory(), "controlPlane");
    return subnets.map((subnet): Outcome => {
      if (subnet.cidr === undefined) {
        return unknown(
          `Prism Central does not manage the addresses of "${subnet.name}"`,
          "compare with the network's owner",
        );
      }
      return isIn(address, subnet.cidr)
        ? pass(`${address} is in ${subnet.cidr}, the network of "${subnet.name}"`)
        : fail(
            `${address} is not in ${subnet.cidr}, the network of "${subnet.name}", whose machines are to hold it`,
            "take a free address of that network, outside its pools",
          );
    });
  },
);

export const endpointIsOutsideSubnetIpPools = clusterCheck(
  {
    id: "endpoint-is-outside-subnet-ip-pools",
    asks: "is the endpoint outside every pool that Prism Central gives addresses out of, and no gateway or DHCP server?",
  },
  async (context, inventory) => {
    const address = await addressOf(context);
    const all = await inventory();
    const own = new Set((await nodeSubnets(context.cluster, all)).map(({ uuid }) => uuid));
    // Overlay networks repeat one another's ranges: only those of the cluster say something of its endpoint.
    const asked = (await all.subnets()).filter(({ kind, uuid }) => kind === "vlan" || own.has(uuid));
    const taken = asked.flatMap((subnet) => takenBy(subnet, address));
    return taken.length > 0 ? taken : [pass(`${address} is in no pool of ${asked.length} subnets`)];
  },
);

function takenBy({ name, pools, gateway, dhcpServer }: Subnet, address: ipaddr.IPv4): Outcome[] {
  const pool = pools.find((range) => isWithin(address, range));
  const remedy = "take an address outside the pools, or make the pool smaller";
  if (pool !== undefined) return [fail(`${address} is in the pool ${pool.from} to ${pool.to} of "${name}"`, remedy)];
  if (gateway === address.toString()) return [fail(`${address} is the gateway of "${name}"`, "take another address")];
  if (dhcpServer === address.toString()) {
    return [fail(`${address} is the DHCP server of "${name}"`, "take another address")];
  }
  return [];
}

export const endpointIsNotAVmAddress = clusterCheck(
  {
    id: "endpoint-is-not-a-vm-address",
    asks: "has no virtual machine of this Prism Central the endpoint's address?",
  },
  async (context, inventory) => {
    const address = (await addressOf(context)).toString();
    const holders = (await (await inventory()).virtualMachines()).filter(({ addresses }) =>
      addresses.includes(address),
    );
    const [holder] = holders;
    if (holder === undefined) return [pass(`no virtual machine has ${address}`)];
    const known = await isThere(context);
    if (known === true) return [pass("the cluster exists: a machine of its own has the address")];
    const found = `the virtual machine "${holder.name}" (${holder.uuid}) has the address ${address}`;
    const remedy = "take another address, or remove that machine";
    return [
      known === undefined
        ? unknown(`${found}, and whether it is the cluster's is not known`, remedy)
        : fail(found, remedy),
    ];
  },
);

function isIn(address: ipaddr.IPv4, cidr: string): boolean {
  return ipaddr.IPv4.isValidCIDR(cidr) && address.match(ipaddr.IPv4.parseCIDR(cidr));
}

function isWithin(address: ipaddr.IPv4, { from, to }: Range): boolean {
  const [low, high, middle] = [from, to, address.toString()].map(number);
  return low !== undefined && high !== undefined && middle !== undefined && low <= middle && middle <= high;
}

function number(text: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text).octets.reduce((sum, byte) => sum * 256 + byte, 0);
}
