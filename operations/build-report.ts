/** What a report tells of the clusters: counts, versions, capacity, and how old logins and certificates are. */
import { X509Certificate } from "node:crypto";
import type { KubeconfigContext } from "../kubernetes/kubeconfig.ts";
import { expiryOf } from "../kubernetes/kubeconfig-merge.ts";
import { at, type KubernetesObject, numberAt, textAt } from "../kubernetes/object.ts";
import { add, type Capacity, capacity, NOTHING } from "../manifests/cluster-capacity.ts";
import type { ProviderEntry } from "../manifests/management-object.ts";
import { clusterNames, PROVIDER } from "../manifests/names.ts";
import type { StatedWaiver } from "../policy/rules/waivers.ts";
import { deployedCluster } from "./deployed-cluster.ts";
import { allNodes, type ClusterTree, platformTree } from "./resource-tree.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a report is made of. Everything but the snapshot may be incomplete: what could not be read is left out. */
export interface ReportInput {
  readonly snapshot: Snapshot;
  readonly trees: readonly ClusterTree[];
  /** Clusters of the stack file that are not there. */
  readonly absent: readonly string[];
  readonly stack: string | undefined;
  /** Logins by cluster. */
  readonly logins: ReadonlyMap<string, KubeconfigContext>;
  /** Waivers that the stack file states; undefined where no stack file was read. */
  readonly waivers?: readonly StatedWaiver[] | undefined;
}

export interface ClusterFacts {
  readonly tree: ClusterTree;
  readonly mode: string;
  readonly k0s: string;
  readonly endpoint: string;
  /** Like `3/3`. */
  readonly controlPlane: string;
  readonly workers: string;
  /** What it asks of Nutanix; undefined where its ClusterDeployment does not say it in our words. */
  readonly capacity: Capacity | undefined;
}

/** Something that grows old, or ends. */
export interface Aging {
  readonly cluster: string;
  readonly what: string;
  /** When it was last changed, RFC 3339. */
  readonly changed?: string;
  /** When it ends. */
  readonly ends?: string;
}

export interface Report {
  readonly facts: readonly ClusterFacts[];
  readonly total: Capacity;
  /** What is installed in the management cluster, and in which version. */
  readonly versions: readonly { readonly what: string; readonly version: string; readonly state: string }[];
  readonly aging: readonly Aging[];
}

/** Puts the report together. */
export function reportOf(input: ReportInput): Report {
  const facts = input.trees.map(factsOf);
  return {
    facts,
    total: facts.flatMap((one) => (one.capacity === undefined ? [] : [one.capacity])).reduce(add, NOTHING),
    versions: versionsOf(input.snapshot),
    aging: input.trees.flatMap((tree) => agingOf(tree, input)),
  };
}

function factsOf(tree: ClusterTree): ClusterFacts {
  const nodes = allNodes(tree.root);
  const deployed = tree.root.object === undefined ? undefined : deployedCluster(tree.root.object);
  const plane = nodes.find(({ kind }) => kind === "K0sControlPlane" || kind === "K0smotronControlPlane");
  const workers = nodes.filter(({ kind }) => kind === "MachineDeployment");
  const infrastructure = nodes.find(({ kind }) => kind === "NutanixCluster")?.object;
  const host =
    textAt(infrastructure?.spec, "controlPlaneEndpoint", "host") ?? deployed?.nutanix.controlPlaneEndpoint.host;
  const port =
    numberAt(infrastructure?.spec, "controlPlaneEndpoint", "port") ?? deployed?.nutanix.controlPlaneEndpoint.port;
  return {
    tree,
    mode: deployed?.mode ?? "",
    // A hosted control plane is an image, and no tag may have a plus.
    k0s: (textAt(plane?.object?.spec, "version") ?? deployed?.k0s.version ?? "").replace("-k0s", "+k0s"),
    endpoint: host === undefined ? "" : `${host}:${port}`,
    controlPlane: readyOf(plane?.object === undefined ? [] : [plane.object]),
    workers: readyOf(workers.flatMap(({ object }) => (object === undefined ? [] : [object]))),
    capacity: deployed === undefined ? undefined : capacity(deployed),
  };
}

function readyOf(objects: readonly KubernetesObject[]): string {
  if (objects.length === 0) return "";
  const sum = (key: "spec" | "status", field: string) =>
    objects.reduce((total, object) => total + (numberAt(object[key], field) ?? 0), 0);
  return `${sum("status", "readyReplicas")}/${sum("spec", "replicas")}`;
}

function versionsOf(snapshot: Snapshot): Report["versions"] {
  const platform = platformTree(snapshot);
  if (platform === undefined) return [];
  const templates = new Set(snapshot.objects.ClusterDeployment.map(({ spec }) => textAt(spec, "template")));
  return [
    { what: "kcm (Management)", version: platform.detail, state: platform.state },
    ...platform.children.map(({ kind, name, detail, state }) => ({ what: `${kind} ${name}`, version: detail, state })),
    ...snapshot.objects.ClusterTemplate.filter(({ metadata }) => templates.has(metadata.name)).map((template) => ({
      what: `ClusterTemplate ${template.metadata.name}`,
      version: textAt(template.status, "chartVersion") ?? "",
      state: at(template.status, "valid") === true ? "Current" : "Failed",
    })),
  ];
}

function agingOf(tree: ClusterTree, { snapshot, logins }: ReportInput): Aging[] {
  const { name } = tree;
  const login = logins.get(name);
  const expiry = login && expiryOf(login);
  const secrets = new Map(snapshot.objects.Secret.map((secret) => [secret.metadata.name, secret]));
  const infrastructure = allNodes(tree.root).find(({ kind }) => kind === "NutanixCluster")?.object;
  const own = textAt(infrastructure?.spec, "prismCentral", "credentialRef", "name");
  const ages = [clusterNames(name).identity, ...(own === undefined ? [] : [own])].flatMap((secret): Aging[] => {
    const found = secrets.get(secret);
    return found === undefined ? [] : [{ cluster: name, what: `Secret ${secret}`, ...changed(found) }];
  });
  const kubeconfig = expiry ? [{ cluster: name, what: `kubeconfig: ${expiry.by}`, ends: expiry.at }] : [];
  return [...kubeconfig, ...ages, ...bundleOf(name, snapshot)];
}

function changed({ metadata }: KubernetesObject): { changed?: string } {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)];
  const newest = times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  return newest === undefined ? {} : { changed: newest };
}

/** The certificate of a cluster's trust bundle that ends first: of its own in Management, else of the stack's. */
function bundleOf(name: string, { objects }: Snapshot): Aging[] {
  const providers = (objects.Management[0]?.spec?.["providers"] ?? []) as readonly ProviderEntry[];
  const bundles = providers.find((provider) => provider.name === PROVIDER)?.config?.["trustBundles"];
  const pem = textAt(bundles, name) ?? textAt(bundles, "prismCentral") ?? "";
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const ends = blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block).validToDate.toISOString()];
    } catch {
      return [];
    }
  });
  const [first] = ends.sort();
  return first === undefined ? [] : [{ cluster: name, what: "trust bundle of Prism Central", ends: first }];
}
