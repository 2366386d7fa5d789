/** Rules about machines: sizes, devices and subnets. */
import { sortedClusters } from "./cluster-comparison.ts";
import { type ClusterFields, controlPlaneGroups, type MachineGroupFields, type MachineKey } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import type { Field } from "./field.ts";
import { bytes, list } from "./plain-values.ts";
import { advisory, mandatory, mandatoryInProduction, type Rule } from "./rule.ts";
import { safeWord, type Violation } from "./violation.ts";

const GIB = 2 ** 30;

interface Minimum {
  readonly least: number;
  readonly text: string;
  readonly size: (value: unknown) => number | undefined;
}

const count = (value: unknown) => (typeof value === "number" ? value : undefined);
const gibibytes = (gib: number): Minimum => ({ least: gib * GIB, text: `${gib}Gi`, size: bytes });
const MINIMUMS: readonly [key: MachineKey, minimum: Minimum][] = [
  ["vcpusPerSocket", { least: 1, text: "1", size: count }],
  ["vcpuSockets", { least: 1, text: "1", size: count }],
  ["memorySize", gibibytes(2)],
  ["systemDiskSize", gibibytes(20)],
];

/** One violation for each path: machine groups can share a field. */
export function distinctPaths(violations: readonly Violation[]): Violation[] {
  const seen = new Set<string>();
  return violations.filter(({ path }) => !seen.has(path) && seen.add(path));
}

export const machinesMeetCapxMinimums: Rule = {
  name: "machines-meet-capx-minimums",
  category: "shape",
  level: mandatory,
  inspects: "sizes of machines in ClusterDeployments and NutanixMachineTemplates, data disks included",
  why: "CAPX rejects smaller machines only when it creates them, and CAPX 1.7 never retries: the machine must be replaced",
  remedy: "use at least 1 vCPU, 2Gi of memory, 20Gi of system disk, and 1Gi for each data disk",
  example: 'clusters.edge.controlPlane.memorySize: "1Gi" is less than the 2Gi that CAPX needs; set 2Gi or more',
  check: (targets) =>
    clustersOf(targets).flatMap(({ groups }) =>
      distinctPaths(
        groups.flatMap(({ machine }) => [
          ...MINIMUMS.flatMap(([key, minimum]) => tooSmall(machine(key), minimum)),
          ...machine("dataDisks").items.flatMap((disk) => tooSmall(disk.at("diskSize"), gibibytes(1))),
        ]),
      ),
    ),
};

function tooSmall(field: Field, { least, text, size }: Minimum): Violation[] {
  return (size(field.value) ?? least) >= least
    ? []
    : [field.violation(`is less than the ${text} that CAPX needs`, `set ${text} or more`)];
}

const ETCD_MEMORY = 8 * GIB;
const ETCD_VCPUS = 2;

export const controlPlaneMeetsEtcdMinimums: Rule = {
  name: "control-plane-meets-etcd-minimums",
  category: "shape",
  level: mandatoryInProduction,
  inspects: "vCPUs and memory of control plane machines in ClusterDeployments and NutanixMachineTemplates",
  why: "etcd recommends two cores and 8 GB: with less it is slow under load, loses its leader, and the API server fails with it",
  remedy: "use at least 2 vCPUs and 8Gi of memory for control plane machines",
  example:
    'clusters.edge.controlPlane.memorySize: "4Gi" is less than the 8Gi that etcd recommends; set 8Gi or more in controlPlane',
  check: (targets) => clustersOf(targets).flatMap(controlPlaneGroups).flatMap(etcdViolations),
};

function etcdViolations({ machine }: MachineGroupFields): Violation[] {
  const memory = machine("memorySize");
  const sockets = machine("vcpuSockets");
  const vcpus = (sockets.integer ?? ETCD_VCPUS) * (machine("vcpusPerSocket").integer ?? 1);
  const small = (field: Field, prefix: string, least: string) =>
    field.violation(`${prefix} less than the ${least} that etcd recommends`, `set ${least} or more in controlPlane`);
  return [
    ...((bytes(memory.value) ?? ETCD_MEMORY) < ETCD_MEMORY ? [small(memory, "is", "8Gi")] : []),
    ...(vcpus < ETCD_VCPUS ? [small(sockets, `makes ${vcpus} vCPU,`, `${ETCD_VCPUS}`)] : []),
  ];
}

