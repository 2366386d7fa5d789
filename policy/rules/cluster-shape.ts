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
  why: "etcd counts votes: an even number of members bears no more failures than one less, and costs a machine",
  remedy: "write 3 or 5",
  example: "clusters.edge.controlPlaneNumber: 4 is an even number of etcd members; write 3 or 5",
  check: (subjects) =>
    withOwnControlPlane(clustersOf(subjects)).flatMap(({ controlPlaneNumber: number }) => {
      const replicas = number.whole;
      if (replicas === undefined || Math.abs(replicas % 2) === 1) return [];
      return [
        number.violation("is an even number of etcd members", `write ${Math.max(1, replicas - 1)} or ${replicas + 1}`),
      ];
    }),
};

export const productionControlPlaneIsRedundant: Rule = {
  name: "production-control-plane-is-redundant",
  category: "shape",
  level: strictInProduction,
  inspects: "`controlPlaneNumber` of standalone clusters, `spec.replicas` of K0sControlPlanes",
  why: "with one control plane machine every repair or upgrade of it is an outage",
  remedy: "write 3 or 5",
  example:
    "clusters.edge.controlPlaneNumber: 1 is fewer control plane machines than survive the loss of one; write 3 or 5",
  check: (subjects) =>
    withOwnControlPlane(clustersOf(subjects))
      .filter(({ controlPlaneNumber: { whole } }) => whole !== undefined && whole < 3)
      .map(({ controlPlaneNumber }) =>
        controlPlaneNumber.violation("is fewer control plane machines than survive the loss of one", "write 3 or 5"),
      ),
};

export const clusterNamesAreUnique: Rule = {
  name: "cluster-names-are-unique",
  category: "shape",
  level: always("mandatory"),
  inspects: "names of ClusterDeployments and NutanixClusters with the Prism Central of each",
  why: "CAPX finds machines and categories on Prism Central by the cluster's name: two of one name take each other's away",
  remedy: "give each cluster of a Prism Central a name of its own, whatever its namespace",
  example:
    "ClusterDeployment team-b/edge spec.config: has the name of ClusterDeployment team-a/edge spec.config, on the same Prism Central; give each cluster of a Prism Central a name of its own",
  check: (subjects) =>
    findDuplicates(clustersOf(subjects), ({ name, central, endpoint }) => {
      const address = central.isGlobal() ? "the global one" : central.address.text;
      return endpoint.host.isSet && address !== undefined ? `${name} on ${hostKey(address)}` : undefined;
    }).map(({ cluster, first }) => ({
      path: cluster.at,
      cluster: cluster.name,
      reason: `has the name of ${first.at}, on the same Prism Central`,
      remedy: "give each cluster of a Prism Central a name of its own",
    })),
};

export const k0sVersionIsSupported: Rule = {
  name: "k0s-version-is-supported",
  category: "shape",
  level: always("mandatory"),
  inspects: "`k0s.version` and `loadBalancing.type` of ClusterDeployments, `spec.version` of control planes",
  why: "some k0s releases are refused by the controllers, or lack what the cluster asks of them",
  remedy: "take another k0s release, or another balancer",
  example:
    'clusters.demo.k0s.version: "v1.31.1+k0s.1" is refused by k0smotron\'s webhook: it carries a known bug; take a later patch release',
  check: (subjects) => clustersOf(subjects).flatMap(k0sFaults),
};

function k0sFaults({ k0s, standalone, balancer, config }: ClusterFields): Violation[] {
  const version = k0s.version.text;
  if (version === undefined) return [];
  const reason = REFUSED_K0S[version.replace(/^v/, "").replace(/[+-].*$/, "")];
  if (reason !== undefined) return [k0s.version.violation(reason, "take a later patch release")];
  // The chart takes k0s's own balancer where none is written.
  const isCplb = balancer.value === "cplb" || (config.isSet && standalone === true && !balancer.isSet);
  if (!isCplb || compareMinors(minorOf(version), FIRST_K0S_WITH_CPLB) >= 0) return [];
  const needs = `needs k0s ${FIRST_K0S_WITH_CPLB} or later, and k0s.version is ${safeWord(version)}`;
  return [
    balancer.isSet
      ? balancer.violation(needs, "write kube-vip or external, leave it out, or take a later k0s")
      : balancer.violationWithoutValue(
          `is cplb unless it is written, which ${needs}`,
          "write kube-vip or external, or take a later k0s",
        ),
  ];
}
