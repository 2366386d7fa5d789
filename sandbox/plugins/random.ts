import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { revealMap, secret, type ValueMap } from "./property-values.ts";
import type { Provider } from "./provider.ts";
import { serve } from "./provider-server.ts";

const LINE = "stand-in random plugin of the sandbox: not for real clusters";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** RandomPassword of the random package, letters and digits: made once, kept in the state. */
const provider: Provider = {
  version: "4.21.1",
  configure: (_variables, engine) => engine.log("info", LINE),
  diffConfig: () => ({ changes: [], replaces: [] }),

  async check(call) {
    const { length, special } = revealMap(call.news);
    if (!call.urn.includes("random:index/randomPassword:RandomPassword::") || special !== false) {
      const type = call.urn.split("::")[2];
      throw new Error(
        `${type}: the stand-in random plugin serves RandomPassword without special characters only; install the real one`,
      );
    }
    const valid = typeof length !== "number" || (Number.isInteger(length) && length >= 1);
    return {
      inputs: call.news,
      failures: valid ? [] : [{ property: "length", reason: `expected length to be at least 1, got ${length}` }],
    };
  },

  async diff(call) {
    const [olds, news] = [revealMap(call.olds), revealMap(call.news)];
    const changed = ["keepers", "length", "special"].filter(
      (key) => !isDeepStrictEqual(olds[key] ?? null, news[key] ?? null),
    );
    const changes = changed.map((key) => [key, { kind: "update-replace" as const, inputDiff: false }]);
    return { changes: Object.fromEntries(changes), replaces: changed, deleteBeforeReplace: false };
  },

  async create(call) {
    if (call.preview) {
      return { id: "", state: call.inputs };
    }
    const length = Number(revealMap(call.inputs)["length"]);
    const result = Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join("");
    return { id: "none", state: { ...call.inputs, result: secret(result) } };
  },

  async read(call) {
    if (Object.keys(call.state).length > 0) {
      return { id: call.id, state: call.state, inputs: call.inputs };
    }
    const inputs: ValueMap = { length: call.id.length, special: false };
    return { id: "none", inputs, state: { ...inputs, result: secret(call.id) } };
  },

  update: async (call) => ({ ...call.olds, ...call.inputs }),
  delete: async () => {},
  cancel: () => {},
};

serve(provider);
