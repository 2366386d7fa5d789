/** Keeps Pulumi's SDK from loading at start what this program never uses. */
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * The TypeScript compiler and npm's Arborist. The SDK serialises functions with them, for dynamic providers, and loads both with
 * itself: a tenth of the time of a preview. The compiler is the project's own, or the one that the SDK brings.
 */
const HEAVY = /^(typescript|@npmcli\/arborist)$|[\\/]typescript@[\d.]+[\\/]typescript\.js$/;
const SDK = "/@pulumi/pulumi/";
const MARK = "?on-first-use";

/** Runs `load`, which imports the SDK; its heavy parts are loaded when a property of theirs is first asked for, not before. */
export async function deferringHeavyParts<T>(load: () => Promise<T>): Promise<T> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const isDeferred = HEAVY.test(specifier) && context.parentURL?.includes(SDK) === true;
      return isDeferred ? { ...found, url: `${found.url}${MARK}`, format: "commonjs" } : found;
    },
    load(url, context, next) {
      if (!url.endsWith(MARK)) return next(url, context);
      const file = JSON.stringify(fileURLToPath(url.slice(0, -MARK.length)));
      return { format: "commonjs", source: standIn(file), shortCircuit: true };
    },
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}

/** Source of a CommonJS module that becomes the one in `file` on first use. Until then it stands under that one's name. */
function standIn(file: string): string {
  return `
    let real;
    const load = () => { delete require.cache[${file}]; return require(${file}); };
    module.exports = new Proxy({}, { get: (_, key) => key === "__esModule" || (real ??= load())[key] });
  `;
}
