/** What the doctor looks at: one moment of the management cluster, the logs that could be read, and what the stack asks for. */

import { type Condition, conditionsOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesEvent, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import type { AdditionalKind, AdditionalObjects, Gap, Snapshot, SnapshotKind } from "../snapshot.ts";

/** Last lines of one container's log. */
export interface Log {
  readonly pod: string;
  /** `kcm`, `flux`, `cluster-api`, `capx`, `k0smotron`, or another controller's. */
  readonly part: string;
  readonly lines: readonly string[];
}

/** Whether somebody answered at an address, asked from where the doctor runs. */
export interface Probe {
  /** Like 10.1.1.200:6443. */
  readonly address: string;
  /** undefined: a connection was made. */
  readonly fault?: string;
}

export interface DiagnosisInput {
  readonly snapshot: Snapshot;
  readonly extra: AdditionalObjects;
  readonly logs: readonly Log[];
  readonly probes: readonly Probe[];
  /** Names of the clusters that the stack file asks for; undefined: no stack file was read. */
  readonly asked?: readonly string[] | undefined;
}

/** Objects of a kind, whichever reading brought them. */
export function all(
  { snapshot, extra }: DiagnosisInput,
  kind: SnapshotKind | AdditionalKind,
): readonly KubernetesObject[] {
  return kind in extra.objects ? extra.objects[kind as AdditionalKind] : snapshot.objects[kind as SnapshotKind];
}

/** An object by its name. */
export function named(
  the: DiagnosisInput,
  kind: SnapshotKind | AdditionalKind,
  name: string | undefined,
): KubernetesObject | undefined {
  return name === undefined ? undefined : all(the, kind).find(({ metadata }) => metadata.name === name);
}

/** True where nothing can be concluded from a kind's absence: it could not be read. */
export function isBlind({ snapshot, extra }: DiagnosisInput, kind: SnapshotKind | AdditionalKind): boolean {
  const gaps: readonly { kind: string; why: Gap["why"] }[] = [...snapshot.gaps, ...extra.gaps];
  return gaps.some((gap) => gap.kind === kind && gap.why !== "not served");
}

const CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name";

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

/** A condition by its type. */
export function conditionOf(object: KubernetesObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** A condition that is False. */
export function falseOf(object: KubernetesObject, type: string): Condition | undefined {
  const condition = conditionOf(object, type);
  return condition?.status === "False" ? condition : undefined;
}

/** Warnings about an object, the latest first. */
export function eventsOf({ snapshot }: Pick<DiagnosisInput, "snapshot">, { kind, metadata }: Named): KubernetesEvent[] {
  return snapshot.events
    .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === metadata.name)
    .sort((one, other) => (timeOf(other) ?? "").localeCompare(timeOf(one) ?? ""));
}

type Named = { readonly kind: string; readonly metadata: { readonly name: string } };

/** When an event happened last, RFC 3339; newer clients write another field. */
export function timeOf({ lastTimestamp, eventTime, firstTimestamp }: KubernetesEvent): string | undefined {
  return lastTimestamp ?? eventTime ?? firstTimestamp ?? undefined;
}

/** Log lines of a part that a pattern finds, the latest last. */
export function linesOf({ logs }: DiagnosisInput, part: string, pattern: RegExp): { pod: string; line: string }[] {
  return logs
    .filter((log) => log.part === part)
    .flatMap(({ pod, lines }) => lines.filter((line) => pattern.test(line)).map((line) => ({ pod, line })));
}

/** Minutes from a time of the snapshot's past to the snapshot; 0 where the time is not known. */
export function minutesSince({ snapshot }: DiagnosisInput, time: string | undefined): number {
  if (time === undefined) return 0;
  return Math.max(0, (Date.parse(snapshot.takenAt) - Date.parse(time)) / 60_000) || 0;
}

/** The list under a path of keys, as plain maps. */
export function listAt(value: unknown, ...keys: readonly string[]): Record<string, unknown>[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? (found as Record<string, unknown>[]) : [];
}

/** A text that finds a name and not one that only begins with it. */
export function wholeName(...names: readonly string[]): RegExp {
  const escaped = names.map((name) => name.replaceAll(".", "\\."));
  return new RegExp(`(?<![\\w.-])(${escaped.join("|")})(?![\\w-])`);
}
