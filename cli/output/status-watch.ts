import { setTimeout as sleep } from "node:timers/promises";
import { createLogUpdate } from "log-update";
import { EXIT, explain, isExplained } from "./failure.ts";
import { print, shown } from "./print.ts";

export interface StatusWatch {
  /** Seconds between two refreshes. */
  readonly interval: number;
  readonly read: () => Promise<string>;
}

/**
 * Refreshes the status until it is interrupted. A terminal shows it in place; elsewhere it is printed when more than its ages
 * has changed. A server that does not answer is reported, and read again.
 */
export async function watchStatus({ interval, read }: StatusWatch): Promise<void> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupted.abort());
  const isTerminal = process.stdout.isTTY;
  const update = createLogUpdate(process.stdout);
  let last = "";
  while (!interrupted.signal.aborted) {
    const now = new Date().toLocaleTimeString("en-GB");
    const text = await read().catch((error: unknown) => {
      // A usage error does not go away.
      const { message, exitCode } = explain(error);
      if (!isExplained(error) || exitCode === EXIT.usage) throw error;
      return `${message}\n${last === "" ? "" : "last known status:\n\n"}${last}`;
    });
    if (isTerminal) update(`${shown(text)}\n\n${now}, every ${interval} s; Ctrl-C to stop`);
    else if (withoutAges(text) !== withoutAges(last)) print(`${now}\n${text}\n`);
    if (!text.includes("last known status:")) last = text;
    await sleep(interval * 1000, undefined, { signal: interrupted.signal }).catch(() => undefined);
  }
  update.done();
  process.exitCode = EXIT.interrupted;
}

function withoutAges(text: string): string {
  return text.replace(/\b\d+(ms|[smhdy])( \d+(ms|[smhdy]))?\b/g, "");
}
