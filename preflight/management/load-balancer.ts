import ipaddr from "ipaddr.js";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { answer, type CheckResult, type ClusterCheck, type ClusterCheckContext } from "../check.ts";
import { ciliumPools, holds, metalPools, type Pool } from "./address-pools.ts";
import { managementOf } from "./connection.ts";
import type { Reader } from "./reader.ts";

interface ServiceSpec {
  readonly type?: string;
  readonly loadBalancerIP?: string;
}
interface ServiceStatus {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
}

/** The Service of another owner that has the address, if there is one. */
function holderOf(services: readonly KubernetesObject[], { host, cluster }: { host: string; cluster: string }) {
  const own = [`kmc-${cluster}-lb`, `kmc-${cluster}-hcp-cp-lb`];
  return services.find(({ metadata, spec, status }) => {
    const { type, loadBalancerIP } = (spec ?? {}) as ServiceSpec;
    const { loadBalancer } = (status ?? {}) as ServiceStatus;
    const isOwn =
      metadata.namespace === NAMESPACE &&
      (own.includes(metadata.name) || metadata.labels?.["cluster.x-k8s.io/cluster-name"] === cluster);
    const has = loadBalancerIP === host || loadBalancer?.ingress?.some(({ ip }) => ip === host) === true;
    return type === "LoadBalancer" && has && !isOwn;
  });
}

interface PodTemplate {
  readonly template?: {
    readonly spec?: { readonly containers?: readonly { image?: string; env?: { name: string; value?: string }[] }[] };
  };
}

/** Whether a workload is kube-vip, and hands addresses to Services. */
function isKubeVip({ spec }: KubernetesObject): boolean {
  const containers = (spec as PodTemplate | undefined)?.template?.spec?.containers ?? [];
  return containers.some(
    ({ image = "", env = [] }) =>
      /(^|\/)kube-vip(:|@|$)/.test(image) && env.some(({ name, value }) => name === "svc_enable" && value === "true"),
  );
}

/** Clouds, by what stands before `://` in the providerID of the nodes. */
function cloudOf(nodes: readonly KubernetesObject[]): string | undefined {
  const ids = nodes.map(({ spec }) => (spec as { providerID?: string } | undefined)?.providerID ?? "");
  return ids.map((id) => /^([a-z0-9-]+):\/\//.exec(id)?.[1]).find((cloud) => cloud !== undefined && cloud !== "kind");
}

function poolAnswer(
  { name }: ClusterCheckContext,
  { host, pools }: { host: string; pools: readonly Pool[] },
): CheckResult {
  const say = answer(loadBalancerServesEndpoint.id, name);
  const holding = pools.filter(({ ranges }) => ranges.some((range) => holds(range, host)));
  const open = holding.find(({ closed }) => closed === undefined);
  if (open !== undefined) return say.pass(`${host} is in ${open.name}`);
  const [first] = holding;
  if (first !== undefined) {
    return say.fail(
      `${host} is in ${first.name}, but ${first.closed}`,
      "open that pool to kcm-system, or take an address of another",
    );
  }
  const known = pools.map(({ name, ranges }) => `${name} (${ranges.join(", ")})`);
  return say.fail(`no pool holds ${host}: ${known.join("; ")}`, "add the address to a pool, or take one of a pool");
}

async function otherAnswer({ name }: ClusterCheckContext, { host, reader }: { host: string; reader: Reader }) {
  const say = answer(loadBalancerServesEndpoint.id, name);
  const [sets, deployments, nodes] = await Promise.all([
    reader.list(KINDS.DaemonSet),
    reader.list(KINDS.Deployment),
    reader.list(KINDS.Node),
  ]);
  const kubeVip = [...(sets ?? []), ...(deployments ?? [])].find(isKubeVip);
  if (kubeVip !== undefined) {
    return say.pass(
      `kube-vip (${kubeVip.metadata.namespace}/${kubeVip.metadata.name}) takes the address it is asked for`,
    );
  }
  const cloud = cloudOf(nodes ?? []);
  if (cloud !== undefined) {
    return say.unknown(
      `the nodes are of the cloud ${cloud}: whether its balancer takes ${host} cannot be asked`,
      "reserve the address there, and name what it needs in values.k0smotron.service.annotations",
    );
  }
  return say.unknown(
    `neither MetalLB, Cilium, kube-vip nor a cloud is seen here that would give ${host} to a Service`,
    "install one of them, unless the management cluster has another balancer that does",
  );
}

export const loadBalancerServesEndpoint: ClusterCheck = {
  id: "load-balancer-serves-endpoint",
  asks: "can a load balancer of the management cluster give the endpoint to a hosted control plane, and has nobody got it?",
  scope: "cluster",
  run: async (context) => {
    const { name, cluster } = context;
    if (cluster.mode !== "hcp") return [];
    const say = answer(loadBalancerServesEndpoint.id, name);
    const { host } = cluster.nutanix.controlPlaneEndpoint;
    const reader = await managementOf(context);
    if (!ipaddr.isValid(host)) {
      return [
        say.unknown(
          `the endpoint ${host} is a name, and only an address can be asked of a balancer`,
          "write the address, or name the balancer's own way in values.k0smotron.service.annotations",
        ),
      ];
    }
    const holder = holderOf((await reader.list(KINDS.Service)) ?? [], { host, cluster: name });
    if (holder !== undefined) {
      return [
        say.fail(
          `${host} is the address of Service ${holder.metadata.namespace}/${holder.metadata.name}`,
          "take another address for the endpoint",
        ),
      ];
    }
    const [metal, cilium] = await Promise.all([metalPools(reader, NAMESPACE), ciliumPools(reader)]);
    const pools = [...(metal ?? []), ...(cilium ?? [])];
    if (pools.length > 0) return [poolAnswer(context, { host, pools })];
    return [await otherAnswer(context, { host, reader })];
  },
};
