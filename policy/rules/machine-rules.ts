/** Are the machines ones that CAPX makes, and that the cluster can live on? */
import { type ClusterFields, clustersOf, type MachineGroupFields, type MachineKey } from "./cluster-fields.ts";
import { inOrder } from "./duplicates.ts";
import type { Field } from "./field.ts";
import { bytes, list } from "./plain-values.ts";
import { always, type Rule, strictInProduction } from "./rule.ts";
import { safeWord, type Violation } from "./violation.ts";

const GIB = 2 ** 30;

interface Minimum {
  readonly key: MachineKey;
  readonly least: number;
  readonly words: string;
  readonly size: (value: unknown) => number | undefined;
}

const count = (value: unknown) => (typeof value === "number" ? value : undefined);
const MINIMA: readonly Minimum[] = [
  { key: "vcpusPerSocket", least: 1, words: "1", size: count },
  { key: "vcpuSockets", least: 1, words: "1", size: count },
  { key: "memorySize", least: 2 * GIB, words: "2Gi", size: bytes },
  { key: "systemDiskSize", least: 20 * GIB, words: "20Gi", size: bytes },
];

/** Each fault once: several groups can take a value from one place. */
function once(faults: readonly Violation[]): Violation[] {
  const seen = new Set<string>();
  return faults.filter(({ path }) => !seen.has(path) && seen.add(path));
}

export const machinesMeetCapxMinimums: Rule = {
  name: "machines-meet-capx-minimums",
  category: "shape",
  level: always("mandatory"),
  inspects: "sizes of machines in ClusterDeployments and NutanixMachineTemplates, data disks included",
  why: "CAPX rejects smaller machines only when it creates them, and CAPX 1.7 never retries: the machine must be replaced",
  remedy: "use at least 1 vCPU, 2Gi of memory, 20Gi of system disk, and 1Gi for each data disk",
  example: 'clusters.edge.controlPlane.memorySize: "1Gi" is less than the 2Gi that CAPX needs; set 2Gi or more',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ groups }) =>
      once(
        groups.flatMap((group) => [
          ...MINIMA.flatMap(({ key, ...minimum }) => tooSmall(group.machine(key), minimum)),
          ...group
            .machine("dataDisks")
            .items.flatMap((disk) => tooSmall(disk.at("diskSize"), { least: GIB, words: "1Gi", size: bytes })),
        ]),
      ),
    ),
};

function tooSmall(place: Field, { least, words, size }: Omit<Minimum, "key">): Violation[] {
  const value = size(place.value);
  if (value === undefined || value >= least) return [];
  return [place.violation(`is less than the ${words} that CAPX needs`, `set ${words} or more`)];
}

const ETCD_GIB = 8;
const ETCD_VCPUS = 2;

export const controlPlaneMeetsEtcdMinimums: Rule = {
  name: "control-plane-meets-etcd-minimums",
  category: "shape",
  level: strictInProduction,
  inspects: "vCPUs and memory of control plane machines in ClusterDeployments and NutanixMachineTemplates",
  why: "etcd recommends two cores and 8 GB: with less it is slow under load, loses its leader, and the API server fails with it",
  remedy: "use at least 2 vCPUs and 8Gi of memory for control plane machines",
  example:
    'clusters.edge.controlPlane.memorySize: "4Gi" is less than the 8Gi that etcd recommends; set 8Gi or more in controlPlane',
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ groups }) =>
      groups.filter(({ role }) => role === "controlPlane").flatMap(({ machine }) => etcdFaults(machine)),
    ),
};

function etcdFaults(machine: MachineGroupFields["machine"]): Violation[] {
  const memory = machine("memorySize");
  const sockets = machine("vcpuSockets");
  const size = bytes(memory.value);
  const vcpus = (sockets.whole ?? ETCD_VCPUS) * (machine("vcpusPerSocket").whole ?? 1);
  return [
    ...(size !== undefined && size < ETCD_GIB * GIB
      ? [
          memory.violation(
            `is less than the ${ETCD_GIB}Gi that etcd recommends`,
            `set ${ETCD_GIB}Gi or more in controlPlane`,
          ),
        ]
      : []),
    ...(vcpus < ETCD_VCPUS
      ? [
          sockets.violation(
            `makes ${vcpus} vCPU, less than the ${ETCD_VCPUS} that etcd recommends`,
            `set ${ETCD_VCPUS} or more in controlPlane`,
          ),
        ]
      : []),
  ];
}

export const gpusAndDataDisksOnWorkersOnly: Rule = {
  name: "gpus-and-data-disks-on-workers-only",
  category: "shape",
  level: always("mandatory"),
  inspects: "GPUs and data disks of control plane machines in ClusterDeployments and NutanixMachineTemplates",
  why: "the control plane does not use them, and workloads cannot use a GPU there",
  remedy: "move them to `worker` or a worker pool",
  example:
    "clusters.edge.controlPlane.gpus: is set for control plane machines, which do not use it; move it to worker or a worker pool",
  check: (subjects) =>
    clustersOf(subjects).flatMap(({ groups }) =>
      groups
        .filter(({ role }) => role === "controlPlane")
        .flatMap(({ machine }) => [machine("gpus"), machine("dataDisks")])
        .filter(({ value }) => list(value).length > 0)
        .map((place) =>
          place.violationWithoutValue(
            "is set for control plane machines, which do not use it",
            "move it to worker or a worker pool",
          ),
        ),
    ),
};

/** Subnets of all machines of a cluster, each by a text that is the same for the same subnet. */
export function subnetsOf({ groups }: ClusterFields): { key: string; place: Field }[] {
  return groups.flatMap(({ machine }) =>
    machine("subnets").items.flatMap((place) => {
      const key = place.at("name").text ?? place.at("uuid").text;
      return key === undefined ? [] : [{ key, place }];
    }),
  );
}

/** The environment that a cluster's machines or labels name: a category or a label `environment`. */
function environmentOf({ groups, labels }: ClusterFields): string | undefined {
  const categories = groups.flatMap(({ machine }) => machine("additionalCategories").items);
  const category = categories.find((one) => one.at("key").text?.toLowerCase() === "environment");
  return (category?.at("value").text ?? labels.at("environment").text)?.toLowerCase();
}

export const environmentsDoNotShareSubnets: Rule = {
  name: "environments-do-not-share-subnets",
  category: "shape",
  level: always("advisory"),
  inspects:
    "subnets of machines, and the category or label `environment` of each cluster; default: the stack's environment",
  why: "machines of one subnet reach each other without a firewall: a compromised test cluster can reach production",
  remedy: "use separate subnets for each environment",
  example:
    'clusters.edge.machineDefaults.subnets.0: is a subnet of clusters.demo too, which is "dev" and not "production"; use separate subnets for each environment',
  check: (subjects, { environment }) => {
    const clusters = inOrder(clustersOf(subjects)).map((cluster) => ({
      at: cluster.at,
      is: environmentOf(cluster) ?? environment,
      subnets: subnetsOf(cluster),
    }));
    const first = new Map<string, { at: string; is: string }>();
    return clusters.flatMap(({ at, is, subnets }) =>
      once(
        subnets.flatMap(({ key, place }) => {
          const other = first.get(key);
          if (other === undefined) first.set(key, { at, is });
          if (other === undefined || other.is === is) return [];
          return [
            place.violationWithoutValue(
              `is a subnet of ${other.at} too, which is "${safeWord(other.is)}" and not "${safeWord(is)}"`,
              "use separate subnets for each environment",
            ),
          ];
        }),
      ),
    );
  },
};
