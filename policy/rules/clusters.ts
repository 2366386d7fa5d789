/** The Nutanix clusters among policy targets. */
import { capiClusters } from "./capi.ts";
import type { ClusterFields, MachineGroupFields, MachineKey } from "./cluster-fields.ts";
import { clusterDeployments, configField, type Field, missingField, outsideConfig } from "./field.ts";
import { at, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

const cache = new WeakMap<readonly PolicyTarget[], readonly ClusterFields[]>();

/** All clusters; cached, since most rules read them. */
export function clustersOf(targets: readonly PolicyTarget[]): readonly ClusterFields[] {
  const clusters = cache.get(targets) ?? [
    ...clusterDeployments(targets).flatMap(deployedCluster),
    ...capiClusters(targets),
  ];
  cache.set(targets, clusters);
  return clusters;
}

const CHART = /^nutanix-k0s-(hcp|standalone)(-|$)/;

function deployedCluster(target: PolicyTarget): ClusterFields[] {
  const name = text(at(target.object, "metadata", "name")) ?? "";
  const config = configField(target, name);
  const mode = modeOf(target, config);
  if (mode === undefined) return [];
  const standalone = mode === "standalone";
  const prismCentral = config.at("nutanix", "prismCentral");
  const endpoint = config.at("nutanix", "controlPlaneEndpoint");
  return [
    {
      at: target.at,
      name,
      namespace: text(at(target.object, "metadata", "namespace")) ?? "default",
      standalone,
      endpoint: { host: endpoint.at("host"), port: endpoint.at("port") },
      prismCentral: {
        address: prismCentral.at("address"),
        port: prismCentral.at("port"),
        insecure: prismCentral.at("insecure"),
        secret: prismCentral.at("credentialSecretName"),
        bundle: prismCentral.at("additionalTrustBundleConfigMapName"),
        inlineBundle: missingField(""),
        isGlobal: () => prismCentral.at("usePerClusterCredential").value !== true,
      },
      networks: {
        pods: config.at("clusterNetwork", "pods", "cidrBlocks"),
        services: config.at("clusterNetwork", "services", "cidrBlocks"),
      },
      controlPlaneNumber: config.at("controlPlaneNumber"),
      groups: groupsOf(config, standalone),
      k0s: { version: config.at("k0s", "version"), config: config.at("k0s", "config") },
      loadBalancer: config.at("loadBalancing", "type"),
      routers: [config.at("loadBalancing", "virtualRouterID")],
      credential: outsideConfig(target, name, "credential"),
      labels: outsideConfig(target, name, "labels"),
      options: target.options ?? {},
      config,
    },
  ];
}

/** The mode by values that only one of this project's charts has, whatever the template's name; else by that name. */
function modeOf({ object }: PolicyTarget, config: Field): string | undefined {
  const mode = CHART.exec(templateOf(object))?.[1];
  if (mode === undefined && !config.at("nutanix", "controlPlaneEndpoint").isSet) return undefined;
  return config.at("loadBalancing").isSet || config.at("controlPlane").isSet ? "standalone" : (mode ?? "hcp");
}

function templateOf(object: PolicyTarget["object"]): string {
  try {
    return text(at(object, "spec", "template")) ?? "";
  } catch {
    return "";
  }
}

/** Machine groups of the chart's values; a hosted control plane has no machines. */
function groupsOf(config: Field, standalone: boolean): MachineGroupFields[] {
  const [defaults, worker, controlPlane] = ["machineDefaults", "worker", "controlPlane"].map((key) => config.at(key));
  const group = (role: "controlPlane" | "worker", count: Field, overrides: readonly (Field | undefined)[]) =>
    byFailureDomain(config, { role, count, machine: cachedMachine((key) => firstSet(key, [...overrides, defaults])) });
  return [
    ...(standalone ? group("controlPlane", config.at("controlPlaneNumber"), [controlPlane]) : []),
    ...group("worker", config.at("workersNumber"), [worker]),
    ...config.at("workerPools").entries.flatMap(([, pool]) => group("worker", pool.at("replicas"), [pool, worker])),
  ];
}

/** The first field that has the key; the last one if none has it. */
function firstSet(key: MachineKey, from: readonly (Field | undefined)[]): Field {
  const fields = from.flatMap((field) => field?.at(key) ?? []);
  return fields.find(({ isSet }) => isSet) ?? fields.at(-1) ?? missingField(key);
}

function cachedMachine(machine: MachineGroupFields["machine"]): MachineGroupFields["machine"] {
  const fields = new Map<MachineKey, Field>();
  return (key) => {
    const field = fields.get(key) ?? machine(key);
    fields.set(key, field);
    return field;
  };
}

/** One group for each failure domain; the first has the count of all. */
function byFailureDomain(config: Field, { role, count, machine }: MachineGroupFields): MachineGroupFields[] {
  const domains = machine("failureDomains").items.flatMap(({ text }) => text ?? []);
  if (domains.length === 0) return [{ role, count, machine }];
  return domains.map((name, index) => ({
    role,
    count: index === 0 ? count : missingField(""),
    machine: (key) => (key === "subnets" || key === "cluster" ? config.at("failureDomains", name, key) : machine(key)),
  }));
}
