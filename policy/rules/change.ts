/** May this be changed on a cluster that is alive? */
import { type Cluster, clustersOf, type MachineKey } from "./cluster.ts";
import { hostKey } from "./endpoint.ts";
import type { Fault } from "./fault.ts";
import { canonical } from "./plain.ts";
import { always, type Context, inProduction, type Rule, type Subject } from "./rule.ts";
import { compareMinors, minorOf } from "./versions.ts";

interface Change {
  readonly before: Cluster;
  readonly after: Cluster;
}

function idOf({ namespace, name }: Cluster): string {
  return `${namespace}/${name}`;
}

/** Clusters that were there before and are there still; none where nobody says what was before. */
function changes(subjects: readonly Subject[], { previous }: Context): Change[] {
  if (previous === undefined) return [];
  const before = new Map(clustersOf(previous).map((cluster) => [idOf(cluster), cluster]));
  return clustersOf(subjects).flatMap((after) => {
    const one = before.get(idOf(after));
    return one === undefined ? [] : [{ before: one, after }];
  });
}

const BEFORE = "the same before and after: from a hook of the program, or from the base of a review";

export const endpointStays: Rule = {
  name: "endpoint-stays",
  question: "change",
  level: always("mandatory"),
  needsPrevious: true,
  reads: `\`controlPlaneEndpoint\`, ${BEFORE}`,
  why: "nodes, kubeconfigs and certificates know the endpoint they were made with: with another one the cluster is out of reach",
  remedy: "keep the endpoint, or make another cluster and move what runs",
  example:
    'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.210" was 10.1.1.200 when the cluster was made; write 10.1.1.200 again, or make a cluster of another name and move what runs',
  check: (subjects, context) =>
    changes(subjects, context).flatMap(({ before, after }) =>
      (["host", "port"] as const).flatMap((key): Fault[] => {
        const [was, is] = [before.endpoint[key].value, after.endpoint[key].value];
        if (was === undefined || is === undefined || hostKey(String(was)) === hostKey(String(is))) return [];
        return [
          after.endpoint[key].fault(
            `was ${String(was)} when the cluster was made`,
            `write ${String(was)} again, or make a cluster of another name and move what runs`,
          ),
        ];
      }),
    ),
};

export const modeStays: Rule = {
  name: "mode-stays",
  question: "change",
  level: always("mandatory"),
  needsPrevious: true,
  reads: `the template of a ClusterDeployment, or the kind of its control plane, ${BEFORE}`,
  why: "a control plane cannot move between machines and the management cluster: the other chart makes a new one, and loses etcd",
  remedy: "keep the mode, or make another cluster and move what runs",
  example:
    "clusters.demo.mode: is standalone, and the cluster was made as hcp; write hcp again, or make a cluster of another name and move what runs",
  check: (subjects, context) =>
    changes(subjects, context).flatMap(({ before, after }) => {
      const [was, is] = [modeOf(before), modeOf(after)];
      if (was === undefined || is === undefined || was === is) return [];
      return [
        {
          path: wordPath(after.at, "mode"),
          cluster: after.name,
          reason: `is ${is}, and the cluster was made as ${was}`,
          remedy: `write ${was} again, or make a cluster of another name and move what runs`,
        },
      ];
    }),
};

/** Where the stack file has a word for what stands in no field of an object. */
function wordPath(at: string, word: string): string {
  return at.includes(" ") ? `${at.replace(/ spec\.config$/, "")} ${word}` : `${at}.${word}`;
}

function modeOf({ standalone }: Cluster): string | undefined {
  return standalone === undefined ? undefined : standalone ? "standalone" : "hcp";
}

export const clusterNameStays: Rule = {
  name: "cluster-name-stays",
  question: "change",
  level: always("mandatory"),
  needsPrevious: true,
  reads: `names and endpoints of all clusters, ${BEFORE}`,
  why: "another name is another cluster: the one that is there would be deleted with all that runs on it",
  remedy: "keep the name; to change what people call it, use a label",
  example:
    "clusters.renamed: has the endpoint of demo, which is gone: a new name deletes a cluster and makes another; write demo again, or give the new cluster an endpoint of its own",
  check: (subjects, { previous }) => {
    if (previous === undefined) return [];
    const clusters = clustersOf(subjects);
    const [there, were] = [new Set(clusters.map(idOf)), clustersOf(previous)];
    const gone = new Map(were.filter((one) => !there.has(idOf(one))).map((one) => [endpointOf(one), one.name]));
    const old = new Set(were.map(idOf));
    return clusters.flatMap((cluster): Fault[] => {
      const name = gone.get(endpointOf(cluster));
      if (name === undefined || old.has(idOf(cluster)) || endpointOf(cluster) === "") return [];
      return [
        {
          path: cluster.at,
          cluster: cluster.name,
          reason: `has the endpoint of ${name}, which is gone: a new name deletes a cluster and makes another`,
          remedy: `write ${name} again, or give the new cluster an endpoint of its own`,
        },
      ];
    });
  },
};

function endpointOf({ endpoint }: Cluster): string {
  return hostKey(endpoint.host.text ?? "");
}

