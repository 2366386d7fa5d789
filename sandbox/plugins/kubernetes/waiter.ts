import { setTimeout as sleep } from "node:timers/promises";
import type { ValueMap } from "../property-values.ts";
import { type ApiClient, ApiError } from "./api-client.ts";
import { metadataOf } from "./object-names.ts";
import type { Condition } from "./wait-for.ts";

export interface WaitTarget {
  client: ApiClient;
  /** path of the collection */
  collection: string;
  name: string;
}
export interface WaitOptions {
  /** seconds */
  timeout: number;
  signal: AbortSignal;
  tell: (message: string) => void;
}
export interface WaitResult {
  met: boolean;
  /** the object as last seen */
  live: ValueMap | undefined;
  /** what was missing last */
  missing: string;
}

/** Watches an object until `condition` holds; an API server that goes away is waited for too. */
export async function waitUntil(target: WaitTarget, condition: Condition, options: WaitOptions): Promise<WaitResult> {
  let last: WaitResult = { met: false, live: undefined, missing: "" };
  await follow(target, options, (live) => {
    if (!live) {
      return false;
    }
    const verdict = condition(live);
    last = { met: verdict.met, live, missing: verdict.message ?? "" };
    if (verdict.message) {
      options.tell(verdict.message);
    }
    return verdict.met;
  });
  return last;
}

/** Watches until the object has gone; `met` is false when it was still there at the end. */
export async function waitUntilGone(target: WaitTarget, options: WaitOptions): Promise<WaitResult> {
  let last: WaitResult = { met: false, live: undefined, missing: "" };
  await follow(target, options, (live) => {
    last = { met: live === undefined, live: live ?? last.live, missing: "" };
    return last.met;
  });
  return last;
}

/** Calls `done` with every state of the object (undefined: it does not exist) until it says true or the time is over. */
async function follow(
  target: WaitTarget,
  options: WaitOptions,
  done: (live: ValueMap | undefined) => boolean,
): Promise<void> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout * 1000)]);
  const selector = `fieldSelector=metadata.name%3D${encodeURIComponent(target.name)}`;
  while (!signal.aborted) {
    try {
      const live = await read(target);
      if (done(live)) {
        return;
      }
      const version = metadataOf(live ?? {})["resourceVersion"];
      const from = typeof version === "string" ? `&resourceVersion=${version}` : "";
      let finished = false;
      await target.client.watch(
        `${target.collection}?watch=true&${selector}${from}`,
        ({ type, object }) => {
          if (type === "ERROR") {
            return true;
          }
          finished = done(type === "DELETED" ? undefined : object);
          return finished;
        },
        signal,
      );
      if (finished) {
        return;
      }
    } catch {
      await sleep(500, undefined, { signal }).catch(() => {});
    }
  }
}

async function read(target: WaitTarget): Promise<ValueMap | undefined> {
  try {
    return await target.client.call({ method: "GET", path: `${target.collection}/${encodeURIComponent(target.name)}` });
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) {
      return undefined;
    }
    throw error;
  }
}
