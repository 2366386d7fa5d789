import { at, type KubernetesObject, numberAt, textAt } from "../kubernetes/object.ts";

/** An object in a few words, beside its readiness; empty where there is nothing to add. */
export function summarize(object: KubernetesObject): string {
  return DETAILS[object.kind]?.(object) ?? "";
}

const DETAILS: Readonly<Record<string, (object: KubernetesObject) => string>> = {
  ClusterDeployment: ({ spec }) => textAt(spec, "template") ?? "",
  ClusterTemplate: ({ status }) => versionOf(textAt(status, "chartVersion")),
  ServiceTemplate: ({ status }) => versionOf(textAt(status, "chartVersion")),
  ProviderTemplate: ({ status }) => versionOf(textAt(status, "chartVersion")),
  Management: ({ spec }) => textAt(spec, "release") ?? "",
  InfrastructureProvider: ({ status }) => versionOf(textAt(status, "installedVersion")),
  HelmRelease: ({ status }) => {
    const [newest] = (at(status, "history") ?? []) as unknown[];
    return versionOf(textAt(newest, "chartVersion"));
  },
  HelmChart: ({ status }) => versionOf(textAt(status, "artifact", "revision")),
  Cluster: ({ status }) => textAt(status, "phase")?.toLowerCase() ?? "",
  NutanixCluster: ({ spec }) => {
    const host = textAt(spec, "controlPlaneEndpoint", "host");
    return host === undefined ? "" : `${host}:${numberAt(spec, "controlPlaneEndpoint", "port") ?? ""}`;
  },
  K0sControlPlane: (object) => `${replicas(object, "machines")}, ${textAt(object.spec, "version") ?? ""}`,
  K0smotronControlPlane: (object) => `${replicas(object, "replicas")}, ${textAt(object.spec, "version") ?? ""}`,
  MachineDeployment: (object) => replicas(object, "machines"),
  MachineSet: (object) => replicas(object, "machines"),
  MachineHealthCheck: ({ status }) => {
    const expected = numberAt(status, "expectedMachines");
    return expected === undefined ? "" : `${numberAt(status, "currentHealthy") ?? 0}/${expected} healthy`;
  },
  Machine: ({ status, spec }) =>
    [textAt(status, "phase")?.toLowerCase(), textAt(spec, "version")].filter(Boolean).join(", "),
  NutanixMachine: ({ status }) => {
    const addresses = (at(status, "addresses") ?? []) as { type: string; address: string }[];
    const address = addresses.find(({ type }) => type === "InternalIP")?.address;
    const vm = textAt(status, "vmUUID");
    return [address, vm && `VM ${vm}`].filter(Boolean).join(", ");
  },
};

function versionOf(version: string | undefined): string {
  return version === undefined ? "" : version.replace(/@.*$/, "");
}

function replicas({ spec, status }: KubernetesObject, noun: string): string {
  const wanted = numberAt(spec, "replicas") ?? 1;
  return `${numberAt(status, "readyReplicas") ?? 0}/${wanted} ${noun}`;
}
