/** Rules about the shape of a cluster: control plane size, name, k0s version. */
import { findDuplicates } from "./cluster-comparison.ts";
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { hostKey } from "./endpoint-rules.ts";
import { kcmVersionOf } from "./release-versions.ts";
import { mandatory, mandatoryInProduction, type Rule } from "./rule.ts";
import { compareMinors, FIRST_K0S_WITH_CPLB, KUBERNETES_ENDS, lineOf, minorOf, REJECTED_K0S } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

const REPLICAS = "`controlPlaneNumber` of standalone clusters, `spec.replicas` of K0sControlPlanes";

export const controlPlaneCountIsOdd: Rule = {
  name: "control-plane-count-is-odd",
  category: "shape",
  level: mandatory,
  inspects: REPLICAS,
  why: "etcd needs a majority: an even number of members tolerates no more failures than one member less",
  remedy: "set an odd number, such as 3 or 5",
  example: "clusters.edge.controlPlaneNumber: 4 is an even number of etcd members; set 3 or 5",
  check: (targets) =>
    clustersOf(targets).flatMap(({ standalone, controlPlaneNumber: field }) => {
      const replicas = field.integer;
      if (!standalone || replicas === undefined || replicas % 2 !== 0) return [];
      return [
        field.violation("is an even number of etcd members", `set ${Math.max(1, replicas - 1)} or ${replicas + 1}`),
      ];
    }),
};

export const productionControlPlaneIsRedundant: Rule = {
  name: "production-control-plane-is-redundant",
  category: "shape",
  level: mandatoryInProduction,
  inspects: REPLICAS,
  why: "with one control plane machine every repair or upgrade of it interrupts the API server",
  remedy: "set 3 or 5 control plane machines",
  example:
    "clusters.edge.controlPlaneNumber: 1 is too few control plane machines to tolerate the loss of one; set 3 or 5",
  check: (targets) =>
    clustersOf(targets)
      .filter(({ standalone, controlPlaneNumber: { integer = 3 } }) => standalone && integer < 3)
      .map(({ controlPlaneNumber }) =>
        controlPlaneNumber.violation("is too few control plane machines to tolerate the loss of one", "set 3 or 5"),
      ),
};

const UNIQUE_NAME = "use a unique name for each cluster of a Prism Central";

export const clusterNamesAreUnique: Rule = {
  name: "cluster-names-are-unique",
  category: "shape",
  level: mandatory,
  inspects: "names of ClusterDeployments and NutanixClusters with the Prism Central of each",
  why: "CAPX finds VMs and categories in Prism Central by cluster name: two clusters of one name delete each other's",
  remedy: `${UNIQUE_NAME}, in all namespaces`,
  example: `ClusterDeployment team-b/edge spec.config: has the name of ClusterDeployment team-a/edge spec.config on the same Prism Central; ${UNIQUE_NAME}`,
  check: (targets) =>
    findDuplicates(clustersOf(targets), ({ name, prismCentral, endpoint }) => {
      const address = prismCentral.isGlobal() ? "global" : prismCentral.address.text;
      return endpoint.host.isSet && address !== undefined ? `${name} on ${hostKey(address)}` : undefined;
    }).map(({ cluster, first }) => ({
      path: cluster.at,
      cluster: cluster.name,
      reason: `has the name of ${first.at} on the same Prism Central`,
      remedy: UNIQUE_NAME,
    })),
};

export const k0sVersionIsSupported: Rule = {
  name: "k0s-version-is-supported",
  category: "shape",
  level: mandatory,
  inspects: "`k0s.version` and `loadBalancing.type` of ClusterDeployments, `spec.version` of control planes",
  why: "controllers reject some k0s releases, and some lack a feature that the cluster uses",
  remedy: "use another k0s release, or another load balancer",
  example:
    'clusters.demo.k0s.version: "v1.31.1+k0s.1" is rejected by k0smotron\'s webhook for a known bug; use a later patch release',
  check: (targets) => clustersOf(targets).flatMap(k0sViolations),
};

function k0sViolations({ k0s, standalone, loadBalancer, config }: ClusterFields): Violation[] {
  const version = k0s.version.text;
  if (version === undefined) return [];
  const reason = REJECTED_K0S[version.replace(/^v/, "").replace(/[+-].*$/, "")];
  if (reason !== undefined) return [k0s.version.violation(reason, "use a later patch release")];
  // The chart's default is k0s's own load balancer.
  const isDefault = config.isSet && standalone === true && !loadBalancer.isSet;
  const isCplb = isDefault || loadBalancer.value === "cplb";
  if (!isCplb || compareMinors(minorOf(version), FIRST_K0S_WITH_CPLB) >= 0) return [];
  const needs = `needs k0s ${FIRST_K0S_WITH_CPLB} or later, but k0s.version is ${safeWord(version)}`;
  return [
    isDefault
      ? loadBalancer.redacted(`defaults to cplb, which ${needs}`, "set kube-vip or external, or use a later k0s")
      : loadBalancer.violation(needs, "set kube-vip or external, remove it, or use a later k0s"),
  ];
}

const DAY_MS = 86_400_000;
const DEFAULT_WARN_DAYS = 90;
const UPGRADE = "upgrade k0s, one minor version at a time";

export const k0sVersionIsMaintained: Rule = {
  name: "k0s-version-is-maintained",
  category: "supply",
  level: ({ environment }) => (environment === "dev" ? "disabled" : "advisory"),
  inspects:
    "the k0s version of each cluster, the day on which its Kubernetes minor ends, and the kcm version of the stack",
  why: "Kubernetes fixes no security hole of a minor version that has ended; and k0smotron is tested with the k0s of its time",
  remedy: UPGRADE,
  example: `clusters.demo.k0s.version: "v1.32.6+k0s.0" is of Kubernetes 1.32, which ended on 2026-02-28; ${UPGRADE}`,
  settings: {
    warnDays: {
      type: "integer",
      minimum: 0,
      description: `days before the end of a minor version to warn from; default ${DEFAULT_WARN_DAYS}`,
    },
  },
  check: (targets, { settings: { warnDays }, now }) => {
    const days = typeof warnDays === "number" ? warnDays : DEFAULT_WARN_DAYS;
    const kcm = kcmVersionOf(targets) ?? "";
    return clustersOf(targets).flatMap(({ k0s: { version } }): Violation[] => {
      const minor = minorOf(version.text ?? "");
      const end = KUBERNETES_ENDS[minor];
      const newest = lineOf(kcm)?.k0s[1];
      const left = Math.ceil((Date.parse(end ?? "") - now.getTime()) / DAY_MS);
      const ending = left < 0 ? `which ended on ${end}` : `which ends on ${end}, in ${left} days`;
      return [
        ...(left <= days ? [version.violation(`is of Kubernetes ${minor}, ${ending}`, UPGRADE)] : []),
        ...(newest !== undefined && version.text !== undefined && compareMinors(minor, newest) > 0
          ? [
              version.violation(
                `is newer than k0s ${newest}, the newest that kcm ${safeWord(kcm)} is known to work with`,
                `use k0s ${newest}, or a newer kcm`,
              ),
            ]
          : []),
      ];
    });
  },
};
