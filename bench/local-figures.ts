/** What runs without a management cluster: start of the program, the way from stack file to policies, render. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../cli/stack/paths.ts";
import { writeClusters, writeProject } from "./bench-stack.ts";
import { timed } from "./child-process.ts";
import type { Figures } from "./samples.ts";

const NODE = process.execPath;
const script = (name: string) => join(PROJECT, "bench", name);

/** How often a number of clusters is measured. */
export interface Size {
  readonly clusters: number;
  readonly rounds: number;
}

/** Importing the program against importing Pulumi's SDK alone. */
export async function startFigures(rounds: number, figures: Figures, signal: AbortSignal): Promise<void> {
  const codes = { bare: 'import "@pulumi/pulumi"', program: 'await import("./index.ts")' };
  for (let round = 0; round < rounds; round += 1)
    for (const [name, code] of Object.entries(codes)) {
      signal.throwIfAborted();
      const { seconds } = await timed([NODE, "--input-type=module", "-e", code], { cwd: PROJECT });
      figures.add({ what: "start of the program", unit: "s" }, name, seconds);
    }
}

export async function pipelineFigures(sizes: readonly Size[], figures: Figures, signal: AbortSignal): Promise<void> {
  const folder = newProject();
  for (const { clusters, rounds } of sizes) {
    writeClusters(folder, clusters);
    for (let round = 0; round < rounds; round += 1) {
      signal.throwIfAborted();
      const { stdout } = await timed([NODE, script("pipeline-run.ts"), folder]);
      const { seconds } = JSON.parse(stdout);
      figures.add({ what: "stack file → manifests → policies", unit: "s", clusters }, "program", seconds);
    }
  }
}

export async function renderFigures(sizes: readonly Size[], figures: Figures, signal: AbortSignal): Promise<void> {
  const folder = newProject();
  for (const { clusters, rounds } of sizes) {
    writeClusters(folder, clusters);
    for (let round = 0; round < rounds; round += 1) {
      signal.throwIfAborted();
      const { seconds } = await timed([NODE, script("render-run.ts"), folder, join(folder, "out")]);
      figures.add({ what: "render", unit: "s", clusters }, "program", seconds);
    }
  }
}

function newProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-bench-"));
  writeProject(folder, { kubeconfig: join(folder, "kubeconfig"), kcmChart: join(folder, "kcm") });
  return folder;
}
