/** Stand-in for Pulumi's random plugin: RandomPassword of letters and digits, generated once and kept in the state. */
import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { main, type Provider } from "@pulumi/pulumi/provider/index.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** How the engine marks a value as a secret. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const provider: Provider = {
  version: "4.21.1",

  async check(urn, _, inputs) {
    const isServed = urn.includes("random:index/randomPassword:RandomPassword::") && inputs.special === false;
    const reason = "the stand-in for the random plugin generates passwords of letters and digits only";
    return { inputs, failures: isServed ? [] : [{ property: "special", reason }] };
  },

  async diff(_id, _urn, olds, news) {
    const replaces = ["keepers", "length", "special"].filter((key) => !isDeepStrictEqual(olds[key], news[key]));
    return { changes: replaces.length > 0, replaces };
  },

  async create(_, inputs) {
    const value = Array.from({ length: inputs.length }, () => LETTERS[randomInt(LETTERS.length)]).join("");
    return { id: "none", outs: { ...inputs, result: { ...SECRET, value } } };
  },
};

main(provider, process.argv.slice(2));
