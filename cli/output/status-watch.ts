import { setTimeout as sleep } from "node:timers/promises";
import { createLogUpdate } from "log-update";
import { EXIT, explain, isExplained } from "./failure.ts";
import { print } from "./print.ts";

export interface Watch {
  /** Seconds between two looks. */
  readonly interval: number;
  readonly look: () => Promise<string>;
}

/**
 * Looks again and again until it is interrupted. On a terminal the view stays in place; elsewhere it is printed anew when it has
 * changed in more than its ages. A server that does not answer for a while is said, and asked again.
 */
export async function watchStatus({ interval, look }: Watch): Promise<void> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupted.abort());
  const isTerminal = process.stdout.isTTY;
  const update = createLogUpdate(process.stdout);
  let last = "";
  while (!interrupted.signal.aborted) {
    const now = new Date().toLocaleTimeString("en-GB");
    const text = await look().catch((error: unknown) => {
      // Wrong use stays wrong however often it is tried.
      const { message, exitCode } = explain(error);
      if (!isExplained(error) || exitCode === EXIT.usage) throw error;
      return `${message}\n${last === "" ? "" : "as it was before:\n\n"}${last}`;
    });
    if (isTerminal) update(`${text}\n\n${now}, every ${interval} s; Ctrl-C ends`);
    else if (withoutAges(text) !== withoutAges(last)) print(`${now}\n${text}\n`);
    if (!text.includes("as it was before:")) last = text;
    await sleep(interval * 1000, undefined, { signal: interrupted.signal }).catch(() => undefined);
  }
  update.done();
  process.exitCode = EXIT.interrupted;
}

function withoutAges(text: string): string {
  return text.replace(/\b\d+(ms|[smhdy])( \d+(ms|[smhdy]))?\b/g, "");
}
