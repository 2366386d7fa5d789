import { releaseDescription } from "../../manifests/names.ts";
import { type HelmRecord, releaseKey } from "./helm-records.ts";

const RELEASE_TYPE = "kubernetes:helm.sh/v3:Release";

/** The part of a stack's state that repairs look at. */
export interface State {
  readonly resources?: readonly StateResource[];
  readonly pending_operations?: readonly { readonly type: string; readonly resource: StateResource }[];
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

/** What an interrupted run left behind, and what is done about it. */
export interface Repair {
  /** URNs whose unfinished operation is dropped from the state. */
  readonly operations: readonly string[];
  /** URNs that are dropped from the state. */
  readonly resources: readonly string[];
  /** Records of Helm that are deleted. */
  readonly records: readonly HelmRecord[];
  /** One sentence for each thing repaired. */
  readonly sentences: readonly string[];
}

export interface Evidence {
  /** `<project>.<stack>`. */
  readonly identity: string;
  readonly state: State;
  readonly records: readonly HelmRecord[];
}

/**
 * What has to be mended before the next up. Objects in the middle of their making are taken over by that up, since the
 * program's provider takes up what bears the stack's label; Helm's objects by Helm's own marks of ownership.
 */
export function planRepair({ identity, state, records }: Evidence): Repair {
  const pending = state.pending_operations ?? [];
  const releases = planReleases({ identity, state, records });
  return {
    ...releases,
    operations: pending.map(({ resource }) => resource.urn),
    sentences: [
      ...pending.map(
        ({ type, resource }) => `${shortName(resource)}: ${type} when a run was ended; this run goes on with it`,
      ),
      ...releases.sentences,
    ],
  };
}

function planReleases({ identity, state, records }: Evidence): Omit<Repair, "operations"> {
  const resources: string[] = [];
  const deleted: HelmRecord[] = [];
  const sentences: string[] = [];
  const unfinished = new Set(
    releasesOf(state.pending_operations?.map(({ resource }) => resource)).map(({ key }) => key),
  );
  const known = new Map(releasesOf(state.resources).map(({ key, resource }) => [key, resource]));
  for (const [key, revisions] of grouped(records)) {
    const resource = known.get(key);
    const stuck = revisions.filter(({ status }) => status.startsWith("pending-"));
    const isOurs =
      resource !== undefined ||
      unfinished.has(key) ||
      revisions.some(({ description }) => description === releaseDescription(identity));
    if (!isOurs || (resource !== undefined && stuck.length === 0)) continue;
    if (resource === undefined) {
      deleted.push(...revisions);
      sentences.push(
        `Helm release ${key}: installed by a run that was ended before it was noted; Helm's record is removed and the objects are taken over`,
      );
    } else if (revisions.some(({ status }) => status === "deployed")) {
      deleted.push(...stuck);
      sentences.push(
        `Helm release ${key}: ${stuck[0]?.status} since a run was ended; its unfinished revision is removed`,
      );
    } else {
      deleted.push(...revisions);
      if (!isNeeded(resource.urn, state)) resources.push(resource.urn);
      sentences.push(
        `Helm release ${key}: ${stuck[0]?.status} since a run was ended; it is installed anew over its objects`,
      );
    }
  }
  return { resources, records: deleted, sentences };
}

/** The state with the repair made; everything that the repair does not name stays as it is. */
export function repairedState<S extends State>(state: S, repair: Repair): S {
  const { pending_operations: _, ...rest } = state;
  return {
    ...rest,
    resources: (state.resources ?? []).filter(({ urn }) => !repair.resources.includes(urn)),
  } as unknown as S;
}

function releasesOf(resources: readonly StateResource[] = []): { key: string; resource: StateResource }[] {
  return resources
    .filter(({ type }) => type === RELEASE_TYPE)
    .map((resource) => ({
      key: releaseKey({
        namespace: String(resource.inputs?.namespace ?? ""),
        name: String(resource.inputs?.name ?? ""),
      }),
      resource,
    }));
}

function grouped(records: readonly HelmRecord[]): Map<string, HelmRecord[]> {
  const groups = new Map<string, HelmRecord[]>();
  for (const record of records) {
    const key = releaseKey(record);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return groups;
}

function isNeeded(urn: string, state: State): boolean {
  return (state.resources ?? []).some(
    ({ parent, dependencies = [], propertyDependencies = {} }) =>
      parent === urn ||
      dependencies.includes(urn) ||
      Object.values(propertyDependencies).some((urns) => urns?.includes(urn)),
  );
}

function shortName({ urn, type }: StateResource): string {
  return `${type.split(":").at(-1)} ${urn.split("::").at(-1)}`;
}
