import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { EXIT, explain } from "./output/failure.ts";

// Commands are loaded after this: nothing is parsed again that has not changed. A folder that cannot be written is no fault.
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/k0rdent-nutanix", import.meta.url)));

type Register = (program: Command) => void;

/** One file a command, and only the one asked for is loaded. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  start: async () => (await import("./commands/start.ts")).registerStart,
  down: async () => (await import("./commands/down.ts")).registerDown,
  preflight: async () => (await import("./commands/preflight.ts")).registerPreflight,
  status: async () => (await import("./commands/status.ts")).registerStatus,
  kubeconfig: async () => (await import("./commands/kubeconfig.ts")).registerKubeconfig,
  doctor: async () => (await import("./commands/doctor.ts")).registerDoctor,
  recover: async () => (await import("./commands/recover.ts")).registerRecover,
  orphans: async () => (await import("./commands/orphans.ts")).registerOrphans,
  graph: async () => (await import("./commands/graph.ts")).registerGraph,
  report: async () => (await import("./commands/report.ts")).registerReport,
  render: async () => (await import("./commands/render.ts")).registerRender,
  review: async () => (await import("./commands/review.ts")).registerReview,
  sandbox: async () => (await import("./commands/sandbox.ts")).registerSandbox,
  tools: async () => (await import("./commands/tools.ts")).registerTools,
  charts: async () => (await import("./commands/charts.ts")).registerCharts,
  generate: async () => (await import("./commands/generate.ts")).registerGenerate,
};

const HELP = `
Each command is an npm script too: npm run status -- --watch is npx k0rdent-nutanix status --watch.

Examples:
  $ npx k0rdent-nutanix start
  $ npx k0rdent-nutanix status --help
  $ source <(npx k0rdent-nutanix completion bash)

Exit codes: 0 done, 1 failed, 2 wrong use or wrong stack file, 3 read, and something is not ready, 4 warnings only, 130 interrupted.
Colours are left out where the output is no terminal, and with NO_COLOR=1.`;

/** The command line of `npx k0rdent-nutanix`, `npm start` and its siblings. */
async function parse(words: readonly string[]): Promise<void> {
  const program = new Command("k0rdent-nutanix")
    .description("k0s Kubernetes clusters on Nutanix through k0rdent")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", HELP)
    .exitOverride();
  const asked = COMMANDS[words[0] ?? ""];
  for (const load of asked ? [asked] : Object.values(COMMANDS)) (await load())(program);
  // Only where every command is there can it be said what may follow.
  if (!asked) (await import("./commands/completion.ts")).registerCompletion(program);
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(words, { from: "user" });
}

// A reader that has seen enough, such as head, closes the pipe: there is nobody left to tell.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : EXIT.failed));
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
// A long output may still be on its way into a pipe.
for (const stream of [process.stdout, process.stderr])
  await new Promise<void>((done) => stream.write("", () => done()));
// Engine and client keep sockets open that nobody needs any more.
process.exit();
