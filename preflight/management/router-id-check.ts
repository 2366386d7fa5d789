import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { clusterDeployment } from "../../manifests/cluster-deployment.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { at, integer, list, map, text } from "../../policy/rules/plain-values.ts";
import { type Check, fail, inconclusive, pass } from "../check.ts";
import { managementOf } from "./management-client.ts";

/** A virtual router of k0s's load balancer, and where it uses VRRP. */
interface VirtualRouter {
  readonly id: number;
  readonly prismCentral: string;
  /** The first subnets of the control plane machines: `name VM-Network`. */
  readonly subnets: readonly string[];
}

/** The virtual router of a ClusterDeployment's config; undefined where k0s's load balancer is not used. */
function routerOf(config: unknown): VirtualRouter | undefined {
  const id = integer(at(config, "loadBalancing", "virtualRouterID"));
  if (id === undefined) return undefined;
  const prismCentral = text(at(config, "nutanix", "prismCentral", "address"))?.toLowerCase() ?? "";
  return { id, prismCentral, subnets: subnetsOf(config) };
}

/** The first subnet of each failure domain of the control plane, else its own. */
function subnetsOf(config: unknown): string[] {
  const domains = map(at(config, "failureDomains"));
  const ofDomains = list(at(config, "controlPlane", "failureDomains")).map((name) =>
    list(at(domains, String(name), "subnets")),
  );
  const own = list(at(config, "controlPlane", "subnets") ?? at(config, "machineDefaults", "subnets"));
  return (ofDomains.length > 0 ? ofDomains : [own]).flatMap(([first]) => {
    const type = text(at(first, "type"));
    return type === undefined ? [] : [`${type} ${text(at(first, type)) ?? ""}`];
  });
}

/** Whether two clusters are on one subnet; undefined where one has its name and the other its UUID. */
function shareSubnet(one: VirtualRouter, other: VirtualRouter): boolean | undefined {
  if (one.prismCentral !== other.prismCentral) return false;
  if (one.subnets.some((subnet) => other.subnets.includes(subnet))) return true;
  const kinds = new Set([...one.subnets, ...other.subnets].map((subnet) => subnet.split(" ")[0]));
  return kinds.size > 1 ? undefined : false;
}

export const ROUTER_ID_CHECK: Check = {
  id: "virtual-router-id-is-free",
  description: "no other ClusterDeployment of this management cluster uses the virtual router ID on that subnet",
  scope: "cluster",
  run: async (context) => {
    const { name, cluster, stack } = context;
    const { spec } = clusterDeployment(cluster, { name, prismCentral: stack.prismCentral });
    const own = routerOf(spec?.["config"]);
    if (own === undefined) return [];
    const live = (await (await managementOf(context)).list(KINDS.ClusterDeployment)) ?? [];
    const others = live
      .filter(({ metadata }) => !(metadata.namespace === NAMESPACE && metadata.name === name))
      .flatMap((object) => {
        const router = routerOf(object.spec?.["config"]);
        return router?.id === own.id ? [{ object, isShared: shareSubnet(own, router) }] : [];
      });
    const subnets = own.subnets.map((subnet) => JSON.stringify(subnet.replace(/^\w+ /, ""))).join(", ");
    const remedy = "set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet";
    const conflict = others.find(({ isShared }) => isShared === true);
    if (conflict !== undefined) return fail(`${usedBy(own, conflict.object)} on the subnet ${subnets}`, remedy);
    const possible = others.find(({ isShared }) => isShared === undefined);
    if (possible !== undefined) {
      const message = `${usedBy(own, possible.object)}; whether its subnet is ${subnets} is unknown: one has a name, the other a UUID`;
      return inconclusive(message, `set both subnets by UUID, or ${remedy}`);
    }
    return pass(`no ClusterDeployment uses ${own.id} on the subnet ${subnets}; other load balancers are not checked`);
  },
};

function usedBy({ id }: VirtualRouter, { metadata }: KubernetesObject): string {
  return `ClusterDeployment ${metadata.namespace}/${metadata.name} uses ${id} too`;
}
