/** Rules that a stack configures: required categories and labels, and quotas. */
import type { MachineGroupFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { clusterDeployments, deploymentField, outsideConfig } from "./field.ts";
import { bytes, list, map } from "./plain-values.ts";
import { mandatory, type Rule, type RuleSettings } from "./rule.ts";
import type { Violation } from "./violation.ts";

export const machinesHaveRequiredCategories: Rule = {
  name: "machines-have-required-categories",
  category: "shape",
  level: mandatory,
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
  check: (targets, { settings }) => {
    const required = list(settings["categories"]).filter((key) => typeof key === "string");
    if (required.length === 0) return [];
    return clustersOf(targets).flatMap(({ groups }) => {
      const violations = groups.flatMap(({ machine }) => {
        const categories = machine("additionalCategories");
        const keys = new Set(categories.items.map((category) => category.at("key").text));
        return required
          .filter((key) => !keys.has(key))
          .map((key) => categories.redacted(`has no category ${key}`, `add {key: ${key}, value: …}`));
      });
      // Machine groups can share the field.
      return [...new Map(violations.map((violation) => [`${violation.path} ${violation.reason}`, violation])).values()];
    });
  },
};

export const clustersHaveRequiredLabels: Rule = {
  name: "clusters-have-required-labels",
  category: "shape",
  level: mandatory,
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
  labels: ({ metadata }, settings) =>
    Object.fromEntries(
      requiredLabels(settings).filter(([key, value]) => value !== "" && map(metadata?.labels)[key] === undefined),
    ),
  check: (targets, { settings }) => {
    const required = requiredLabels(settings);
    if (required.length === 0) return [];
    return clusterDeployments(targets).flatMap((target) => {
      const labels = outsideConfig(target, deploymentField(target).at("metadata", "name").text ?? "", "labels");
      return required.flatMap(([key, value]): Violation[] => {
        const label = labels.at(key);
        const remedy = `set ${key}: ${value === "" ? "…" : value}`;
        if (!label.isSet) return [label.violation("is missing", remedy)];
        return value === "" || label.value === value ? [] : [label.violation("is not the required value", remedy)];
      });
    });
  },
};

function requiredLabels(settings: RuleSettings): [key: string, value: string][] {
  return Object.entries(map(settings["labels"])).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value]] : [],
  );
}

const QUOTAS = { clusters: "clusters", machines: "machines", vcpus: "vCPUs", memoryGib: "GiB of memory" } as const;
type Demand = Readonly<Record<keyof typeof QUOTAS, number>>;

export const stackIsWithinQuota: Rule = {
  name: "stack-is-within-quota",
  category: "shape",
  level: mandatory,
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
  check: (targets, { settings }) => {
    const clusters = clustersOf(targets);
    const demands = clusters.flatMap(({ groups }) => groups).map(demandOf);
    const sum = (key: keyof Demand) => demands.reduce((total, demand) => total + demand[key], 0);
    const total: Demand = {
      clusters: clusters.filter(({ endpoint }) => endpoint.host.isSet).length,
      machines: sum("machines"),
      vcpus: sum("vcpus"),
      memoryGib: sum("memoryGib"),
    };
    return (Object.keys(QUOTAS) as (keyof Demand)[]).flatMap((key): Violation[] => {
      const quota = settings[key];
      if (typeof quota !== "number" || total[key] <= quota) return [];
      const reason = `request ${total[key]} ${QUOTAS[key]}, more than the quota of ${quota}`;
      return [{ path: "clusters", reason, remedy: "reduce the request, or ask for a larger quota" }];
    });
  },
};

function demandOf({ count, machine }: MachineGroupFields): Demand {
  const machines = Math.max(0, count.integer ?? 0);
  const vcpus = (machine("vcpusPerSocket").integer ?? 0) * (machine("vcpuSockets").integer ?? 0);
  const memory = bytes(machine("memorySize").value) ?? 0;
  return { clusters: 0, machines, vcpus: machines * vcpus, memoryGib: (machines * memory) / 2 ** 30 };
}
