/** Clusters out of Cluster API's own objects, put together by the cluster that they name. */
import type { ClusterFields, MachineGroupFields, MachineKey } from "./cluster-fields.ts";
import { type Field, missingField, objectField } from "./field.ts";
import { map, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

const GROUPS = ["cluster.x-k8s.io", "infrastructure.cluster.x-k8s.io", "controlplane.cluster.x-k8s.io"];
const KINDS = [
  "Cluster",
  "NutanixCluster",
  "NutanixMachineTemplate",
  "K0sControlPlane",
  "K0smotronControlPlane",
  "MachineDeployment",
];
const OWNER = "cluster.x-k8s.io/cluster-name";

/** One object with what tells it from others. */
interface Part {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly subject: PolicyTarget;
}

/** The Nutanix clusters that objects of Cluster API describe, each of as many objects as are there. */
export function capiClusters(subjects: readonly PolicyTarget[]): ClusterFields[] {
  const parts = subjects.flatMap(partOf);
  const owners = ownersOf(parts);
  const byCluster = new Map<string, Part[]>();
  for (const part of parts) {
    const key = `${part.namespace}/${clusterName(part, owners)}`;
    const together = byCluster.get(key);
    if (together === undefined) byCluster.set(key, [part]);
    else together.push(part);
  }
  return [...byCluster].flatMap(([key, of]) => (of.some(isNutanix) ? [clusterOf(key, of)] : []));
}

function partOf(subject: PolicyTarget): Part[] {
  const { apiVersion, kind, metadata } = map(subject.object);
  const group = text(apiVersion)?.split("/")[0] ?? "";
  if (typeof kind !== "string" || !KINDS.includes(kind) || !GROUPS.includes(group)) return [];
  const { name, namespace } = map(metadata);
  return [{ kind, name: text(name) ?? "", namespace: text(namespace) ?? "default", subject }];
}

/** Names of clusters by `kind namespace/name` of the objects that they refer to. */
function ownersOf(parts: readonly Part[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const refer = (from: Part, reference: Field, cluster: string) => {
    const { kind, name } = map(reference.value);
    if (typeof kind === "string" && typeof name === "string") owners.set(`${kind} ${from.namespace}/${name}`, cluster);
  };
  for (const part of parts) {
    if (part.kind !== "Cluster") continue;
    const spec = objectField(part.subject).at("spec");
    refer(part, spec.at("infrastructureRef"), part.name);
    refer(part, spec.at("controlPlaneRef"), part.name);
  }
  for (const part of parts) {
    const template = templateOf(part);
    if (template !== undefined) refer(part, template, clusterName(part, owners));
  }
  return owners;
}

/** Where an object names the machine template of its machines. */
function templateOf({ kind, subject }: Part): Field | undefined {
  const spec = objectField(subject).at("spec");
  if (kind === "K0sControlPlane") return spec.at("machineTemplate", "infrastructureRef");
  return kind === "MachineDeployment" ? spec.at("template", "spec", "infrastructureRef") : undefined;
}

function clusterName({ kind, name, namespace, subject }: Part, owners: ReadonlyMap<string, string>): string {
  const place = objectField(subject);
  const label = map(place.at("metadata", "labels").value)[OWNER];
  const own = kind === "MachineDeployment" ? place.at("spec", "clusterName").text : undefined;
  return text(label) ?? own ?? owners.get(`${kind} ${namespace}/${name}`) ?? name;
}

function isNutanix(part: Part): boolean {
  if (part.kind.startsWith("Nutanix")) return true;
  const reference =
    part.kind === "Cluster" ? objectField(part.subject).at("spec", "infrastructureRef") : templateOf(part);
  return text(map(reference?.value)["kind"])?.startsWith("Nutanix") ?? false;
}

function clusterOf(key: string, parts: readonly Part[]): ClusterFields {
  const [namespace = "", name = ""] = key.split("/");
  const of = (kind: string) => {
    const part = parts.find((one) => one.kind === kind);
    return part === undefined ? missingField(kind) : objectField(part.subject, name);
  };
  const nutanix = of("NutanixCluster").at("spec");
  const cluster = of("Cluster").at("spec");
  const own = of("K0sControlPlane").at("spec");
  const hosted = of("K0smotronControlPlane").at("spec");
  const isHosted = parts.some(({ kind }) => kind === "K0smotronControlPlane");
  const isOwn = parts.some(({ kind }) => kind === "K0sControlPlane");
  const central = nutanix.at("prismCentral");
  const k0sConfig = isHosted ? hosted.at("k0sConfig") : own.at("k0sConfigSpec", "k0s");
  const first = parts.find(({ kind }) => kind === "NutanixCluster") ?? parts[0];
  return {
    at: first?.subject.at ?? "",
    name,
    namespace,
    standalone: isOwn ? true : isHosted ? false : undefined,
    endpoint: {
      host: nutanix.at("controlPlaneEndpoint", "host"),
      port: nutanix.at("controlPlaneEndpoint", "port"),
    },
    central: {
      address: central.at("address"),
      port: central.at("port"),
      insecure: central.at("insecure"),
      secret: central.at("credentialRef", "name"),
      bundle: central.at("additionalTrustBundle", "name"),
      inlineBundle: central.at("additionalTrustBundle", "data"),
      isGlobal: () => !central.isSet,
    },
    networks: {
      pods: cluster.at("clusterNetwork", "pods", "cidrBlocks"),
      services: cluster.at("clusterNetwork", "services", "cidrBlocks"),
    },
    controlPlaneNumber: isHosted ? hosted.at("replicas") : own.at("replicas"),
    groups: groupsOf(parts, name),
    k0s: { version: isHosted ? hosted.at("version") : own.at("version"), config: k0sConfig },
    balancer: missingField(""),
    get routers() {
      const instances = k0sConfig.at("spec", "network", "controlPlaneLoadBalancing", "keepalived", "vrrpInstances");
      return instances.items.map((instance) => instance.at("virtualRouterID"));
    },
    credential: central.at("credentialRef", "name"),
    labels: of("Cluster").at("metadata", "labels"),
    options: parts.find(({ kind }) => kind === "Cluster")?.subject.options ?? {},
    config: missingField(""),
  };
}

/** Machine templates with the role of who names them; of no known role where nobody does. */
function groupsOf(parts: readonly Part[], cluster: string): MachineGroupFields[] {
  const users = new Map<string, { role: MachineGroupFields["role"]; count: Field }>();
  for (const part of parts) {
    const name = templateOf(part)?.at("name").text;
    if (name === undefined) continue;
    const role = part.kind === "K0sControlPlane" ? "controlPlane" : "worker";
    users.set(name, { role, count: objectField(part.subject, cluster).at("spec", "replicas") });
  }
  return parts
    .filter(({ kind }) => kind === "NutanixMachineTemplate")
    .map(({ name, subject }) => {
      const template = objectField(subject, cluster).at("spec", "template", "spec");
      const user = users.get(name) ?? { role: undefined, count: missingField("") };
      return { ...user, machine: (key: MachineKey) => template.at(key === "subnets" ? "subnet" : key) };
    });
}
