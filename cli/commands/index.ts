import { Command } from "commander";

type Register = (program: Command) => void;

/** Only the command that runs is loaded. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  start: async () => (await import("./start.ts")).registerStart,
  down: async () => (await import("./down.ts")).registerDown,
  preflight: async () => (await import("./preflight.ts")).registerPreflight,
  status: async () => (await import("./status.ts")).registerStatus,
  kubeconfig: async () => (await import("./kubeconfig.ts")).registerKubeconfig,
  doctor: async () => (await import("./doctor.ts")).registerDoctor,
  recover: async () => (await import("./recover.ts")).registerRecover,
  orphans: async () => (await import("./orphans.ts")).registerOrphans,
  graph: async () => (await import("./graph.ts")).registerGraph,
  report: async () => (await import("./report.ts")).registerReport,
  render: async () => (await import("./render.ts")).registerRender,
  review: async () => (await import("./review.ts")).registerReview,
  fleet: async () => (await import("./fleet.ts")).registerFleet,
  sandbox: async () => (await import("./sandbox.ts")).registerSandbox,
  tools: async () => (await import("./tools.ts")).registerTools,
  charts: async () => (await import("./charts.ts")).registerCharts,
  // biome-ignore lint/suspicious/noImportCycles: loaded when the command runs
  generate: async () => (await import("./generate.ts")).registerGenerate,
};

const HELP = `
Each command is an npm script too: npm run status -- --watch runs npx k0rdent-nutanix status --watch.

Examples:
  $ npx k0rdent-nutanix start
  $ npx k0rdent-nutanix status --help
  $ source <(npx k0rdent-nutanix completion bash)

Exit codes: 0 done, 1 failed, 2 usage or configuration error, 3 not ready, 4 warnings only, 130 interrupted.
Output has no colours outside a terminal, and with NO_COLOR=1.`;

/** The command line, with one command or with all. */
export async function createProgram(command?: string): Promise<Command> {
  const program = new Command("k0rdent-nutanix")
    .description("k0s Kubernetes clusters on Nutanix through k0rdent")
    .option("--verbose", "one line for each cluster, also where many share a violation")
    .hook("preAction", (program) => {
      if (program.opts<{ verbose?: boolean }>().verbose) process.env["K0RDENT_NUTANIX_VERBOSE"] = "1";
    })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", HELP)
    .exitOverride();
  const known = Object.hasOwn(COMMANDS, command ?? "") ? COMMANDS[command ?? ""] : undefined;
  for (const load of known ? [known] : Object.values(COMMANDS)) (await load())(program);
  // Completion needs all commands.
  if (!known) (await import("./completion.ts")).registerCompletion(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
