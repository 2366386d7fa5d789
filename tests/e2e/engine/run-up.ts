/** An up, or a destroy, in a process of its own, to be killed: prints each operation when it begins. Arguments: folder, path of the CLI, path of helm, up or destroy. */
import { join } from "node:path";
import { openEngine } from "../../../cli/engine/engine.ts";

const [folder = "", pulumi = "", helm = "", verb = "up"] = process.argv.slice(2);
const engine = await openEngine({ stack: "dev", pulumi, helm, workDir: folder, local: join(folder, "local") });
await engine[verb === "destroy" ? "destroy" : "up"]({
  onEvent: ({ resourcePreEvent: begun }) => {
    if (begun !== undefined && !begun.metadata.op.includes("same")) process.stdout.write(`${begun.metadata.urn}\n`);
  },
});
process.exit();
