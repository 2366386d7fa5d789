/** An up, or a destroy, in a process of its own, to be killed: prints each operation when it begins. Arguments: folder, paths of the tools as JSON, up or destroy. */
import { join } from "node:path";
import { openEngine } from "../../../cli/engine/engine.ts";

const [folder = "", tools = "", verb = "up"] = process.argv.slice(2);
const local = join(folder, "local");
const engine = await openEngine({ stack: "dev", tools: JSON.parse(tools), workDir: folder, local });
await engine[verb === "destroy" ? "destroy" : "up"]({
  onEvent: ({ resourcePreEvent: begun }) => {
    if (begun !== undefined && !begun.metadata.op.includes("same")) process.stdout.write(`${begun.metadata.urn}\n`);
  },
});
process.exit();
