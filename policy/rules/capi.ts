/** Clusters and ClusterClasses from Cluster API objects, grouped by the one that refers to them. */
import type { ClusterFields, MachineGroupFields, MachineKey } from "./cluster-fields.ts";
import { type Field, missingField, objectField } from "./field.ts";
import { map, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

const GROUPS = ["cluster.x-k8s.io", "infrastructure.cluster.x-k8s.io", "controlplane.cluster.x-k8s.io"];
const KINDS = [
  "Cluster",
  "ClusterClass",
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
  /** The spec; of a template, the spec of what is made from it. */
  readonly spec: (cluster?: string) => Field;
}

/** The kind of what a template of a ClusterClass makes; machines always have templates. */
function plainKind(kind: unknown): string {
  if (typeof kind !== "string") return "";
  return kind === "NutanixMachineTemplate" ? kind : kind.replace(/Template$/, "");
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
  const plain = plainKind(kind);
  if (!KINDS.includes(plain) || !GROUPS.includes(group)) return [];
  const { name, namespace } = map(metadata);
  const spec = (cluster?: string) =>
    objectField(target, cluster).at(...(plain === kind ? ["spec"] : ["spec", "template", "spec"]));
  return [{ kind: plain, name: text(name) ?? "", namespace: text(namespace) ?? "default", target, spec }];
}

/** Names of clusters by `kind namespace/name` of the objects that they refer to, directly or indirectly. */
function clusterReferences(objects: readonly ClusterObject[]): ReadonlyMap<string, string> {
  const clusters = new Map<string, string>();
  const refer = (from: ClusterObject, reference: Field, cluster: string) => {
    const { kind, name } = map(reference.value);
    if (typeof name === "string") clusters.set(`${plainKind(kind)} ${from.namespace}/${name}`, cluster);
  };
  for (const object of objects) {
    const spec = object.spec();
    if (object.kind === "Cluster") {
      refer(object, spec.at("infrastructureRef"), object.name);
      refer(object, spec.at("controlPlaneRef"), object.name);
    }
    if (object.kind === "ClusterClass") for (const one of templatesOf(spec)) refer(object, one, object.name);
  }
  for (const object of objects) {
    const template = templateOf(object);
    if (template !== undefined) refer(object, template, clusterName(object, clusters));
  }
  return clusters;
}

/** The templates of a ClusterClass: `ref` until v1beta1 of Cluster API, `templateRef` from v1beta2 on. */
function templatesOf(spec: Field): Field[] {
  const workers = spec.at("workers", "machineDeployments").items;
  return [
    spec.at("infrastructure"),
    spec.at("controlPlane"),
    spec.at("controlPlane", "machineInfrastructure"),
    ...workers.flatMap((worker) => [worker.at("infrastructure"), worker.at("template", "infrastructure")]),
  ].flatMap((one) => [one.at("ref"), one.at("templateRef")]);
}

/** An object's reference to the template of its machines. */
function templateOf({ kind, spec: read }: ClusterObject): Field | undefined {
  const spec = read();
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
    return object?.spec(name) ?? missingField(kind);
  };
  const nutanix = of("NutanixCluster");
  const cluster = of("Cluster");
  const own = of("K0sControlPlane");
  const hosted = of("K0smotronControlPlane");
  const main = objects.find(({ kind }) => kind === "Cluster")?.target;
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
    labels: main === undefined ? missingField("Cluster") : objectField(main, name).at("metadata", "labels"),
    options: main?.options ?? {},
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
