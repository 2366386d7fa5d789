import type { Command } from "commander";
import { EXIT } from "../output/failure.ts";
import { note, print, write } from "../output/print.ts";
import { type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface KubeconfigOptions extends TargetCommandOptions {
  readonly out?: string;
  readonly check?: boolean;
}

const HELP = `
Writes the kubeconfigs of one, several or all clusters of a stack as one kubeconfig: to stdout, or into a file with mode 0600.
An existing file keeps its other contexts and its current context. A context is named <cluster>.<stack>, like edge.dev, and so
are its cluster and user. stderr shows when each credential expires. A cluster that has no kubeconfig yet is listed with the
condition that blocks it; the others are written.

Examples:
  $ npm run --silent kubeconfig -- edge > edge.yaml
  $ npm run kubeconfig -- --out ~/.kube/config
  $ npm run kubeconfig -- --check
  $ KUBECONFIG=<(npx k0rdent-nutanix kubeconfig edge) kubectl get nodes

Exit codes: 0 done, 1 failed or (--check) a cluster does not answer, 2 usage error, 3 a cluster has no kubeconfig yet.`;

export function registerKubeconfig(program: Command): void {
  withTargetOptions(program.command("kubeconfig"))
    .description("write the kubeconfig of a cluster, or of all clusters of a stack, merged")
    .argument("[clusters...]", "names of clusters (default: all of the stack)")
    .option("--out <file>", "merge into this file, mode 0600 (default: stdout)")
    .option("--check", "connect to each cluster and print its nodes")
    .addHelpText("after", HELP)
    .action(kubeconfig);
}

async function kubeconfig(clusters: string[], options: KubeconfigOptions): Promise<void> {
  const { checkNodes, readKubeconfigs, writeKubeconfigs } = await import("../stack/stack-kubeconfigs.ts");
  const { found, lines, isComplete, now } = await readKubeconfigs(clusters, options);
  for (const line of lines) note(line);
  if (found.size > 0 && options.out !== undefined) note(await writeKubeconfigs(found, options.out));
  else if (found.size > 0 && !options.check) {
    const { mergedKubeconfig } = await import("../../kubernetes/kubeconfig-merge.ts");
    write(mergedKubeconfig(undefined, found));
  }
  const nodes = options.check ? await checkNodes(found, now) : [];
  for (const { context, text } of nodes) print(`${context}\n${text}`);
  if (!nodes.every(({ isReachable }) => isReachable)) process.exitCode = EXIT.failed;
  else if (!isComplete) process.exitCode = EXIT.notReady;
}
