/** Is the cluster one that CAPX, Cluster API and k0s can make and keep? */
import type ipaddr from "ipaddr.js";
import { at, bytes, type ClusterSubject, clustersOf, machineOf, rolesOf, text, whole } from "./cluster.ts";
import { networksOf, repeated } from "./endpoint.ts";
import type { Fault } from "./fault.ts";
import { always, type Rule } from "./rule.ts";
import { compareMinors, FIRST_K0S_WITH_CPLB, minorOf, REFUSED_K0S } from "./versions.ts";

const GIB = 2 ** 30;

export const controlPlaneCountIsOdd: Rule = {
  name: "control-plane-count-is-odd",
  level: always("mandatory"),
  why: "etcd counts votes: an even number of members bears no more failures than one less, and costs a machine",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const replicas = whole(at(cluster.config, "controlPlaneNumber"));
      if (!cluster.standalone || replicas === undefined || replicas % 2 === 1) return [];
      return [
        {
          path: `${cluster.at}.controlPlaneNumber`,
          value: replicas,
          reason: "is an even number of etcd members",
          remedy: `write ${Math.max(1, replicas - 1)} or ${replicas + 1}`,
        },
      ];
    }),
};

export const productionControlPlaneIsRedundant: Rule = {
  name: "production-control-plane-is-redundant",
  level: ({ environment }) => (environment === "production" ? "mandatory" : "advisory"),
  why: "with one control plane machine every repair or upgrade of it is an outage",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const replicas = whole(at(cluster.config, "controlPlaneNumber"));
      if (!cluster.standalone || replicas === undefined || replicas >= 3) return [];
      return [
        {
          path: `${cluster.at}.controlPlaneNumber`,
          value: replicas,
          reason: "is fewer control plane machines than survive the loss of one",
          remedy: "write 3 or 5",
        },
      ];
    }),
};

const MINIMA = [
  { key: "memorySize", least: 2 * GIB, words: "2Gi" },
  { key: "systemDiskSize", least: 20 * GIB, words: "20Gi" },
] as const;

export const machinesMeetMinima: Rule = {
  name: "machines-meet-minima",
  level: always("mandatory"),
  why: "CAPX refuses smaller machines only when it makes them, and at 1.7 for good: the machine must be made anew",
  check: (subjects) =>
    clustersOf(subjects)
      .flatMap((cluster) =>
        rolesOf(cluster).flatMap((role) =>
          MINIMA.flatMap(({ key, least, words }): Fault[] => {
            const value = machineOf(cluster, role)[key];
            const size = bytes(value);
            if (size === undefined || size >= least) return [];
            const written = at(cluster.config, role, key) === undefined ? "machineDefaults" : role;
            return [
              {
                path: `${cluster.at}.${written}.${key}`,
                value,
                reason: `is less than the ${words} that CAPX asks for`,
                remedy: `write ${words} or more`,
              },
            ];
          }),
        ),
      )
      .filter((fault, index, all) => all.findIndex(({ path }) => path === fault.path) === index),
};

export const networksAreApart: Rule = {
  name: "networks-are-apart",
  level: always("mandatory"),
  why: "an address that is a pod's and a service's at once reaches neither",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const networks = networksOf(cluster);
      return networks.flatMap((one, index) =>
        networks.slice(index + 1).flatMap((other) =>
          overlap(one.range, other.range)
            ? [
                {
                  path: `${cluster.at}.clusterNetwork.${other.key}.cidrBlocks.${other.index}`,
                  value: other.block,
                  reason: `overlaps ${one.block} of clusterNetwork.${one.key}`,
                  remedy: "choose ranges that share no address",
                },
              ]
            : [],
        ),
      );
    }),
};

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Two ranges share addresses exactly when the wider one holds the other's beginning. */
function overlap(one: Range, other: Range): boolean {
  if (one[0].kind() !== other[0].kind()) return false;
  const wider = one[1] <= other[1] ? one : other;
  const narrower = wider === one ? other : one;
  return (narrower[0] as ipaddr.IPv4).match(wider as [ipaddr.IPv4, number]);
}

export const k0sVersionIsUsable: Rule = {
  name: "k0s-version-is-usable",
  level: always("mandatory"),
  why: "some k0s releases are refused by the controllers, or lack what the cluster asks of them",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster): Fault[] => {
      const version = text(at(cluster.config, "k0s", "version"));
      if (version === undefined) return [];
      const reason = REFUSED_K0S[version.replace(/^v/, "").replace(/\+.*$/, "")];
      if (reason !== undefined) {
        return [{ path: `${cluster.at}.k0s.version`, value: version, reason, remedy: "take a later patch release" }];
      }
      const hasCplb = compareMinors(minorOf(version), FIRST_K0S_WITH_CPLB) >= 0;
      if (hasCplb || at(cluster.config, "loadBalancing", "type") !== "cplb") return [];
      return [
        {
          path: `${cluster.at}.loadBalancing.type`,
          value: "cplb",
          reason: `needs k0s ${FIRST_K0S_WITH_CPLB} or later, and k0s.version is ${version}`,
          remedy: "write kube-vip or external, leave it out, or take a later k0s",
        },
      ];
    }),
};

export const capxObjectsAreNotShared: Rule = {
  name: "capx-objects-are-not-shared",
  level: always("mandatory"),
  why: "CAPX owns the Secret and the ConfigMap that a cluster names, refuses another owner, and deletes them with the cluster",
  check: (subjects) =>
    (["credentialSecretName", "additionalTrustBundleConfigMapName"] as const).flatMap((key) => [
      ...takenFaults(clustersOf(subjects), key),
      ...repeated(clustersOf(subjects), (cluster) => {
        const name = text(at(cluster.config, "nutanix", "prismCentral", key));
        return name === undefined ? undefined : `${cluster.namespace}/${name}`;
      }).map(({ cluster, first }) => ({
        path: `${cluster.at}.nutanix.prismCentral.${key}`,
        value: at(cluster.config, "nutanix", "prismCentral", key),
        reason: `is named by ${first.at} too, and CAPX would delete it with the first of them`,
        remedy: OWN_NAME,
      })),
    ]),
};

const OWN_NAME = "leave it out, so that each cluster has its own";

/** Objects that this project writes for another purpose: given to CAPX, they would go with the cluster. */
function takenFaults(clusters: readonly ClusterSubject[], key: string): Fault[] {
  const taken = new Set([
    "nutanix-creds",
    "nutanix-charts",
    ...clusters.flatMap(({ name }) => [
      `${name}-nutanix-identity`,
      `${name}-nutanix-identity-resource-template`,
      `${name}-encryption-at-rest`,
      `${name}-kubeconfig`,
    ]),
  ]);
  return clusters.flatMap((cluster) => {
    const value = text(at(cluster.config, "nutanix", "prismCentral", key));
    if (value === undefined || !taken.has(value)) return [];
    return [
      {
        path: `${cluster.at}.nutanix.prismCentral.${key}`,
        value,
        reason: "is needed for something else, and CAPX would delete it with the cluster",
        remedy: OWN_NAME,
      },
    ];
  });
}
