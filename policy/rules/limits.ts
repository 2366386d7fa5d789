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
  inspects: "`additionalCategories` of machines, and the setting `categories`: without it nothing is asked",
  why: "costs, backups and network rules on Nutanix go by categories: a machine without them is nobody's",
  remedy: "add the category to `machineDefaults.additionalCategories`",
  example: "clusters.edge.machineDefaults.additionalCategories: has no category owner; add {key: owner, value: …}",
  settings: {
    categories: {
      type: "array",
      items: { type: "string" },
      description: "keys of categories that every machine has to have",
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
  inspects: "labels of ClusterDeployments, and the setting `labels`: without it nothing is asked",
  why: "services of k0rdent and people find clusters by labels: what has none is left out without a word",
  remedy: "add the label; at Pulumi's level `remediate` the pack adds it by itself, where the setting gives a value",
  example: "clusters.edge.labels.team: is missing; write team: platform",
  settings: {
    labels: {
      type: "object",
      additionalProperties: { type: "string" },
      description: 'labels that every cluster has to have; "" for any value',
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
        const write = `write ${key}: ${value === "" ? "…" : value}`;
        if (!label.isSet) return [label.violationWithoutValue("is missing", write)];
        return value === "" || label.value === value
          ? []
          : [label.violation("is not the value that was agreed on", write)];
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
  inspects: "numbers and sizes of all machines of the stack, and the settings below: without them nothing is asked",
  why: "Nutanix takes machines until its hosts are full, and those of other people then have no room",
  remedy: "ask for less, or for a larger quota",
  example: "clusters: asks for 24 vCPUs, more than the quota of 8; ask for less, or for a larger quota",
  settings: {
    clusters: { type: "integer", minimum: 0, description: "clusters of the stack at most" },
    machines: { type: "integer", minimum: 0, description: "virtual machines at most" },
    vcpus: { type: "integer", minimum: 0, description: "vCPUs of all machines at most" },
    memoryGib: { type: "integer", minimum: 0, description: "GiB of memory of all machines at most" },
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
          reason: `asks for ${demand[key]} ${words[key]}, more than the quota of ${most}`,
          remedy: "ask for less, or for a larger quota",
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
