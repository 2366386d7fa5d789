/** One stack of a fleet, started by {@link runFleet}: reports to its parent. Argument: {@link WorkerOptions} as JSON. */
import { join } from "node:path";
import { explain, shortenStacks } from "../output/failure.ts";
import { PROJECT } from "../stack/paths.ts";
import { openEngine } from "./engine.ts";
import { EngineError } from "./events.ts";
import type { WorkerMessage, WorkerOptions } from "./fleet.ts";
import { onInterrupt } from "./interrupt.ts";

shortenStacks();
const { verb, ...options } = JSON.parse(process.argv[2] ?? "{}") as WorkerOptions;
const signal = onInterrupt(() => undefined);
// Its parent was killed: the next run of the fleet must not find this one at work.
process.on("disconnect", () => process.kill(process.pid, "SIGINT"));
const report = (message: WorkerMessage) => new Promise<void>((sent) => process.send?.(message, () => sent()));
try {
  const engine = await openEngine(options);
  let done = 0;
  const { changes } = await engine[verb]({
    signal,
    policyPacks: [join(PROJECT, "policy")],
    onEvent: ({ resOutputsEvent: ended }) => {
      if (ended === undefined) return;
      done += 1;
      if (done % 25 === 0) void report({ done });
    },
  });
  await report({ changes });
} catch (error) {
  await report({ reasons: error instanceof EngineError ? [...error.reasons] : [explain(error).message] });
}
process.exit();
