import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { onInterrupt } from "../engine/interrupt.ts";
import { heading, print } from "../output/print.ts";
import { runSteps } from "../output/steps.ts";
import { sandboxFolder } from "../stack/paths.ts";
import { sandboxOf } from "../stack/stack-file.ts";

interface StartOptions {
  readonly stack: string;
  readonly sandboxName?: string;
}

const HELP = `
Renders the stack and asks every rule, brings up a management cluster on this machine, and deploys the stack there with
Pulumi's engine. A second run changes nothing; an interrupted one is gone on with. Nothing outside .local/ is written, but
for the cache of tools.

Example:
  $ npm start
  $ npm start -- --stack mine

Exit codes: 0 deployed, 1 failed, 2 wrong use or wrong stack file, 130 interrupted.`;

export function registerStart(program: Command): void {
  program
    .command("start")
    .description("deploy a stack on a sandbox of this machine, and show what came of it")
    .option("--stack <name>", "stack to deploy; it must lead to a sandbox", "dev")
    .option("--sandbox-name <name>", "sandbox that the stack must lead to (default: the one it names)")
    .addHelpText("after", HELP)
    .action(start);
}

async function start({ stack, sandboxName }: StartOptions): Promise<void> {
  const signal = onInterrupt((line) => process.stderr.write(`${line}\n`));
  const began = Date.now();
  const sandbox = sandboxOf(stack, sandboxName);
  const { renderStack } = await import("./render.ts");
  let rendered: Awaited<ReturnType<typeof renderStack>> | undefined;
  const read = async () => {
    rendered = await renderStack({ stack });
    return rendered;
  };
  await runSteps(
    [
      {
        title: `stack ${stack}: reading`,
        run: async ({ title }) => {
          const { objects } = await read();
          title(`stack ${stack}: ${objects.length} objects rendered, every rule asked`);
        },
      },
    ],
    signal,
  );
  for (const line of rendered?.verdict ?? []) print(`  ${line}`);

  const { installTools } = await import("../engine/install-tools.ts");
  const tools = await installTools(signal);
  if (tools.paths === undefined) {
    const { renderOnly } = await import("../stack/render-only.ts");
    return renderOnly(stack, rendered?.objects ?? [], tools.reason);
  }
  const { deploy } = await import("../engine/deploy.ts");
  const result = await deploy({ stack, sandbox, tools: tools.paths, signal });

  const { connectKubernetes } = await import("../../kubernetes/client.ts");
  const { readKubeconfig } = await import("../../kubernetes/kubeconfig.ts");
  const { readObjects } = await import("../stack/stack-objects.ts");
  const { objectsTable, outputsText } = await import("../output/print.ts");
  const kubeconfig = readKubeconfig(join(sandboxFolder(sandbox), "kubeconfig"));
  const client = await connectKubernetes({ kubeconfig });
  const rows = await readObjects(client, result.identity, "kcm-system");
  print(`\n${heading("In the management cluster")}, read back from its API server at ${client.server}`);
  print(objectsTable(rows));
  if (result.report !== undefined) {
    const { resultsTable, reportText } = await import("../output/report-text.ts");
    const { summaryLine } = await import("../../preflight/preflight-report.ts");
    const open = result.report.results.filter(({ status }) => status !== "pass");
    await writeFile(join(sandboxFolder(sandbox), "preflight.txt"), `${reportText(result.report)}\n`);
    print(
      `\n${heading("Preflight")}, on a stand-in for Prism Central and this management cluster; inconclusive checks:`,
    );
    if (open.length > 0) print(resultsTable(open));
    print(`preflight: ${summaryLine(result.report)}; the whole table is in .local/sandbox/${sandbox}/preflight.txt`);
  }
  print(`\n${heading("Outputs")} of the stack; secrets are masked`);
  print(outputsText(result.outputs));
  for (const line of result.notes) print(line);
  print(`\n${heading("Changes")}: ${result.changes}`);
  print(
    `Done in ${Math.round((Date.now() - began) / 1000)} s. This is a sandbox: the API server and the engine are real, the machines are not.`,
  );
  print(`\n${heading("Next")}`);
  for (const [purpose, command] of nextCommands(stack, sandbox)) print(`  ${purpose}:\n    ${command}`);
}

/** The three commands that a user wants now. */
function nextCommands(stack: string, sandbox: string): [string, string][] {
  return [
    ["look at the clusters", `kubectl --kubeconfig .local/sandbox/${sandbox}/kubeconfig get clusterdeployments -A`],
    [
      "begin a stack for your own management cluster (README.md: the smallest stack file)",
      "pulumi stack init mine && pulumi up",
    ],
    ["remove stack, sandbox and state", stack === "dev" ? "npm run down" : `npm run down -- --stack ${stack}`],
  ];
}
