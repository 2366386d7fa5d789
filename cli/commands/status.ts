import type { Command } from "commander";
import { clusterTrees } from "../../operations/resource-tree.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { isAllReady, type Shown, type StatusView, statusJson, statusText } from "../output/status-view.ts";
import { openTarget, readTarget, type Target, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface StatusOptions extends TargetCommandOptions {
  readonly watch?: boolean;
  readonly interval: string;
  readonly json?: boolean;
  readonly tree?: boolean;
  readonly brief?: boolean;
}

const HELP = `
Each cluster as a tree: ClusterDeployment, Credential, HelmRelease, Cluster, control plane, NutanixCluster,
MachineDeployments, Machines, NutanixMachines, nodes. Beside what is not ready stands the condition that says so, and for how
long it has. With more than ten clusters, those that are ready take one line, and of the others only the branch to the cause
is shown; --tree shows all, --brief one line each. The management cluster is asked once for each kind of object, however many
clusters there are; what its user may not read is named at the end.

Examples:
  $ npm run status
  $ npm run status -- edge --stack mine
  $ npm run status -- --watch
  $ npm run --silent status -- --json | jq '.clusters[] | select(.state != "Current")'
  $ npx k0rdent-nutanix status --kubeconfig ~/.kube/config --context management

Exit codes: 0 Management and every cluster are ready, 1 the management cluster could not be read, 2 wrong use, 3 something is not ready,
130 --watch was interrupted.`;

export function registerStatus(program: Command): void {
  withTargetOptions(program.command("status"))
    .description("what runs: each cluster as a tree, with the condition that holds it up and since when")
    .argument("[cluster]", "only this cluster")
    .option("-w, --watch", "look again and again, until Ctrl-C")
    .option("--interval <seconds>", "time between two looks", "2")
    .option("--json", "as JSON, for programs")
    .option("--tree", "every object of every cluster")
    .option("--brief", "one line a cluster")
    .addHelpText("after", HELP)
    .action(status);
}

async function status(cluster: string | undefined, options: StatusOptions): Promise<void> {
  const interval = Number(options.interval);
  if (!(interval > 0))
    throw new Failure(`--interval: "${options.interval}" is no number of seconds; write one like 5`, EXIT.usage);
  const place = await openTarget(options);
  const shown: Shown = options.tree ? "tree" : options.brief ? "brief" : "auto";
  if (options.watch) {
    const { watchStatus } = await import("../output/status-watch.ts");
    return watchStatus({ interval, look: async () => statusText(await look(place, cluster), shown) });
  }
  const view = await look(place, cluster);
  print(options.json ? JSON.stringify(statusJson(view), undefined, 2) : statusText(view, shown));
  if (!isAllReady(view)) process.exitCode = EXIT.unready;
}

/** @throws Failure where a cluster that is asked for is neither there nor in the stack file. */
async function look(place: Target, cluster: string | undefined): Promise<StatusView> {
  const snapshot = await readTarget(place, cluster);
  const chains = clusterTrees(snapshot);
  const there = new Set(chains.map(({ name }) => name));
  const planned = cluster === undefined ? place.planned : place.planned.filter((name) => name === cluster);
  const absent = planned.filter((name) => !there.has(name));
  if (cluster !== undefined && chains.length === 0 && absent.length === 0) {
    const known = place.planned.length === 0 ? "" : `; the stack has ${place.planned.join(", ")}`;
    throw new Failure(
      `cluster: "${cluster}" is neither in ${snapshot.server} nor in the stack file${known}`,
      EXIT.usage,
    );
  }
  return { snapshot, chains, absent, stack: place.identity };
}
