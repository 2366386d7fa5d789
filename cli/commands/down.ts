import type { Command } from "commander";
import { onInterrupt } from "../engine/interrupt.ts";
import { withRunLock } from "../engine/run-lock.ts";
import { note, print } from "../output/print.ts";
import { runSteps } from "../output/steps.ts";
import { sandboxOf } from "../stack/stack-file.ts";
import { parseStack } from "../stack/stack-reference.ts";

interface DownFlags {
  readonly stack: string;
  readonly sandboxName?: string;
  readonly force?: boolean;
}

const HELP = `
Destroys the stack on its sandbox in order, then removes the sandbox, the stack and its state. The cache of tools and your own
files stay.

If a deletion hangs or fails, it prints the objects that block it and their finalizers. --force removes a sandbox without
destroying its stack: no machine of a sandbox is real.

Examples:
  $ npm run down
  $ npm run down -- --force

Exit codes: 0 removed, 1 failed, 2 usage error, 130 interrupted.`;

export function registerDown(program: Command): void {
  program
    .command("down")
    .description("remove the stack, sandbox and state that start created")
    .option("--stack <name>", "stack to remove; its kubeconfig must be a sandbox's", parseStack, "dev")
    .option("--sandbox-name <name>", "sandbox that the stack must use (default: the one it names)")
    .option("--force", "do not destroy the stack first, for a sandbox that no longer answers")
    .addHelpText("after", HELP)
    .action(down);
}

async function down({ stack, sandboxName, force = false }: DownFlags): Promise<void> {
  const signal = onInterrupt(note);
  const { destroySteps } = await import("../engine/destroy.ts");
  await withRunLock(sandboxOf(stack, sandboxName), signal, async () =>
    runSteps(await destroySteps({ stack, sandboxName, force, signal }), signal),
  );
  print("Everything that npm start created is removed; the cache of tools stays.");
}
