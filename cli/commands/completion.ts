import { join } from "node:path";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { PROJECT } from "../stack/paths.ts";

const HELP = `
Prints the script that lets a shell complete commands, options and what they take. It completes the word k0rdent-nutanix,
which npm link makes a command of this shell; it asks this clone, wherever that shell is.

Examples:
  $ source <(npx k0rdent-nutanix completion bash)
  $ npx k0rdent-nutanix completion fish > ~/.config/fish/completions/k0rdent-nutanix.fish

Exit codes: 0 done, 2 wrong use.`;

/** Adds `completion <shell>`, and the hidden command that its script asks. To be called when all other commands are there. */
export function registerCompletion(program: Command): void {
  const root = tab(program, { completionCommandName: "completion" });
  const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
  const asked = `${quoted(process.execPath)} ${quoted(join(PROJECT, "cli", "main.ts"))}`;
  program.commands
    .find((command) => command.name() === "completion")
    ?.description("script that lets a shell complete these commands")
    .addHelpText("after", HELP)
    .action((shell: string) => root.setup(program.name(), asked, shell));
}
