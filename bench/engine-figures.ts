/** The engine on a sandbox: this program, and a bare one that registers the same resources. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../cli/stack/paths.ts";
import type { ToolPaths } from "../sandbox/ensure-tools.ts";
import { writeClusters } from "./bench-stack.ts";
import { timed } from "./child-process.ts";
import type { Size } from "./local-figures.ts";
import type { EngineOperation } from "./operation.ts";
import type { Figures } from "./samples.ts";

/** From this size on the engine writes its state once a run, and only the program deploys: an up takes many minutes. */
const LARGE = 1000;

export interface Bed {
  /** Project and state. */
  readonly folder: string;
  readonly tools: ToolPaths;
  readonly report: (line: string) => void;
  /** Ends the measurement before its next operation. */
  readonly signal: AbortSignal;
}

type EngineRun = Pick<EngineOperation, "program" | "verb"> & { readonly recording?: string };
const MEMORY = { pulumi: "memory of the engine", "pulumi-resource-kubernetes": "memory of the Kubernetes plugin" };

/** Adds clusters to a stack that has none, changes one, and removes all. What all clusters share is deployed before. */
export async function engineFigures(sizes: readonly Size[], bed: Bed, figures: Figures): Promise<void> {
  const { folder, report, signal } = bed;
  writeClusters(folder, 0);
  await operate(bed, { program: "program", verb: "up" }, 1);
  await record(bed, "none");
  for (const { clusters, rounds } of sizes) {
    const isLarge = clusters >= LARGE;
    const measure = async (what: string, run: EngineRun) => {
      signal.throwIfAborted();
      const { seconds, peaks } = await operate(bed, run, clusters);
      report(`${clusters} clusters, ${run.program}: ${what} ${seconds.toFixed(1)} s`);
      figures.add({ what, unit: "s", clusters }, run.program, seconds);
      if (what !== "up" && what !== "preview") return;
      const program = Math.max(0, ...Object.entries(peaks).flatMap(([name, peak]) => (/^node/.test(name) ? peak : [])));
      const memory = { [`memory of the program, ${what}`]: program };
      for (const [name, title] of Object.entries(MEMORY)) memory[`${title}, ${what}`] = peaks[name] ?? 0;
      for (const [title, megabytes] of Object.entries(memory))
        if (megabytes > 0) figures.add({ what: title, unit: "MB", clusters }, run.program, megabytes);
    };
    for (let round = 0; round < rounds; round += 1) {
      writeClusters(folder, clusters);
      await measure("preview", { program: "program", verb: "preview" });
      await measure("up", { program: "program", verb: "up" });
      figures.add({ what: "size of the state", unit: "MB", clusters }, "program", stateSize(folder));
      if (round === 0) await record(bed, "all");
      await measure("up that changes nothing", { program: "program", verb: "up" });
      // Only here does the one run on what the other deployed: with checkpoints, the engine would write the state anew for each resource.
      if (isLarge) await measure("up that changes nothing", { program: "bare", verb: "up", recording: "all" });
      writeClusters(folder, clusters, 3);
      await measure("up that changes one cluster", { program: "program", verb: "up" });
      if (round === 0) await record(bed, "changed");
      writeClusters(folder, 0);
      await measure("removal of all clusters", { program: "program", verb: "up" });
      await measure("preview", { program: "bare", verb: "preview", recording: "all" });
      if (isLarge) continue;
      await measure("up", { program: "bare", verb: "up", recording: "all" });
      await measure("up that changes nothing", { program: "bare", verb: "up", recording: "all" });
      await measure("up that changes one cluster", { program: "bare", verb: "up", recording: "changed" });
      await measure("removal of all clusters", { program: "bare", verb: "up", recording: "none" });
    }
  }
}

async function record(bed: Bed, recording: string): Promise<void> {
  await operate(bed, { program: "program", verb: "record", recording }, 1);
}

function operate({ folder, tools }: Bed, { program, verb, recording = "none" }: EngineRun, clusters: number) {
  const operation: EngineOperation = {
    program,
    verb,
    folder,
    tools,
    recording: join(folder, `${recording}.json`),
    skipCheckpoints: clusters >= LARGE,
  };
  return timed([process.execPath, join(PROJECT, "bench", "operation.ts"), JSON.stringify(operation)], {
    env: { TMPDIR: folder },
  });
}

/** MB of the file that the engine's file backend keeps of the stack. */
function stateSize(folder: string): number {
  const stacks = join(folder, ".local", "state", ".pulumi", "stacks");
  const files = readdirSync(stacks, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.json(\.gz)?$/.test(name),
  );
  return files.reduce((sum, file) => sum + statSync(join(stacks, file)).size, 0) / 1e6;
}
