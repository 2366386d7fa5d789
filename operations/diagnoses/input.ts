/** What a diagnosis reads: a snapshot of the management cluster, logs, and the clusters of the stack file. */
import { type Condition, conditionOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesEvent, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { CLUSTER_LABEL } from "../../manifests/manifest.ts";
import type { AdditionalKind, AdditionalObjects, Gap, Snapshot, SnapshotKind } from "../snapshot.ts";

/** Last lines of one container's log. */
export interface ContainerLog {
  readonly pod: string;
  /** `kcm`, `flux`, `cluster-api`, `capx`, `k0smotron`, or another controller's. */
  readonly part: string;
  readonly lines: readonly string[];
}

/** A connection attempt from where the doctor runs. */
export interface EndpointProbe {
  /** Like 10.1.1.200:6443. */
  readonly address: string;
  /** undefined: it succeeded. */
  readonly error?: string;
}

export interface DiagnosisInput {
  readonly snapshot: Snapshot;
  readonly additional: AdditionalObjects;
  readonly logs: readonly ContainerLog[];
  readonly probes: readonly EndpointProbe[];
  /** Names of the clusters in the stack file; undefined: no stack file was read. */
  readonly planned?: readonly string[] | undefined;
}

export type ObjectKind = SnapshotKind | AdditionalKind;

/** All objects of a kind. */
export function objectsOf({ snapshot, additional }: DiagnosisInput, kind: ObjectKind): readonly KubernetesObject[] {
  return kind in additional.objects
    ? additional.objects[kind as AdditionalKind]
    : snapshot.objects[kind as SnapshotKind];
}

/** An object by its name. */
export function objectNamed(
  the: DiagnosisInput,
  kind: ObjectKind,
  name: string | undefined,
): KubernetesObject | undefined {
  return name === undefined ? undefined : objectsOf(the, kind).find(({ metadata }) => metadata.name === name);
}

/** Whether a kind could not be read, so that its absence means nothing. */
export function isUnreadable({ snapshot, additional }: DiagnosisInput, kind: ObjectKind): boolean {
  const gaps: readonly { kind: string; why: Gap["why"] }[] = [...snapshot.gaps, ...additional.gaps];
  return gaps.some((gap) => gap.kind === kind && gap.why !== "not served");
}

/** Name of the cluster that an object is part of. */
export function clusterOf({ kind, metadata, spec }: KubernetesObject): string | undefined {
  if (kind === "ClusterDeployment" || kind === "Cluster") return metadata.name;
  return (
    metadata.labels?.[CLUSTER_LABEL] ??
    textAt(spec, "clusterName") ??
    metadata.ownerReferences?.find((owner) => owner.kind === "Cluster")?.name ??
    metadata.labels?.["helm.toolkit.fluxcd.io/name"]
  );
}

/** Objects of a kind that have one value in common, by that value: those that share it with no other are left out. */
export function sharingOf(
  input: DiagnosisInput,
  kind: ObjectKind,
  read: (object: KubernetesObject) => string | undefined,
): { value: string; first: KubernetesObject; all: readonly KubernetesObject[] }[] {
  return [...Map.groupBy(objectsOf(input, kind), read)].flatMap(([value, all]) => {
    const [first, ...others] = all;
    return value === undefined || first === undefined || others.length === 0 ? [] : [{ value, first, all }];
  });
}

/** Name of the Machine that owns an object. */
export function machineOf({ metadata }: KubernetesObject): string | undefined {
  return metadata.ownerReferences?.find(({ kind }) => kind === "Machine")?.name;
}

/** The condition of a Cluster that says that its control plane runs; undefined where it never did. */
export function controlPlaneUp(cluster: KubernetesObject): Condition | undefined {
  return ["ControlPlaneInitialized", "ControlPlaneReady"]
    .map((type) => conditionOf(cluster, type))
    .find((condition) => condition?.status === "True");
}

/** A condition that is False. */
export function falseCondition(object: KubernetesObject | undefined, type: string): Condition | undefined {
  const condition = object && conditionOf(object, type);
  return condition?.status === "False" ? condition : undefined;
}

/** Warnings about an object, the latest first. */
export function eventsOf(
  { snapshot }: Pick<DiagnosisInput, "snapshot">,
  { kind, metadata }: NamedObject,
): KubernetesEvent[] {
  return snapshot.events
    .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === metadata.name)
    .sort((one, other) => (timeOf(other) ?? "").localeCompare(timeOf(one) ?? ""));
}

type NamedObject = { readonly kind: string; readonly metadata: { readonly name: string } };

/** When an event happened last, RFC 3339; newer clients write another field. */
export function timeOf({ lastTimestamp, eventTime, firstTimestamp }: KubernetesEvent): string | undefined {
  return lastTimestamp ?? eventTime ?? firstTimestamp ?? undefined;
}

/** Log lines of a part that match a pattern, the latest last. */
export function logLines({ logs }: DiagnosisInput, part: string, pattern: RegExp): { pod: string; line: string }[] {
  return logs
    .filter((log) => log.part === part)
    .flatMap(({ pod, lines }) => lines.filter((line) => pattern.test(line)).map((line) => ({ pod, line })));
}

/** Minutes between a time and the snapshot; 0 where the time is not known. */
export function minutesSince({ snapshot }: DiagnosisInput, time: string | undefined): number {
  if (time === undefined) return 0;
  return Math.max(0, (Date.parse(snapshot.takenAt) - Date.parse(time)) / 60_000) || 0;
}

/** The list under a path of keys, as plain maps. */
export function listAt(value: unknown, ...keys: readonly string[]): Record<string, unknown>[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? (found as Record<string, unknown>[]) : [];
}

/** Matches whole names, not longer ones that begin with them. */
export function namePattern(...names: readonly string[]): RegExp {
  const escaped = names.map((name) => name.replaceAll(".", "\\."));
  return new RegExp(`(?<![\\w.-])(${escaped.join("|")})(?![\\w-])`);
}
