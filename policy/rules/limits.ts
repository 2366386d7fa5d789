/** Does the stack keep to what was agreed on: categories, labels, quotas? */
import { clustersOf, deployments, type MachineGroupFields } from "./cluster-fields.ts";
import { besideConfig, deploymentField } from "./field.ts";
import { bytes, list, map } from "./plain-values.ts";
import { always, type Rule, type RuleSettings } from "./rule.ts";
import type { Violation } from "./violation.ts";

export const machinesHaveRequiredCategories: Rule = {
  name: "machines-have-required-categories",
  category: "shape",
  level: always("mandatory"),
  inspects: "`additionalCategories` of machines, and the setting `categories`; not evaluated without it",
  why: "cost reports, backups and network policies on Nutanix select machines by category",
  remedy: "add the category to `machineDefaults.additionalCategories`",
  example: "clusters.edge.machineDefaults.additionalCategories: has no category owner; add {key: owner, value: …}",
  settings: {
    categories: {
      type: "array",
      items: { type: "string" },
      description: "category keys that every machine must have",
    },
  },
  check: (subjects, { settings }) => {
    const wanted = list(settings["categories"]).filter((key) => typeof key === "string");
    if (wanted.length === 0) return [];
    return clustersOf(subjects).flatMap(({ groups }) => {
      const faults = groups.flatMap(({ machine }) => {
        const categories = machine("additionalCategories");
        const keys = new Set(categories.items.map((category) => category.at("key").text));
        return wanted
          .filter((key) => !keys.has(key))
          .map((key) => categories.violationWithoutValue(`has no category ${key}`, `add {key: ${key}, value: …}`));
      });
      return distinct(faults);
    });
  },
};

function distinct(faults: readonly Violation[]): Violation[] {
  return [...new Map(faults.map((fault) => [`${fault.path} ${fault.reason}`, fault])).values()];
}

export const clustersHaveRequiredLabels: Rule = {
  name: "clusters-have-required-labels",
  category: "shape",
  level: always("mandatory"),
  inspects: "labels of ClusterDeployments, and the setting `labels`; not evaluated without it",
  why: "k0rdent services select clusters by label: a cluster without it is silently not selected",
  remedy: "add the label; with Pulumi's level `remediate` the pack adds it if the setting has a value",
  example: "clusters.edge.labels.team: is missing; set team: platform",
  settings: {
    labels: {
      type: "object",
      additionalProperties: { type: "string" },
      description: 'labels that every cluster must have; "" allows any value',
    },
  },
  labels: (object, settings) =>
    Object.fromEntries(
      wantedLabels(settings).filter(([key, value]) => value !== "" && map(object.metadata?.labels)[key] === undefined),
    ),
  check: (subjects, { settings }) => {
    const wanted = wantedLabels(settings);
    if (wanted.length === 0) return [];
    return deployments(subjects).flatMap((subject) => {
      const labels = besideConfig(subject, deploymentField(subject).at("metadata", "name").text ?? "", "labels");
      return wanted.flatMap(([key, value]): Violation[] => {
        const label = labels.at(key);
        const write = `set ${key}: ${value === "" ? "…" : value}`;
        if (!label.isSet) return [label.violationWithoutValue("is missing", write)];
        return value === "" || label.value === value ? [] : [label.violation("is not the required value", write)];
      });
    });
  },
};

function wantedLabels(settings: RuleSettings): [key: string, value: string][] {
  return Object.entries(map(settings["labels"])).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value]] : [],
  );
}

const GIB = 2 ** 30;

interface Demand {
  readonly clusters: number;
  readonly machines: number;
  readonly vcpus: number;
  readonly memoryGib: number;
}

export const stackIsWithinQuota: Rule = {
  name: "stack-is-within-quota",
  category: "shape",
  level: always("mandatory"),
  inspects: "number and size of all machines of the stack, and the settings below; not evaluated without them",
  why: "Nutanix accepts machines until its hosts are full, which leaves no capacity for others",
  remedy: "reduce the request, or ask for a larger quota",
  example: "clusters: request 24 vCPUs, more than the quota of 8; reduce the request, or ask for a larger quota",
  settings: {
    clusters: { type: "integer", minimum: 0, description: "maximum number of clusters in the stack" },
    machines: { type: "integer", minimum: 0, description: "maximum number of virtual machines" },
    vcpus: { type: "integer", minimum: 0, description: "maximum number of vCPUs of all machines" },
    memoryGib: { type: "integer", minimum: 0, description: "maximum memory of all machines, in GiB" },
  },
  check: (subjects, { settings }) => {
    const clusters = clustersOf(subjects);
    const demand = clusters
      .flatMap(({ groups }) => groups)
      .map(demandOf)
      .reduce(add, {
        clusters: clusters.filter(({ endpoint }) => endpoint.host.isSet).length,
        machines: 0,
        vcpus: 0,
        memoryGib: 0,
      });
    const words = { clusters: "clusters", machines: "machines", vcpus: "vCPUs", memoryGib: "GiB of memory" };
    return (["clusters", "machines", "vcpus", "memoryGib"] as const).flatMap((key): Violation[] => {
      const most = settings[key];
      if (typeof most !== "number" || demand[key] <= most) return [];
      return [
        {
          path: "clusters",
          reason: `request ${demand[key]} ${words[key]}, more than the quota of ${most}`,
          remedy: "reduce the request, or ask for a larger quota",
        },
      ];
    });
  },
};

function demandOf({ count, machine }: MachineGroupFields): Demand {
  const machines = Math.max(0, count.whole ?? 0);
  const vcpus = (machine("vcpusPerSocket").whole ?? 0) * (machine("vcpuSockets").whole ?? 0);
  return {
    clusters: 0,
    machines,
    vcpus: machines * vcpus,
    memoryGib: (machines * (bytes(machine("memorySize").value) ?? 0)) / GIB,
  };
}

function add(one: Demand, other: Demand): Demand {
  return {
    clusters: one.clusters + other.clusters,
    machines: one.machines + other.machines,
    vcpus: one.vcpus + other.vcpus,
    memoryGib: one.memoryGib + other.memoryGib,
  };
}
