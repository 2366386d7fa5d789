import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { clusterDeployment } from "../../manifests/cluster-deployment.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { at, integer, list, map, text } from "../../policy/rules/plain-values.ts";
import { answer, type ClusterCheck } from "../check.ts";
import { managementOf } from "./connection.ts";

/** Where a balancer speaks VRRP, and as whom. */
interface Router {
  readonly id: number;
  readonly prismCentral: string;
  /** How the cluster names the first subnets of its control plane machines: `name VM-Network`. */
  readonly subnets: readonly string[];
}

/** The router of a ClusterDeployment's config; undefined where k0s's balancer is not used. */
function routerOf(config: unknown): Router | undefined {
  const id = integer(at(config, "loadBalancing", "virtualRouterID"));
  if (id === undefined) return undefined;
  const prismCentral = text(at(config, "nutanix", "prismCentral", "address"))?.toLowerCase() ?? "";
  return { id, prismCentral, subnets: subnetsOf(config) };
}

/** The first subnet of each place that control plane machines go to: their failure domains', else their own. */
function subnetsOf(config: unknown): string[] {
  const domains = map(at(config, "failureDomains"));
  const named = list(at(config, "controlPlane", "failureDomains")).map((name) =>
    list(at(domains, String(name), "subnets")),
  );
  const own = list(at(config, "controlPlane", "subnets") ?? at(config, "machineDefaults", "subnets"));
  return (named.length > 0 ? named : [own]).flatMap(([first]) => {
    const type = text(at(first, "type"));
    return type === undefined ? [] : [`${type} ${text(at(first, type)) ?? ""}`];
  });
}

/** Whether two clusters are on one subnet: undefined where one names it by name and the other by UUID. */
function together(one: Router, other: Router): boolean | undefined {
  if (one.prismCentral !== other.prismCentral) return false;
  if (one.subnets.some((subnet) => other.subnets.includes(subnet))) return true;
  const kinds = new Set([...one.subnets, ...other.subnets].map((subnet) => subnet.split(" ")[0]));
  return kinds.size > 1 ? undefined : false;
}

function placed({ metadata }: KubernetesObject): string {
  return `ClusterDeployment ${metadata.namespace}/${metadata.name}`;
}

export const virtualRouterIdIsFree: ClusterCheck = {
  id: "virtual-router-id-is-free",
  asks: "is the virtual router ID used by no other ClusterDeployment of this management cluster on that subnet? more cannot be asked",
  scope: "cluster",
  run: async (context) => {
    const { name, cluster, stack } = context;
    const say = answer(virtualRouterIdIsFree.id, name);
    const { spec } = clusterDeployment(cluster, { name, prismCentral: stack.prismCentral });
    const ours = routerOf(spec?.["config"]);
    if (ours === undefined) return [];
    const live = (await (await managementOf(context)).list(KINDS.ClusterDeployment)) ?? [];
    const same = live
      .filter(({ metadata }) => !(metadata.namespace === NAMESPACE && metadata.name === name))
      .flatMap((object) => {
        const router = routerOf(object.spec?.["config"]);
        return router?.id === ours.id ? [{ object, on: together(ours, router) }] : [];
      });
    const where = ours.subnets.map((subnet) => JSON.stringify(subnet.replace(/^\w+ /, ""))).join(", ");
    const taken = same.find(({ on }) => on === true);
    const remedy = "set loadBalancing.virtualRouterID to a number from 1 to 255 that is unique in that subnet";
    if (taken !== undefined) {
      return [say.fail(`${ours.id} is the one of ${placed(taken.object)} too, on the subnet ${where}`, remedy)];
    }
    const doubtful = same.find(({ on }) => on === undefined);
    if (doubtful !== undefined) {
      return [
        say.unknown(
          `${ours.id} is the one of ${placed(doubtful.object)} too, which names its subnet in another way than ${where}`,
          `name both by UUID, or ${remedy}`,
        ),
      ];
    }
    return [
      say.pass(
        `no ClusterDeployment of this management cluster uses ${ours.id} on the subnet ${where}; other balancers cannot be asked`,
      ),
    ];
  },
};
