import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Command } from "commander";
import { printable } from "../../policy/rules/printable.ts";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { watchDisk } from "../engine/disk-space.ts";
import { onInterrupt } from "../engine/interrupt.ts";
import { withRunLock } from "../engine/run-lock.ts";
import { EXIT } from "../output/failure.ts";
import { note, print } from "../output/print.ts";
import { runSteps, type StepProgress } from "../output/steps.ts";
import { LOCAL, sandboxFolder } from "../stack/paths.ts";
import type { Rendered } from "../stack/render-stack.ts";
import { sandboxOf } from "../stack/stack-file.ts";
import { parseStack } from "../stack/stack-reference.ts";

interface StartFlags {
  readonly stack: string;
  readonly sandboxName?: string;
}

const HELP = `
Renders the stack and evaluates all policies, starts a management cluster on this machine, and deploys the stack there with
Pulumi's engine. A second run changes nothing. After Ctrl-C the next run continues; after a kill, and where sandbox or state are
damaged, it recreates both, and says so. One command at a time changes a sandbox: a second one waits. Writes only to .local/
and to the cache of tools.

Example:
  $ npm start
  $ npm start -- --stack mine

Exit codes: 0 deployed, 1 failed, 2 usage or configuration error, 3 objects are not ready, 130 interrupted.`;

export function registerStart(program: Command): void {
  program
    .command("start")
    .description("deploy a stack on a sandbox of this machine")
    .option("--stack <name>", "stack to deploy; its kubeconfig must be a sandbox's", parseStack, "dev")
    .option("--sandbox-name <name>", "sandbox that the stack must use (default: the one it names)")
    .addHelpText("after", HELP)
    .action(start);
}

async function start({ stack, sandboxName }: StartFlags): Promise<void> {
  const started = Date.now();
  const sandbox = sandboxOf(stack, sandboxName);
  const signal = AbortSignal.any([onInterrupt(note), await watchDisk(LOCAL)]);
  await withRunLock(sandbox, signal, () => run({ stack, sandbox, started, signal }));
}

interface Run {
  readonly stack: string;
  readonly sandbox: string;
  /** When the command started, in milliseconds. */
  readonly started: number;
  readonly signal: AbortSignal;
}

async function run({ stack, sandbox, started, signal }: Run): Promise<void> {
  const { objects, verdict } = await render(stack, signal);
  print(`  ${verdict}`);

  const { installTools } = await import("../engine/install-tools.ts");
  const tools = await installTools(signal);
  if (tools.paths === undefined) {
    const { renderOnly } = await import("../stack/render-only.ts");
    return renderOnly(stack, objects, tools.reason);
  }
  const { deploy } = await import("../engine/deploy.ts");
  const { identity, report, outputs, notes, changes } = await deploy({ stack, sandbox, tools: tools.paths, signal });

  const { connectKubernetes } = await import("../../kubernetes/client.ts");
  const { readKubeconfig } = await import("../../kubernetes/kubeconfig.ts");
  const { readObjects } = await import("../stack/stack-objects.ts");
  const { startSummary } = await import("../output/start-summary.ts");
  const { reportText } = await import("../output/report-text.ts");
  const folder = sandboxFolder(sandbox);
  if (report !== undefined)
    replaceFile(join(folder, "preflight.txt"), `${printable(stripVTControlCharacters(reportText(report)))}\n`);
  const client = await connectKubernetes({ kubeconfig: readKubeconfig(join(folder, "kubeconfig")) });
  const rows = await readObjects(client, identity, "kcm-system");
  const seconds = Math.round((Date.now() - started) / 1000);
  const { server } = client;
  print(startSummary({ stack, sandbox, server, rows, report, outputs, notes, changes, seconds }));
  if (!rows.every(({ isReady }) => isReady)) process.exitCode = EXIT.notReady;
}

async function render(stack: string, signal: AbortSignal): Promise<Rendered> {
  const { renderStack } = await import("../stack/render-stack.ts");
  let rendered: Rendered | undefined;
  const run = async ({ title }: StepProgress) => {
    rendered = await renderStack({ stack });
    title(`stack ${stack}: ${rendered.objects.length} manifests rendered`);
  };
  await runSteps([{ title: `stack ${stack}: rendering`, run }], signal);
  return rendered as Rendered;
}