export const clusterNetworksStay: Rule = {
  name: "cluster-networks-stay",
  question: "change",
  level: always("mandatory"),
  needsPrevious: true,
  reads: `ranges of pods and services, ${BEFORE}`,
  why: "addresses of services and pods are in certificates, in etcd and on every node: no controller moves them",
  remedy: "keep the ranges, or make another cluster and move what runs",
  example:
    'clusters.demo.clusterNetwork.pods.cidrBlocks: ["10.99.0.0/16"] was ["10.243.0.0/16"] when the cluster was made; write that again, or make a cluster of another name and move what runs',
  check: (subjects, context) =>
    changes(subjects, context).flatMap(({ before, after }) =>
      (["pods", "services"] as const).flatMap((key): Fault[] => {
        const [was, is] = [before.networks[key], after.networks[key]];
        if (!was.isWritten || !is.isWritten || canonical(was.value) === canonical(is.value)) return [];
        return [
          is.fault(
            `was ${canonical(was.value)} when the cluster was made`,
            "write that again, or make a cluster of another name and move what runs",
          ),
        ];
      }),
    ),
};

export const kubernetesMovesOneMinorAtATime: Rule = {
  name: "kubernetes-moves-one-minor-at-a-time",
  question: "change",
  level: always("mandatory"),
  needsPrevious: true,
  reads: `the k0s version of each cluster, ${BEFORE}`,
  why: "Kubernetes supports no jump over a minor version and no way back: the API server may not read what is in etcd",
  remedy: "go through every minor version, one after the other",
  example:
    'clusters.demo.k0s.version: "v1.34.1+k0s.0" is more than one minor version from v1.32.6+k0s.0; take a release of 1.33 first',
  check: (subjects, context) =>
    changes(subjects, context).flatMap(({ before, after }) => {
      const [was, is] = [before.k0s.version.text, after.k0s.version.text];
      if (was === undefined || is === undefined) return [];
      const [from, to] = [minorOf(was), minorOf(is)];
      const next = from.replace(/\d+$/, (minor) => String(Number(minor) + 1));
      if (from === to || next === to) return [];
      return [
        compareMinors(to, from) < 0
          ? after.k0s.version.fault(`is older than ${was}, which the cluster runs`, `write ${was} again`)
          : after.k0s.version.fault(`is more than one minor version from ${was}`, `take a release of ${next} first`),
      ];
    }),
};

/** What a machine is made of: another value of one makes another machine template, and so new machines. */
const MADE_OF: readonly MachineKey[] = [
  "vcpusPerSocket",
  "vcpuSockets",
  "memorySize",
  "systemDiskSize",
  "bootType",
  "image",
  "imageLookup",
  "cluster",
  "subnets",
  "project",
  "additionalCategories",
  "gpus",
  "dataDisks",
  "failureDomains",
];

export const controlPlaneRollsByDecision: Rule = {
  name: "control-plane-rolls-by-decision",
  question: "change",
  level: always("mandatory"),
  needsPrevious: true,
  reads: `what control plane machines are made of, ${BEFORE}; \`allowControlPlaneRollout\` of the cluster`,
  why: "each control plane machine is made anew, and etcd lives on them: it is done when somebody has time to watch, after a backup",
  remedy: "write `allowControlPlaneRollout: true` for the cluster, and take it out when it is done",
  example:
    "clusters.edge.controlPlane.memorySize: is changed, and every control plane machine would be made anew; write allowControlPlaneRollout: true for the cluster once there is a backup of etcd, or take the change back",
  check: (subjects, context) =>
    changes(subjects, context).flatMap(({ before, after }): Fault[] => {
      if (after.options.allowControlPlaneRollout === true) return [];
      const [was, is] = [ownMachines(before), ownMachines(after)];
      if (was === undefined || is === undefined) return [];
      return MADE_OF.filter((key) => canonical(was(key).value) !== canonical(is(key).value))
        .slice(0, 1)
        .map((key) =>
          is(key).hidden(
            "is changed, and every control plane machine would be made anew",
            "write allowControlPlaneRollout: true for the cluster once there is a backup of etcd, or take the change back",
          ),
        );
    }),
};

function ownMachines({ groups }: Cluster) {
  return groups.find(({ role }) => role === "controlPlane")?.machine;
}

export const productionClustersAreProtected: Rule = {
  name: "production-clusters-are-protected",
  question: "change",
  level: (settings) => (inProduction(settings) ? "mandatory" : "disabled"),
  reads:
    "the option `protect` of ClusterDeployments and of Clusters of Cluster API; `protect` of a cluster in the stack file",
  why: "a cluster that is taken out of a stack file, or renamed in it, is deleted with its machines and their disks",
  remedy: "leave `protect` out; to delete a cluster, waive this rule for it, with a reason and a day",
  example:
    "clusters.demo.protect: is false for a cluster in production; take it out, or waive this rule for the cluster until it is deleted",
  check: (subjects) =>
    clustersOf(subjects)
      .filter(({ options }) => options.protect === false)
      .map(({ at, name }) => ({
        path: wordPath(at, "protect"),
        cluster: name,
        reason: "is false for a cluster in production",
        remedy: "take it out, or waive this rule for the cluster until it is deleted",
      })),
};
