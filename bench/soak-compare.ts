/** What a stack has written, in a form in which two deployments of one stack file are equal. */
import { masked } from "../cli/engine/events.ts";
import type { State } from "../cli/engine/state.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KINDS, type KindName } from "../kubernetes/kinds.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { canonical } from "../policy/rules/plain-values.ts";

/** What the stack writes itself, and what its controllers make of that in the end. */
const COMPARED: readonly KindName[] = [
  ...(["Management", "ProviderTemplate", "ClusterTemplate", "Credential", "ClusterDeployment", "HelmRelease"] as const),
  ...(["Cluster", "MachineDeployment", "MachineHealthCheck", "K0sControlPlane", "K0smotronControlPlane"] as const),
  ...(["NutanixCluster", "NutanixMachineTemplate", "ConfigMap", "Secret"] as const),
];
/** Of machines just the number: their names are random. */
const COUNTED: readonly KindName[] = ["Machine", "NutanixMachine"];

/** Objects by kind and name, without what every deployment has for itself. */
export async function comparableObjects(api: KubernetesClient): Promise<Record<string, unknown>> {
  const lists = await Promise.all(COMPARED.map((kind) => listed(api, kind)));
  const objects = lists
    .flat()
    .filter(({ metadata }) => metadata.namespace === undefined || metadata.namespace === "kcm-system")
    // One for each revision of a release, and what Kubernetes puts into each namespace.
    .filter(({ metadata }) => !/^(sh\.helm\.release\.|kube-root-ca\.crt$)/.test(metadata.name));
  const texts = objects.map((object) => JSON.stringify(object.spec));
  const names = objects.flatMap(({ kind, metadata }) => (kind === "Cluster" ? [`${metadata.name}-`] : []));
  // Templates of former machines stay, as long as their cluster: those of its machines are never known for certain.
  const isFormer = ({ kind, metadata }: KubernetesObject) =>
    kind === "NutanixMachineTemplate" &&
    names.some((name) => metadata.name.startsWith(name)) &&
    !texts.some((text) => text?.includes(`"${metadata.name}"`));
  const counts = await Promise.all(
    COUNTED.map(async (kind) => [`number of ${kind}s`, (await listed(api, kind)).length] as const),
  );
  return {
    ...Object.fromEntries(
      objects
        .filter((object) => !isFormer(object))
        .map((object) => [`${object.kind} ${object.metadata.name}`, comparable(object)] as const),
    ),
    ...Object.fromEntries(counts),
  };
}

/** In the version that the server has. */
async function listed(api: KubernetesClient, name: KindName): Promise<KubernetesObject[]> {
  const { kind, apiVersions } = KINDS[name];
  const lists = await Promise.all(apiVersions.map((apiVersion) => api.listWithVersion({ apiVersion, kind })));
  return lists.find((list) => list !== undefined)?.items ?? [];
}

function comparable({ kind, metadata, spec, ...object }: KubernetesObject & { data?: object }): unknown {
  const { labels, annotations = {}, finalizers } = metadata;
  const { ownerReferences: owners = [] } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => !/^sandbox\.|last-applied|reconcile/.test(key));
  const isSecret = kind === "Secret";
  return {
    labels,
    annotations: Object.fromEntries(kept),
    finalizers,
    owners: owners.map(({ kind, name }) => `${kind} ${name}`),
    spec,
    // Passwords and keys are generated.
    data: isSecret ? Object.keys(object.data ?? {}).sort() : object.data,
  };
}

/** Resources of a state by URN, without their outputs and without the values of secrets. */
export function comparableState({ resources = [] }: State): Record<string, unknown> {
  return Object.fromEntries(
    resources.map((resource) => {
      const { type, inputs, parent, dependencies, protect } = resource as typeof resource & Record<string, unknown>;
      // Outputs, versions of providers, and the identity of the management cluster.
      const isOwn = /^pulumi:(pulumi:Stack|providers:|index:Stash)/.test(type);
      return [
        resource.urn,
        {
          ...(isOwn ? {} : { inputs: masked(inputs) }),
          parent,
          protect,
          dependencies: [...((dependencies ?? []) as string[])].sort(),
        },
      ];
    }),
  );
}

/** Where two such maps differ, a line each. */
export function differences(edited: Record<string, unknown>, fresh: Record<string, unknown>): string[] {
  const keys = [...new Set([...Object.keys(edited), ...Object.keys(fresh)])].sort();
  return keys.flatMap((key) => {
    if (!(key in fresh)) return [`${key}: only in the edited stack`];
    if (!(key in edited)) return [`${key}: only in the fresh stack`];
    const [one, other] = [edited[key], fresh[key]].map((value) => canonical(value));
    return one === other ? [] : [`${key}: ${one}\n  in the fresh stack ${other}`];
  });
}
