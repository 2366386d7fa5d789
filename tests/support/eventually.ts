import { waitFor } from "../../kubernetes/wait.ts";

/** What a check returns once that is neither undefined nor false; throws after the limit in milliseconds. */
export async function eventually<T>(
  what: string | (() => string),
  check: () => Promise<T | undefined | false>,
  { limit = 60_000, interval = 100 }: { limit?: number; interval?: number } = {},
): Promise<T> {
  const found = await waitFor(check, { timeout: limit, interval });
  if (found === undefined) throw new Error(`${typeof what === "string" ? what : what()}: not within ${limit / 1000} s`);
  return found;
}
