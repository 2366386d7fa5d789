/** One preview of the stack `dev` in a process of its own. Arguments: ours or bare, a folder, paths of the tools as JSON. */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { loadProgram, openEngine } from "../cli/engine/engine.ts";
import { BARE } from "./record.ts";

const [which, folder = "", tools = ""] = process.argv.slice(2);
// Read within the run, after the SDK, as Pulumi's language host does.
const program: PulumiFn = async () =>
  (which === "bare" ? (await import(pathToFileURL(join(BARE, "index.ts")).href)).default : await loadProgram())();
const engine = await openEngine({
  stack: "dev",
  tools: JSON.parse(tools),
  workDir: join(folder, which ?? ""),
  local: join(folder, "local", which ?? ""),
  program,
});
const { changes } = await engine.preview();
// Written at once: what a pipe still holds is lost at exit.
writeSync(1, JSON.stringify(changes));
process.exit();
