/** Clusters from Cluster API objects, grouped by the cluster that they refer to. */
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
const CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name";

/** One object of a cluster. */
interface ClusterObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly target: PolicyTarget;
}

/** The Nutanix clusters among Cluster API objects; each may lack some of its objects. */
export function capiClusters(targets: readonly PolicyTarget[]): ClusterFields[] {
  const objects = targets.flatMap(clusterObject);
  const clusters = clusterReferences(objects);
  const byCluster = Map.groupBy(objects, (object) => `${object.namespace}/${clusterName(object, clusters)}`);
  return [...byCluster].flatMap(([key, own]) => (own.some(isNutanix) ? [clusterFields(key, own)] : []));
}

function clusterObject(target: PolicyTarget): ClusterObject[] {
  const { apiVersion, kind, metadata } = map(target.object);
  const group = text(apiVersion)?.split("/")[0] ?? "";
  if (typeof kind !== "string" || !KINDS.includes(kind) || !GROUPS.includes(group)) return [];
  const { name, namespace } = map(metadata);
  return [{ kind, name: text(name) ?? "", namespace: text(namespace) ?? "default", target }];
}

/** Names of clusters by `kind namespace/name` of the objects that they refer to, directly or indirectly. */
function clusterReferences(objects: readonly ClusterObject[]): ReadonlyMap<string, string> {
  const clusters = new Map<string, string>();
  const refer = (from: ClusterObject, reference: Field, cluster: string) => {
    const { kind, name } = map(reference.value);
    if (typeof kind === "string" && typeof name === "string")
      clusters.set(`${kind} ${from.namespace}/${name}`, cluster);
  };
  for (const object of objects) {
    if (object.kind !== "Cluster") continue;
    const spec = objectField(object.target).at("spec");
    refer(object, spec.at("infrastructureRef"), object.name);
    refer(object, spec.at("controlPlaneRef"), object.name);
  }
  for (const object of objects) {
    const template = templateOf(object);
    if (template !== undefined) refer(object, template, clusterName(object, clusters));
  }
  return clusters;
}

/** An object's reference to the template of its machines. */
function templateOf({ kind, target }: ClusterObject): Field | undefined {
  const spec = objectField(target).at("spec");
  if (kind === "K0sControlPlane") return spec.at("machineTemplate", "infrastructureRef");
  return kind === "MachineDeployment" ? spec.at("template", "spec", "infrastructureRef") : undefined;
}

function clusterName({ kind, name, namespace, target }: ClusterObject, clusters: ReadonlyMap<string, string>): string {
  const field = objectField(target);
  const label = map(field.at("metadata", "labels").value)[CLUSTER_LABEL];
  const own = kind === "MachineDeployment" ? field.at("spec", "clusterName").text : undefined;
  return text(label) ?? own ?? clusters.get(`${kind} ${namespace}/${name}`) ?? name;
}

function isNutanix(object: ClusterObject): boolean {
  if (object.kind.startsWith("Nutanix")) return true;
  const reference =
    object.kind === "Cluster" ? objectField(object.target).at("spec", "infrastructureRef") : templateOf(object);
  return text(map(reference?.value)["kind"])?.startsWith("Nutanix") ?? false;
}

function clusterFields(key: string, objects: readonly ClusterObject[]): ClusterFields {
  const [namespace = "", name = ""] = key.split("/");
  const of = (kind: string) => {
    const object = objects.find((one) => one.kind === kind);
    return object === undefined ? missingField(kind) : objectField(object.target, name);
  };
  const nutanix = of("NutanixCluster").at("spec");
  const cluster = of("Cluster").at("spec");
  const own = of("K0sControlPlane").at("spec");
  const hosted = of("K0smotronControlPlane").at("spec");
  const isHosted = objects.some(({ kind }) => kind === "K0smotronControlPlane");
  const isOwn = objects.some(({ kind }) => kind === "K0sControlPlane");
  const prismCentral = nutanix.at("prismCentral");
  const k0sConfig = isHosted ? hosted.at("k0sConfig") : own.at("k0sConfigSpec", "k0s");
  const first = objects.find(({ kind }) => kind === "NutanixCluster") ?? objects[0];
  return {
    at: first?.target.at ?? "",
    name,
    namespace,
    standalone: isOwn ? true : isHosted ? false : undefined,
    endpoint: {
      host: nutanix.at("controlPlaneEndpoint", "host"),
      port: nutanix.at("controlPlaneEndpoint", "port"),
    },
    prismCentral: {
      address: prismCentral.at("address"),
      port: prismCentral.at("port"),
      insecure: prismCentral.at("insecure"),
      secret: prismCentral.at("credentialRef", "name"),
      bundle: prismCentral.at("additionalTrustBundle", "name"),
      inlineBundle: prismCentral.at("additionalTrustBundle", "data"),
      isGlobal: () => !prismCentral.isSet,
    },
    networks: {
      pods: cluster.at("clusterNetwork", "pods", "cidrBlocks"),
      services: cluster.at("clusterNetwork", "services", "cidrBlocks"),
    },
    controlPlaneNumber: isHosted ? hosted.at("replicas") : own.at("replicas"),
    groups: groupsOf(objects, name),
    k0s: { version: isHosted ? hosted.at("version") : own.at("version"), config: k0sConfig },
    loadBalancer: missingField(""),
    get routers() {
      const instances = k0sConfig.at("spec", "network", "controlPlaneLoadBalancing", "keepalived", "vrrpInstances");
      return instances.items.map((instance) => instance.at("virtualRouterID"));
    },
    credential: prismCentral.at("credentialRef", "name"),
    labels: of("Cluster").at("metadata", "labels"),
    options: objects.find(({ kind }) => kind === "Cluster")?.target.options ?? {},
    config: missingField(""),
  };
}

/** Machine templates, each with the role of the object that refers to it. */
function groupsOf(objects: readonly ClusterObject[], cluster: string): MachineGroupFields[] {
  const users = new Map<string, { role: MachineGroupFields["role"]; count: Field }>();
  for (const object of objects) {
    const name = templateOf(object)?.at("name").text;
    if (name === undefined) continue;
    const role = object.kind === "K0sControlPlane" ? "controlPlane" : "worker";
    users.set(name, { role, count: objectField(object.target, cluster).at("spec", "replicas") });
  }
  return objects
    .filter(({ kind }) => kind === "NutanixMachineTemplate")
    .map(({ name, target }) => {
      const template = objectField(target, cluster).at("spec", "template", "spec");
      const user = users.get(name) ?? { role: undefined, count: missingField("") };
      return { ...user, machine: (key: MachineKey) => template.at(key === "subnets" ? "subnet" : key) };
    });
}
