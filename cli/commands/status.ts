import { type Command, Option } from "commander";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { isAllReady, type StatusDetail, statusJson, statusText } from "../output/status-view.ts";
import { readStatus } from "../stack/read-status.ts";
import { openTarget, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface StatusFlags extends TargetCommandOptions {
  readonly watch?: boolean;
  readonly interval: string;
  readonly json?: boolean;
  readonly tree?: boolean;
  readonly brief?: boolean;
}

const HELP = `
Prints each cluster as a tree: ClusterDeployment, Credential, HelmRelease, Cluster, control plane, NutanixCluster,
MachineDeployments, Machines, NutanixMachines, nodes, with the condition of each object that is not ready and its age. With
more than ten clusters, 30 are shown: those that are not ready first, ten of them with the branch to the root cause; --tree
shows everything, --brief one line per cluster. Kinds that the user may not read are listed at the end.

Examples:
  $ npm run status
  $ npm run status -- edge --stack mine
  $ npm run status -- --watch
  $ npm run --silent status -- --json | jq '.clusters[] | select(.state != "Current")'
  $ npx k0rdent-nutanix status --kubeconfig ~/.kube/config --context management

Exit codes: 0 all ready, 1 failed, 2 usage error, 3 not ready, 130 --watch interrupted.`;

export function registerStatus(program: Command): void {
  withTargetOptions(program.command("status"))
    .description("print each cluster as a tree, with the conditions that block it")
    .argument("[cluster]", "only this cluster")
    .option("-w, --watch", "refresh until Ctrl-C")
    .option("--interval <seconds>", "time between two refreshes", "2")
    .addOption(new Option("--json", "print JSON").conflicts(["tree", "brief", "watch"]))
    .addOption(new Option("--tree", "every object of every cluster").conflicts("brief"))
    .option("--brief", "one line per cluster")
    .addHelpText("after", HELP)
    .action(status);
}

async function status(cluster: string | undefined, flags: StatusFlags): Promise<void> {
  const interval = Number(flags.interval);
  if (!(interval > 0))
    throw new Failure(`--interval: "${flags.interval}" is not a number of seconds; write one like 5`, EXIT.usage);
  const target = await openTarget(flags);
  const detail: StatusDetail = flags.tree ? "tree" : flags.brief ? "brief" : "auto";
  if (flags.watch) {
    const { watchStatus } = await import("../output/status-watch.ts");
    return watchStatus({ interval, read: async () => statusText(await readStatus(target, cluster), detail) });
  }
  const view = await readStatus(target, cluster);
  print(flags.json ? JSON.stringify(statusJson(view), undefined, 2) : statusText(view, detail));
  if (!isAllReady(view)) process.exitCode = EXIT.notReady;
}
