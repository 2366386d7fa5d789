import { Command, CommanderError } from "commander";
import { EXIT, explain } from "./failure.ts";

type Register = (program: Command) => void;

/** One file a command, and only the one asked for is loaded. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  start: async () => (await import("./start.ts")).registerStart,
  down: async () => (await import("./down.ts")).registerDown,
  render: async () => (await import("./render.ts")).registerRender,
  review: async () => (await import("./review.ts")).registerReview,
  sandbox: async () => (await import("./sandbox.ts")).registerSandbox,
  tools: async () => (await import("./tools.ts")).registerTools,
  schema: async () => (await import("./schema.ts")).registerSchema,
  test: async () => (await import("./test.ts")).registerTest,
};

/** The command line of `npm start` and its siblings. */
async function parse(words: readonly string[]): Promise<void> {
  const program = new Command("k0rdent-nutanix")
    .description("k0s Kubernetes clusters on Nutanix through k0rdent")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong use or wrong stack file.")
    .exitOverride();
  const asked = COMMANDS[words[0] ?? ""];
  for (const load of asked ? [asked] : Object.values(COMMANDS)) (await load())(program);
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(words, { from: "user" });
}

try {
  await parse(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  } else {
    const { message, exitCode } = explain(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = exitCode;
  }
}
// Engine and client keep sockets open that nobody needs any more.
process.exit();
