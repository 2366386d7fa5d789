/**
 * Kills `npm start` at many moments and runs it again: node cli/bootstrap.mjs tests/e2e/start/kill-matrix.ts [moments] [signals]
 * Not part of `npm test`: with 20 moments it takes half an hour on quiet cores. Prints a line for each kill, and exits with 1 where the next start did
 * not end ready.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type EndedCommand, Trial } from "./trial.ts";

const [moments = "20", signals = "SIGKILL,SIGINT"] = process.argv.slice(2);
const trial = new Trial();
let failed = 0;

/** Starts, sends the signal at a moment, and starts again. Returns the second start. */
async function disturbed(name: string, signal: string, milliseconds: number): Promise<EndedCommand> {
  const first = trial.begin("start");
  await Promise.race([sleep(milliseconds), first.ended]);
  if (signal === "SIGKILL") await trial.kill(first.child);
  else first.child.kill(signal as NodeJS.Signals);
  const killed = await first.ended;
  const next = await trial.run("start");
  const faults = [...trial.faults(killed), ...trial.faults(next), ...(trial.isReady(next) ? [] : ["not ready"])];
  if (faults.length > 0) failed += 1;
  const at = `${(milliseconds / 1000).toFixed(1)} s`;
  const how = /sandbox was recreated[^.]*/.exec(next.text)?.[0] ?? "continued";
  console.log(
    `${name} start, ${signal} at ${at}: ${faults.join(", ") || "ready"} after ${next.seconds.toFixed(0)} s (${how})`,
  );
  if (faults.length > 0)
    console.log(`--- killed:\n${killed.text.slice(-1500)}\n--- next:\n${next.text.slice(-3000)}\n---`);
  return next;
}

try {
  const first = await trial.run("start");
  const second = await trial.run("start");
  console.log(`undisturbed: ${first.seconds.toFixed(0)} s and ${second.seconds.toFixed(0)} s`);
  for (const signal of signals.split(",")) {
    for (let moment = 0; moment < Number(moments); moment += 1) {
      const part = (moment + 0.5) / Number(moments);
      await trial.run("down", "--force");
      await disturbed("first", signal, part * first.seconds * 1000);
      await disturbed("second", signal, part * second.seconds * 1000);
    }
  }
} finally {
  await trial.end();
}
console.log(failed === 0 ? "every next start ended ready" : `${failed} did not`);
process.exit(failed === 0 ? 0 : 1);
