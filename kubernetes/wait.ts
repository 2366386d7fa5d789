import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** Milliseconds until it gives up. */
  readonly timeout: number;
  /** Milliseconds between two calls. @default 1000 */
  readonly interval?: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls `check` until it returns something other than undefined and false.
 *
 * @returns that; undefined where the time is up.
 */
export async function waitFor<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
  { timeout, interval = 1000, signal }: WaitOptions,
): Promise<T | undefined> {
  for (const until = Date.now() + timeout; ; ) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (Date.now() + interval > until) return undefined;
    await sleep(interval, undefined, signal === undefined ? {} : { signal });
  }
}

/** Waits, but not longer than the signal allows. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
