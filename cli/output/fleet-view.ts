/** A fleet's runs as text. */
import type { Capacity } from "../../manifests/cluster-capacity.ts";
import type { StackRun } from "../engine/fleet.ts";
import { changesLine } from "./progress.ts";
import { textTable } from "./text-table.ts";

/** One line for a run that has ended; undefined while it has not. */
export function runLine({ stack, state, seconds, changes, reasons = [] }: StackRun): string | undefined {
  if (state === "pending" || state === "running") return undefined;
  const how = changes === undefined ? reasons.join("\n    ") : changesLine(changes);
  return `${state === "succeeded" ? "✔" : "✖"} ${stack}${seconds === undefined ? "" : ` in ${seconds} s`}: ${how}`;
}

/** A table of what runs and what failed, and the counts. */
export function fleetTable(runs: readonly StackRun[]): string {
  const shown = runs.filter(({ state }) => state === "running" || state === "failed");
  const rows = shown.map(({ stack, state, done = 0, reasons = [] }) => [
    ...[stack, state, state === "running" ? `${done} resources` : (reasons[0]?.split("\n")[0] ?? "").slice(0, 100)],
  ]);
  return [...(rows.length === 0 ? [] : [textTable(["STACK", "STATE", ""], rows)]), fleetCounts(runs)].join("\n");
}

/** `20 stacks: 18 succeeded, 1 failed, 1 pending` */
export function fleetCounts(runs: readonly StackRun[]): string {
  const counts = (["succeeded", "running", "failed", "pending"] as const)
    .map((state) => [runs.filter((run) => run.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  return `${stackCount(runs.length)}: ${counts.join(", ") || "none"}`;
}

/** What Pulumi's state has of a stack; undefined parts: never deployed, or not readable. */
export interface StackStatus {
  readonly stack: string;
  readonly outputs?: {
    readonly clusters?: Readonly<Record<string, { readonly ready?: boolean }>>;
    readonly capacity?: Partial<Capacity>;
  };
  readonly history?: readonly { readonly result?: string; readonly endTime?: string }[];
}

/** A line for each stack, and the totals. */
export function fleetStatusTable(stacks: readonly StackStatus[]): string {
  const rows = stacks.map(({ stack, outputs, history }) => {
    const clusters = Object.values(outputs?.clusters ?? {});
    const ready = clusters.filter(({ ready }) => ready).length;
    const { machines = 0, vcpus = 0, memoryGib = 0 } = outputs?.capacity ?? {};
    const [last] = history ?? [];
    const when =
      last === undefined
        ? "never"
        : `${last.endTime?.replace("T", " ").replace(/\.\d+Z$/, "Z") ?? ""} ${last.result ?? ""}`.trim();
    return { stack, clusters: clusters.length, ready, machines, vcpus, memoryGib: Math.round(memoryGib), when };
  });
  const total = (key: "clusters" | "ready" | "machines" | "vcpus" | "memoryGib") =>
    rows.reduce((sum, row) => sum + row[key], 0);
  const cells = rows.map(({ stack, clusters, ready, machines, vcpus, memoryGib, when }) => [
    ...[stack, `${ready}/${clusters}`, `${machines}`, `${vcpus}`, `${memoryGib} GiB`, when],
  ]);
  const table = textTable(["STACK", "READY", "MACHINES", "VCPUS", "MEMORY", "LAST UPDATE"], cells);
  return `${table}\n${stackCount(rows.length)}: ${total("ready")} of ${total("clusters")} clusters ready, ${total("machines")} machines, ${total("vcpus")} vCPUs, ${total("memoryGib")} GiB`;
}

function stackCount(count: number): string {
  return `${count} stack${count === 1 ? "" : "s"}`;
}
