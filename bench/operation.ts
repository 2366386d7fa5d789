/** One operation of the engine, in a process of its own. Argument: {@link EngineOperation} as JSON. */
import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { loadProgram, openEngine } from "../cli/engine/engine.ts";
import type { ToolPaths } from "../sandbox/ensure-tools.ts";
import { STACK } from "./bench-stack.ts";

export interface EngineOperation {
  /** `bare` registers what `recording` holds. */
  readonly program: "program" | "bare";
  /** `record` writes the resources of the state to `recording`. */
  readonly verb: "preview" | "up" | "destroy" | "record";
  /** Folder of project and state. */
  readonly folder: string;
  readonly recording: string;
  readonly tools: ToolPaths;
  /** Whether the engine writes its state once, at the end, and not after each resource. */
  readonly skipCheckpoints: boolean;
}

const { program, verb, folder, recording, tools, skipCheckpoints } = JSON.parse(
  process.argv[2] ?? "{}",
) as EngineOperation;
process.env["BENCH_RECORDING"] = recording;
// Read within the run, after the SDK, as Pulumi's language host does.
const run: PulumiFn = async () =>
  (program === "bare" ? (await import("./bare-program.ts")).default : await loadProgram())();
try {
  const engine = await openEngine({
    stack: STACK,
    tools,
    workDir: folder,
    local: join(folder, ".local"),
    program: run,
    env: skipCheckpoints ? { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" } : {},
  });
  if (verb === "record") {
    const { deployment } = await engine.automation.exportStack();
    writeFileSync(recording, JSON.stringify(deployment.resources), { mode: 0o600 });
  } else {
    const { changes } = await engine[verb]();
    // Written at once: what a pipe still holds is lost at exit.
    writeSync(1, JSON.stringify(changes));
  }
} catch (error) {
  // Caught here: the SDK's own handler of rejections would end the process as if it had succeeded.
  console.error(error);
  process.exit(1);
}
process.exit();
