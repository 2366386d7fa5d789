/** Is the cluster one that Cluster API and k0s can make and keep? */
import { type ClusterFields, clustersOf } from "./cluster-fields.ts";
import { findDuplicates } from "./duplicates.ts";
import { hostKey } from "./endpoint-rules.ts";
import { always, type Rule, strictInProduction } from "./rule.ts";
import { compareMinors, FIRST_K0S_WITH_CPLB, minorOf, REFUSED_K0S } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

/** Clusters that have etcd members of their own. */
function withOwnControlPlane(clusters: readonly ClusterFields[]): ClusterFields[] {
  return clusters.filter(({ standalone }) => standalone === true);
}

export const controlPlaneCountIsOdd: Rule = {
  name: "control-plane-count-is-odd",
  category: "shape",
  level: always("mandatory"),
  inspects: "`controlPlaneNumber` of standalone clusters, `spec.replicas` of K0sControlPlanes",
  why: "etcd needs a majority: an even number of members tolerates no more failures than one member less",
  remedy: "set an odd number, such as 3 or 5",
  example: "clusters.edge.controlPlaneNumber: 4 is an even number of etcd members; set 3 or 5",
  check: (subjects) =>
    withOwnControlPlane(clustersOf(subjects)).flatMap(({ controlPlaneNumber: number }) => {
      const replicas = number.whole;
      if (replicas === undefined || Math.abs(replicas % 2) === 1) return [];
      return [
        number.violation("is an even number of etcd members", `set ${Math.max(1, replicas - 1)} or ${replicas + 1}`),
      ];
    }),
};

export const productionControlPlaneIsRedundant: Rule = {
  name: "production-control-plane-is-redundant",
  category: "shape",
  level: strictInProduction,
  inspects: "`controlPlaneNumber` of standalone clusters, `spec.replicas` of K0sControlPlanes",
  why: "with one control plane machine every repair or upgrade of it interrupts the API server",
  remedy: "set 3 or 5 control plane machines",
  example:
    "clusters.edge.controlPlaneNumber: 1 is too few control plane machines to tolerate the loss of one; set 3 or 5",
  check: (subjects) =>
    withOwnControlPlane(clustersOf(subjects))
      .filter(({ controlPlaneNumber: { whole } }) => whole !== undefined && whole < 3)
      .map(({ controlPlaneNumber }) =>
        controlPlaneNumber.violation("is too few control plane machines to tolerate the loss of one", "set 3 or 5"),
      ),
};

export const clusterNamesAreUnique: Rule = {
  name: "cluster-names-are-unique",
  category: "shape",
  level: always("mandatory"),
  inspects: "names of ClusterDeployments and NutanixClusters with the Prism Central of each",
  why: "CAPX finds VMs and categories in Prism Central by cluster name: two clusters of one name delete each other's",
  remedy: "use a unique name for each cluster of a Prism Central, in all namespaces",
  example:
    "ClusterDeployment team-b/edge spec.config: has the name of ClusterDeployment team-a/edge spec.config on the same Prism Central; use a unique name for each cluster of a Prism Central",
  check: (subjects) =>
    findDuplicates(clustersOf(subjects), ({ name, central, endpoint }) => {
      const address = central.isGlobal() ? "the global one" : central.address.text;
      return endpoint.host.isSet && address !== undefined ? `${name} on ${hostKey(address)}` : undefined;
    }).map(({ cluster, first }) => ({
      path: cluster.at,
      cluster: cluster.name,
      reason: `has the name of ${first.at} on the same Prism Central`,
      remedy: "use a unique name for each cluster of a Prism Central",
    })),
};

export const k0sVersionIsSupported: Rule = {
  name: "k0s-version-is-supported",
  category: "shape",
  level: always("mandatory"),
  inspects: "`k0s.version` and `loadBalancing.type` of ClusterDeployments, `spec.version` of control planes",
  why: "controllers reject some k0s releases, and some lack a feature that the cluster uses",
  remedy: "use another k0s release, or another load balancer",
  example:
    'clusters.demo.k0s.version: "v1.31.1+k0s.1" is rejected by k0smotron\'s webhook for a known bug; use a later patch release',
  check: (subjects) => clustersOf(subjects).flatMap(k0sFaults),
};

function k0sFaults({ k0s, standalone, balancer, config }: ClusterFields): Violation[] {
  const version = k0s.version.text;
  if (version === undefined) return [];
  const reason = REFUSED_K0S[version.replace(/^v/, "").replace(/[+-].*$/, "")];
  if (reason !== undefined) return [k0s.version.violation(reason, "use a later patch release")];
  // The chart takes k0s's own balancer where none is written.
  const isCplb = balancer.value === "cplb" || (config.isSet && standalone === true && !balancer.isSet);
  if (!isCplb || compareMinors(minorOf(version), FIRST_K0S_WITH_CPLB) >= 0) return [];
  const needs = `needs k0s ${FIRST_K0S_WITH_CPLB} or later, but k0s.version is ${safeWord(version)}`;
  return [
    balancer.isSet
      ? balancer.violation(needs, "set kube-vip or external, remove it, or use a later k0s")
      : balancer.violationWithoutValue(
          `defaults to cplb, which ${needs}`,
          "set kube-vip or external, or use a later k0s",
        ),
  ];
}
