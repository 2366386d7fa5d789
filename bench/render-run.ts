/** All manifests of a stack, as `render` makes them, one file each. Arguments: a project folder, the folder to write to. */
import { shortenStacks } from "../cli/output/failure.ts";
import { renderStack } from "../cli/stack/render-stack.ts";
import { writeManifests } from "../cli/stack/write-manifests.ts";
import { STACK } from "./bench-stack.ts";

shortenStacks();
const [workDir = "", out = ""] = process.argv.slice(2);
const { objects } = await renderStack({ stack: STACK, workDir });
await writeManifests(objects, out);
process.exit();
