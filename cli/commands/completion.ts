import { join } from "node:path";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { COMPLETION_SCRIPTS } from "../output/completion-scripts.ts";
import { write } from "../output/print.ts";
import { PROJECT } from "../stack/paths.ts";

const HELP = `
Prints the script that lets a shell complete commands, options and their values. It completes the command k0rdent-nutanix,
which npm link installs, and calls this clone from any folder.

Examples:
  $ source <(npx k0rdent-nutanix completion bash)
  $ npx k0rdent-nutanix completion fish > ~/.config/fish/completions/k0rdent-nutanix.fish

Exit codes: 0 done, 2 usage error.`;

/** Adds `completion <shell>`, and the hidden command that its script calls. Call it after all other commands are registered. */
export function registerCompletion(program: Command): void {
  tab(program, { completionCommandName: "completion" });
  const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
  const executable = `${quoted(process.execPath)} ${quoted(join(PROJECT, "cli", "main.ts"))}`;
  const command = program.commands.find((one) => one.name() === "completion");
  // The library's own scripts evaluate what was typed.
  command?.registeredArguments[0]?.choices(Object.keys(COMPLETION_SCRIPTS));
  command
    ?.description("print the completion script of a shell")
    .addHelpText("after", HELP)
    .action((shell: string) => write(COMPLETION_SCRIPTS[shell]?.(executable) ?? ""));
}
