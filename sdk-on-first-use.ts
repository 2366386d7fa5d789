/**
 * Keeps Pulumi's SDK from loading at start what this program never uses: the TypeScript compiler and npm's Arborist. The SDK
 * serialises functions with them, for dynamic providers, and loads both with itself: a tenth of the time of a preview.
 */
import { createRequire, Module } from "node:module";

/** As the SDK finds them. */
const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
const HEAVY = ["typescript", "@npmcli/arborist"];

/** To be called before the SDK is imported. Each heavy part is loaded when something of it is first asked for. */
export function deferHeavyParts(): void {
  for (const name of HEAVY) {
    const file = resolved(name);
    if (file === undefined || require.cache[file] !== undefined) continue;
    const standIn = new Module(file);
    standIn.exports = onFirstUse(() => {
      // It stands where the real one goes.
      delete require.cache[file];
      return require(file);
    });
    standIn.loaded = true;
    require.cache[file] = standIn;
  }
}

/** Undefined where it is not installed: the SDK brings a compiler of its own. */
function resolved(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

function onFirstUse(load: () => Record<string | symbol, unknown>): object {
  let real: Record<string | symbol, unknown> | undefined;
  const get = (_: object, key: string | symbol): unknown => {
    // The SDK copies every property of what is no ES module.
    if (key === "__esModule") return true;
    real ??= load();
    return real[key];
  };
  return new Proxy({}, { get });
}
