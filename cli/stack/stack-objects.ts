import { STACK_LABEL } from "../../manifests/manifest.ts";
import { releaseDescription } from "../../manifests/names.ts";
import type { LiveObject } from "../../operations/live-object.ts";
import { helmRecords, newestRecords, releaseKey } from "../engine/helm-records.ts";
import type { ApiServer } from "./api-server.ts";

/** One line of the table of what is in the cluster. */
export interface ObjectRow {
  readonly kind: string;
  readonly name: string;
  /** Empty for objects without one. */
  readonly namespace: string;
  readonly readiness: Readiness;
}

export interface Readiness {
  readonly isReady: boolean;
  readonly text: string;
}

interface Resource {
  readonly path: string;
  readonly kind: string;
}

const DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
/** Many, alike, and not what anybody looks for: one line for all. */
const SUMMED_KIND = "CustomResourceDefinition";

/** Everything in the cluster that is this stack's: what bears its label, its Helm releases, and what these installed. */
export async function readObjects(server: ApiServer, identity: string, namespace: string): Promise<ObjectRow[]> {
  const resources = await discover(server);
  const records = newestRecords(await helmRecords(server, namespace)).filter(
    ({ description }) => description === releaseDescription(identity),
  );
  const releases = new Set(records.map(releaseKey));
  const find = async (selector: string) =>
    (
      await Promise.all(
        resources.map(async ({ path, kind }) =>
          (await server.list(path, selector)).map((object) => ({ ...object, kind })),
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
    readiness: { isReady: status === "deployed", text: `${status}: ${chart}, revision ${revision}` },
  }));
  const objects = [...labelled, ...installed.filter((object) => releases.has(releaseOf(object)))];
  return [...helmRows, ...summed(unique(objects).map(row))].sort(byKindAndName);
}

/** Every kind that can be listed, once, in the version that its group prefers. */
async function discover(server: ApiServer): Promise<Resource[]> {
  interface Group {
    metadata: { name?: string };
    versions: {
      version: string;
      resources: { resource: string; responseKind: { kind: string } | null; verbs: string[] }[];
    }[];
  }
  const answers = (await Promise.all([server.get("/api", DISCOVERY), server.get("/apis", DISCOVERY)])) as {
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

function releaseOf({ metadata: { annotations = {} } }: LiveObject): string {
  return `${annotations["meta.helm.sh/release-namespace"]}/${annotations["meta.helm.sh/release-name"]}`;
}

function unique(objects: readonly LiveObject[]): LiveObject[] {
  return [
    ...new Map(
      objects.map((object) => [`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`, object]),
    ).values(),
  ];
}

function row(object: LiveObject): ObjectRow {
  const { name, namespace = "" } = object.metadata;
  return { kind: object.kind, name, namespace, readiness: readinessOf(object) };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Conditions that say of some kind whether it is ready, the strongest first. */
const VERDICTS = ["Ready", "Available", "Established"];

/** What an object says of itself; objects that say nothing are ready by being there. */
export function readinessOf({ metadata, status = {} }: Pick<LiveObject, "metadata" | "status">): Readiness {
  if (metadata.deletionTimestamp !== undefined) {
    return { isReady: false, text: `being deleted, held by ${metadata.finalizers?.join(", ") || "nothing"}` };
  }
  const conditions = Array.isArray(status.conditions) ? (status.conditions as Condition[]) : [];
  const verdict = VERDICTS.map((type) => conditions.find((condition) => condition.type === type)).find(Boolean);
  if (verdict !== undefined) {
    if (verdict.status === "True") return { isReady: true, text: verdict.type.toLowerCase() };
    return {
      isReady: false,
      text: `not ${verdict.type.toLowerCase()}: ${verdict.message || verdict.reason || "no reason given"}`,
    };
  }
  if (typeof status.valid === "boolean") {
    const reason = typeof status.validationError === "string" ? `: ${status.validationError}` : "";
    return status.valid ? { isReady: true, text: "valid" } : { isReady: false, text: `not valid${reason}` };
  }
  if (typeof status.ready === "boolean") return { isReady: status.ready, text: status.ready ? "ready" : "not ready" };
  return { isReady: true, text: typeof status.phase === "string" ? status.phase.toLowerCase() : "present" };
}

function summed(rows: readonly ObjectRow[]): ObjectRow[] {
  const many = rows.filter(({ kind }) => kind === SUMMED_KIND);
  if (many.length === 0) return [...rows];
  const ready = many.filter(({ readiness }) => readiness.isReady).length;
  const sum = { isReady: ready === many.length, text: `${ready} of ${many.length} established` };
  return [
    ...rows.filter(({ kind }) => kind !== SUMMED_KIND),
    { kind: SUMMED_KIND, name: `(${many.length})`, namespace: "", readiness: sum },
  ];
}

function byKindAndName(left: ObjectRow, right: ObjectRow): number {
  return (
    left.kind.localeCompare(right.kind) ||
    left.namespace.localeCompare(right.namespace) ||
    left.name.localeCompare(right.name)
  );
}
