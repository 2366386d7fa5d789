/** Where Pulumi enters: the program, read through a compile cache, so that no run parses again what has not changed. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { deferHeavyParts } from "./sdk-on-first-use.ts";

// Has to precede the imports of the program; a folder that cannot be written is no fault: Node then goes without. A CI run
// throws the folder away, and would only pay for writing it.
if (process.env["CI"] === undefined)
  enableCompileCache(fileURLToPath(new URL("node_modules/.cache/k0rdent-nutanix", import.meta.url)));
deferHeavyParts();
const { default: program } = await import("./program.ts");

export default program;