export const gpusAndDataDisksOnWorkersOnly: Rule = {
  name: "gpus-and-data-disks-on-workers-only",
  category: "shape",
  level: mandatory,
  inspects: "GPUs and data disks of control plane machines in ClusterDeployments and NutanixMachineTemplates",
  why: "the control plane does not use them, and workloads cannot use a GPU there",
  remedy: "move them to `worker` or a worker pool",
  example:
    "clusters.edge.controlPlane.gpus: is set for control plane machines, which do not use it; move it to worker or a worker pool",
  check: (targets) =>
    clustersOf(targets)
      .flatMap(controlPlaneGroups)
      .flatMap(({ machine }) => [machine("gpus"), machine("dataDisks")])
      .filter(({ value }) => list(value).length > 0)
      .map((field) =>
        field.redacted("is set for control plane machines, which do not use it", "move it to worker or a worker pool"),
      ),
};

/** Adapters whose first address is the system's. CAPX numbers data disks there from 1, elsewhere from 0. */
const SYSTEM_ADAPTERS = ["SCSI", "IDE"];

export const dataDisksHaveDistinctAddresses: Rule = {
  name: "data-disks-have-distinct-addresses",
  category: "shape",
  level: mandatory,
  inspects: "adapters and indices of data disks in ClusterDeployments and NutanixMachineTemplates",
  why: "Prism Central rejects a virtual machine with two disks at one address, for good. CAPX 1.7 does not check it, and both 1.7 and 1.10 give the first two disks without an index the same one; the charts of this project number them",
  remedy: "set another `deviceIndex`, or remove it",
  example:
    "clusters.edge.worker.dataDisks.1.deviceProperties.deviceIndex: 2 is the address SCSI.2 of another disk too; set another index",
  check: (targets) =>
    clustersOf(targets).flatMap(({ groups, config }) =>
      distinctPaths(groups.flatMap(({ machine }) => sharedAddresses(machine("dataDisks"), config.isSet))),
    ),
};

function sharedAddresses(disks: Field, isNumberedByChart: boolean): Violation[] {
  const next = new Map<string, number>();
  const taken = new Set<string>();
  return disks.items.flatMap((disk) => {
    const device = disk.at("deviceProperties");
    const adapter = device.at("adapterType").text ?? "SCSI";
    const index = device.at("deviceIndex");
    const first = SYSTEM_ADAPTERS.includes(adapter) ? 1 : 0;
    const automatic = next.get(adapter) ?? first;
    next.set(adapter, next.has(adapter) ? automatic + 1 : first);
    // CAPX treats the index 0 as unset.
    const isOwn = (index.integer ?? 0) !== 0;
    if (!isOwn && isNumberedByChart) return [];
    const address = `${adapter}.${isOwn ? index.integer : automatic}`;
    if (!taken.has(address)) {
      taken.add(address);
      return [];
    }
    const remedy = "set another index";
    return isOwn
      ? [index.violation(`is the address ${safeWord(address)} of another disk too`, remedy)]
      : [index.redacted(`is unset or 0, and CAPX gives the disk the address ${safeWord(address)} of another`, remedy)];
  });
}

/** Subnets of all machines of a cluster, by name or UUID. */
function subnetsOf({ groups }: ClusterFields): { key: string; field: Field }[] {
  return groups.flatMap(({ machine }) =>
    machine("subnets").items.flatMap((field) => {
      const key = field.at("name").text ?? field.at("uuid").text;
      return key === undefined ? [] : [{ key, field }];
    }),
  );
}

/** The environment of a cluster by the category `environment` of its machines, or by its label. */
function environmentOf({ groups, labels }: ClusterFields): string | undefined {
  const categories = groups.flatMap(({ machine }) => machine("additionalCategories").items);
  const category = categories.find((one) => one.at("key").text?.toLowerCase() === "environment");
  return (category?.at("value").text ?? labels.at("environment").text)?.toLowerCase();
}

export const environmentsDoNotShareSubnets: Rule = {
  name: "environments-do-not-share-subnets",
  category: "shape",
  level: advisory,
  inspects:
    "subnets of machines, and the category or label `environment` of each cluster; default: the stack's environment",
  why: "machines of one subnet reach each other without a firewall: a compromised test cluster can reach production",
  remedy: "use separate subnets for each environment",
  example:
    'clusters.edge.machineDefaults.subnets.0: is a subnet of clusters.demo too, which is "dev" and not "production"; use separate subnets for each environment',
  check: (targets, { environment: stackEnvironment }) => {
    const seen = new Map<string, { at: string; environment: string }>();
    return sortedClusters(clustersOf(targets)).flatMap((cluster) => {
      const environment = environmentOf(cluster) ?? stackEnvironment;
      return distinctPaths(
        subnetsOf(cluster).flatMap(({ key, field }) => {
          const first = seen.get(key);
          if (first === undefined) seen.set(key, { at: cluster.at, environment });
          if (first === undefined || first.environment === environment) return [];
          return [
            field.redacted(
              `is a subnet of ${first.at} too, which is "${safeWord(first.environment)}" and not "${safeWord(environment)}"`,
              "use separate subnets for each environment",
            ),
          ];
        }),
      );
    });
  },
};
