import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readiness } from "../../kubernetes/readiness.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { releaseDescription } from "../../manifests/names.ts";
import { helmReleases } from "./helm-releases.ts";

/** A row of the table of objects. */
export interface ObjectRow {
  readonly kind: string;
  readonly name: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly isReady: boolean;
  readonly text: string;
}

interface Resource {
  readonly path: string;
  readonly kind: string;
}

const DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
/** One row for all of them. */
const SUMMED_KIND = "CustomResourceDefinition";

/** All objects of a stack: those with its label, its Helm releases, and the objects of these. */
export async function readObjects(client: KubernetesClient, identity: string, namespace: string): Promise<ObjectRow[]> {
  const resources = await discover(client);
  const records = (await helmReleases(client, namespace)).filter(
    ({ description }) => description === releaseDescription(identity),
  );
  const releases = new Set(records.map(({ namespace, name }) => `${namespace}/${name}`));
  const find = async (selector: string) =>
    (
      await Promise.all(
        resources.map(async ({ path, kind }) =>
          (await client.list(path, { labelSelector: selector })).map((object) => ({ ...object, kind })),
        ),
      )
    ).flat();
  const [labelled, installed] = await Promise.all([
    find(`${STACK_LABEL}=${identity}`),
    releases.size === 0 ? [] : find("app.kubernetes.io/managed-by=Helm"),
  ]);
  const helmRows = records.map(({ name, namespace, chart, revision, status }) => ({
    kind: "Helm release",
    name,
    namespace,
    isReady: status === "deployed",
    text: `${status}: ${chart}, revision ${revision}`,
  }));
  const objects = [...labelled, ...installed.filter((object) => releases.has(releaseOf(object)))];
  return [...helmRows, ...summed(unique(objects).map(row))].sort(byKindAndName);
}

/** Every listable kind, in the preferred version of its group. */
async function discover(client: KubernetesClient): Promise<Resource[]> {
  interface Group {
    metadata: { name?: string };
    versions: {
      version: string;
      resources: { resource: string; responseKind: { kind: string } | null; verbs: string[] }[];
    }[];
  }
  const answers = (await Promise.all(["/api", "/apis"].map((path) => client.get(path, { accept: DISCOVERY })))) as {
    items?: Group[];
  }[];
  return answers
    .flatMap(({ items = [] }) => items)
    .flatMap(({ metadata: { name }, versions }) =>
      versions.slice(0, 1).flatMap(({ version, resources }) =>
        resources
          .filter(({ verbs, resource }) => verbs.includes("list") && resource !== "events")
          .map(({ resource, responseKind }) => ({
            path: `${name ? `/apis/${name}` : "/api"}/${version}/${resource}`,
            kind: responseKind?.kind ?? resource,
          })),
      ),
    );
}

function releaseOf({ metadata: { annotations = {} } }: KubernetesObject): string {
  return `${annotations["meta.helm.sh/release-namespace"]}/${annotations["meta.helm.sh/release-name"]}`;
}

function unique(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [
    ...new Map(
      objects.map((object) => [`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`, object]),
    ).values(),
  ];
}

function row(object: KubernetesObject): ObjectRow {
  const { name, namespace = "" } = object.metadata;
  const { status, message } = readiness(object);
  const isReady = status === "Current";
  return { kind: object.kind, name, namespace, isReady, text: isReady ? message : `${status}, ${message}` };
}

function summed(rows: readonly ObjectRow[]): ObjectRow[] {
  const many = rows.filter(({ kind }) => kind === SUMMED_KIND);
  if (many.length === 0) return [...rows];
  const ready = many.filter(({ isReady }) => isReady).length;
  const sum = { isReady: ready === many.length, text: `${ready} of ${many.length} established` };
  return [
    ...rows.filter(({ kind }) => kind !== SUMMED_KIND),
    { kind: SUMMED_KIND, name: `(${many.length})`, namespace: "", ...sum },
  ];
}

function byKindAndName(left: ObjectRow, right: ObjectRow): number {
  return (
    left.kind.localeCompare(right.kind) ||
    left.namespace.localeCompare(right.namespace) ||
    left.name.localeCompare(right.name)
  );
}
