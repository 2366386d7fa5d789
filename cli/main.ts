import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { isPrintableLine } from "../policy/rules/printable.ts";
import { EXIT, explain, Failure, shortenStacks } from "./output/failure.ts";
import { note } from "./output/print.ts";

// Before the commands are loaded, so that Node compiles each file once. A read-only folder is not an error.
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/k0rdent-nutanix", import.meta.url)));

shortenStacks();

// A reader such as head closes the pipe: the rest of the output is not needed.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : EXIT.failed));
process.on("uncaughtException", (error) => {
  report(error);
  process.exit();
});
try {
  const { createProgram } = await import("./commands/index.ts");
  const args = process.argv.slice(2);
  const odd = args.find((arg) => !isPrintableLine(arg));
  if (odd !== undefined)
    throw new Failure(`arguments: ${JSON.stringify(odd)} has control characters; write it without`, EXIT.usage);
  await (await createProgram(args[0])).parseAsync(args, { from: "user" });
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  else report(error);
}
// Flushes a long output into a pipe.
for (const stream of [process.stdout, process.stderr])
  await new Promise<void>((done) => stream.write("", () => done()));
// Engine and client keep idle sockets open.
process.exit();

function report(error: unknown): void {
  const { message, exitCode } = explain(error);
  note(message);
  process.exitCode = exitCode;
}
