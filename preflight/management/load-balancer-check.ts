import ipaddr from "ipaddr.js";
import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { CLUSTER_LABEL } from "../../manifests/manifest.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { isInRange } from "../../policy/rules/address-ranges.ts";
import { at, list, text } from "../../policy/rules/plain-values.ts";
import { type Check, type CheckOutcome, fail, inconclusive, pass } from "../check.ts";
import { type AddressPool, ciliumPools, metalLbPools } from "./address-pools.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

export const LOAD_BALANCER_CHECK: Check = {
  id: "load-balancer-serves-endpoint",
  description:
    "a load balancer of the management cluster can serve the endpoint of a hosted control plane, and no other Service has it",
  scope: "cluster",
  run: async (context) => {
    const { name, cluster } = context;
    if (cluster.mode !== "hcp") return [];
    const { host } = cluster.nutanix.controlPlaneEndpoint;
    const reader = await managementOf(context);
    if (!ipaddr.isValid(host)) {
      return inconclusive(
        `the endpoint ${host} is a name, and load balancers are checked by address`,
        "set the address, or the load balancer's own settings in values.k0smotron.service.annotations",
      );
    }
    const other = ((await reader.list(KINDS.Service)) ?? []).find((service) => servesForOther(service, { host, name }));
    if (other !== undefined) {
      const { namespace, name } = other.metadata;
      return fail(`${host} is the address of Service ${namespace}/${name}`, "set another address for the endpoint");
    }
    const [metalLb, cilium] = await Promise.all([metalLbPools(reader, NAMESPACE), ciliumPools(reader)]);
    const pools = [...(metalLb ?? []), ...(cilium ?? [])];
    return pools.length > 0 ? poolOutcome(host, pools) : otherOutcome(host, reader);
  },
};

/** Whether a Service that is not the cluster's own has the address. */
function servesForOther(
  { metadata, spec, status }: KubernetesObject,
  { host, name }: { host: string; name: string },
): boolean {
  const isOwn =
    metadata.namespace === NAMESPACE &&
    ([`kmc-${name}-lb`, `kmc-${name}-hcp-cp-lb`].includes(metadata.name) || metadata.labels?.[CLUSTER_LABEL] === name);
  const ingress = list(at(status, "loadBalancer", "ingress"));
  const hasAddress = at(spec, "loadBalancerIP") === host || ingress.some((one) => at(one, "ip") === host);
  return at(spec, "type") === "LoadBalancer" && hasAddress && !isOwn;
}

function poolOutcome(host: string, pools: readonly AddressPool[]): CheckOutcome {
  const containing = pools.filter(({ ranges }) => ranges.some((range) => isInRange(range, host)));
  const usable = containing.find(({ unusable }) => unusable === undefined);
  if (usable !== undefined) return pass(`${host} is in ${usable.name}`);
  const [first] = containing;
  if (first !== undefined) {
    const remedy = "make that pool available to kcm-system, or set an address of another";
    return fail(`${host} is in ${first.name}, but ${first.unusable}`, remedy);
  }
  const all = pools.map(({ name, ranges }) => `${name} (${ranges.join(", ")})`);
  return fail(`no pool contains ${host}: ${all.join("; ")}`, "add the address to a pool, or set one of a pool");
}

async function otherOutcome(host: string, reader: Reader): Promise<CheckOutcome> {
  const lists = await Promise.all([KINDS.DaemonSet, KINDS.Deployment, KINDS.Node].map((kind) => reader.list(kind)));
  const [daemonSets, deployments, nodes] = lists.map((found) => found ?? []) as [
    KubernetesObject[],
    KubernetesObject[],
    KubernetesObject[],
  ];
  const kubeVip = [...daemonSets, ...deployments].find(isKubeVip);
  if (kubeVip !== undefined) {
    return pass(`kube-vip (${kubeVip.metadata.namespace}/${kubeVip.metadata.name}) serves any address`);
  }
  const cloud = cloudOf(nodes);
  if (cloud !== undefined) {
    return inconclusive(
      `the nodes run on ${cloud}, whose load balancer cannot be checked for ${host}`,
      "reserve the address there, and set what it needs in values.k0smotron.service.annotations",
    );
  }
  return inconclusive(
    `found neither MetalLB, Cilium, kube-vip nor a cloud to serve ${host}`,
    "install one of them, unless the management cluster has another load balancer",
  );
}

/** Whether a workload is kube-vip, and assigns addresses to Services. */
function isKubeVip({ spec }: KubernetesObject): boolean {
  return list(at(spec, "template", "spec", "containers")).some(
    (container) =>
      /(^|\/)kube-vip(:|@|$)/.test(text(at(container, "image")) ?? "") &&
      list(at(container, "env")).some((one) => at(one, "name") === "svc_enable" && at(one, "value") === "true"),
  );
}

/** The cloud, by the scheme of the providerID of the nodes. */
function cloudOf(nodes: readonly KubernetesObject[]): string | undefined {
  return nodes
    .map(({ spec }) => /^([a-z0-9-]+):\/\//.exec(text(at(spec, "providerID")) ?? "")?.[1])
    .find((cloud) => cloud !== undefined && cloud !== "kind");
}
