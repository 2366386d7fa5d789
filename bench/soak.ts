/**
 * Random edits of a stack of many clusters on sandboxes of this machine (`npm run soak`): an up after each edit changes only what
 * was edited, a preview after it is empty, and every so often the stack equals a fresh deployment of its file.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { parse, stringify } from "yaml";
import { type Engine, openEngine, type RunResult } from "../cli/engine/engine.ts";
import { onInterrupt } from "../cli/engine/interrupt.ts";
import { readState } from "../cli/engine/state.ts";
import { EXIT } from "../cli/output/failure.ts";
import { PROJECT } from "../cli/stack/paths.ts";
import { positiveInteger } from "../cli/stack/positive-integer.ts";
import { connectKubernetes } from "../kubernetes/client.ts";
import { readKubeconfig } from "../kubernetes/kubeconfig.ts";
import { waitFor } from "../kubernetes/wait.ts";
import { ensureTools, TOOL_NAMES } from "../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../sandbox/sandbox-cluster.ts";
import { writeProjectFile } from "./bench-stack.ts";
import { parsedOptions } from "./options.ts";
import { summary } from "./samples.ts";
import { comparableObjects, comparableState, differences } from "./soak-compare.ts";
import { type Edit, Model, randomEdits } from "./soak-edits.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const STACK = "dev";
/** Milliseconds for the simulated controllers to finish what an update began. */
const SETTLE_MS = 60_000;

const { edits, clusters, minutes, every, seed } = parsedOptions<{
  readonly edits: number;
  readonly clusters: number;
  readonly minutes: number;
  readonly every: number;
  readonly seed: number;
}>(
  new Command("npm run soak --")
    .description(
      "Edits a stack at random on a sandbox. Ends at the first fault, with exit code 1, or with a last comparison.",
    )
    .option("--edits <number>", "edits at most", positiveInteger, 200)
    .option("--clusters <number>", "clusters at first", positiveInteger, 50)
    .option("--minutes <number>", "begins no edit after so many", positiveInteger, 60)
    .option("--every <number>", "edits between two comparisons with a fresh deployment", positiveInteger, 20)
    .addOption(
      new Option("--seed <number>", "makes the same edits again")
        .argParser(positiveInteger)
        .default(Date.now() % 1_000_000, "another one each time"),
    ),
);

/** One deployment of the stack: a sandbox, a state, and a copy of the stack's files, all in one folder. */
interface SoakedStack {
  readonly folder: string;
  readonly engine: Engine;
  readonly objects: () => Promise<Record<string, unknown>>;
  readonly close: () => Promise<void>;
}

const interrupted = onInterrupt(console.log);
const tools = await ensureTools(TOOL_NAMES, { report: console.log });
const root = temporaryFolder("soak");
const dev = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8"));
const started = Date.now();
const upSeconds: number[] = [];
let done = 0;
let isSound = false;
try {
  isSound = await soak();
} finally {
  // Also where an update failed: the seed makes the same edits again.
  const outcome = !isSound ? "FAULT" : interrupted.aborted ? "interrupted" : "sound";
  const spent = Math.round((Date.now() - started) / 60_000);
  const { median, max } = summary(upSeconds);
  const ups = done === 0 ? "" : `; up after an edit: median ${median.toFixed(1)} s, longest ${max.toFixed(1)} s`;
  console.log(
    `${outcome}: ${done} of ${edits} edits, ${clusters} clusters at first, seed ${seed}, ${spent} min${ups}; load ${loadavg()[0]?.toFixed(1)}`,
  );
}
process.exit(isSound ? (interrupted.aborted ? EXIT.interrupted : 0) : EXIT.failed);

/** Whether all that was looked at was as it has to be. */
async function soak(): Promise<boolean> {
  const config = dev.config["k0rdent-nutanix:clusters"];
  const model = new Model([config.demo, config.edge], clusters);
  const edited = await deploy("edited", model);
  try {
    for (const edit of randomEdits(edits, seed)) {
      if (interrupted.aborted || Date.now() - started > minutes * 60_000) break;
      if (!(await isClean(edited, model, edit))) return false;
      done += 1;
      if (done % every === 0 && !(await equalsFresh(edited, model))) return false;
    }
    return interrupted.aborted || done % every === 0 || (await equalsFresh(edited, model));
  } finally {
    await edited.close();
  }
}

/** Makes an edit, brings it up and previews. */
async function isClean({ folder, engine }: SoakedStack, model: Model, edit: Edit): Promise<boolean> {
  const [verb, ...names] = model.apply(edit);
  const what = `${done + 1} ${verb} ${names.join(" -> ")}`;
  writeStack(folder, model);
  const start = performance.now();
  const { touched } = await engine.up();
  upSeconds.push((performance.now() - start) / 1000);
  const after = (await engine.preview()).touched;
  const faults = [...strangers(touched, names), ...after.map((one) => `in the preview after it: ${one}`)];
  if (touched.length === 0) faults.push("nothing was updated");
  console.log(`${what}: ${touched.length} operations, ${upSeconds.at(-1)?.toFixed(1)} s`);
  for (const fault of faults) console.error(`  ${what}: ${fault}`);
  return faults.length === 0;
}

/** Operations on resources of other clusters than these. */
function strangers(touched: RunResult["touched"], names: readonly string[]): string[] {
  const own = new RegExp(` (${names.join("|")})(-|$)`);
  return touched.filter((operation) => !own.test(operation));
}

/** Whether objects and state are those of a new deployment of the same file. */
async function equalsFresh(edited: SoakedStack, model: Model): Promise<boolean> {
  const fresh = await deploy(`fresh-${done}`, model);
  try {
    const unequal = async () => differences(await edited.objects(), await fresh.objects());
    // Controllers still work when an update has ended.
    await waitFor(async () => (await unequal()).length === 0, { timeout: SETTLE_MS, interval: 2_000 });
    const states = await Promise.all(
      [edited, fresh].map(async ({ engine }) => comparableState(await readState(engine))),
    );
    const faults = [...(await unequal()), ...differences(states[0] ?? {}, states[1] ?? {})];
    for (const fault of faults) console.error(`  after ${done} edits: ${fault}`);
    console.log(
      `after ${done} edits: ${faults.length === 0 ? "equal to a fresh deployment" : "NOT equal to a fresh one"}`,
    );
    return faults.length === 0;
  } finally {
    await fresh.close();
  }
}

async function deploy(name: string, model: Model): Promise<SoakedStack> {
  const folder = join(root, name);
  mkdirSync(folder);
  const sandbox = await createSandbox({ name: "soak", directory: join(folder, "sandbox"), tools });
  // The same words in every deployment's file.
  mkdirSync(join(folder, "management"));
  symlinkSync(sandbox.kubeconfig, join(folder, "management", "kubeconfig"));
  symlinkSync(sandbox.kcmChart, join(folder, "management", "kcm"));
  writeProjectFile(folder);
  writeStack(folder, model);
  const engine = await openEngine({ stack: STACK, tools, workDir: folder, local: join(folder, "local") });
  const start = performance.now();
  await engine.up();
  console.log(`${name}: ${model.clusters.size} clusters up in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  const api = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) });
  return {
    folder,
    engine,
    objects: () => comparableObjects(api),
    close: async () => {
      await deleteSandbox(sandbox.directory);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeStack(folder: string, model: Model): void {
  const logins = model.write(join(folder, "clusters", STACK));
  const settings = structuredClone(dev);
  const { config } = settings;
  config["k0rdent-nutanix:management"].kubeconfig = "management/kubeconfig";
  config["k0rdent-nutanix:management"].kcm.chart = "./management/kcm";
  const { global } = config["k0rdent-nutanix:credentials"];
  config["k0rdent-nutanix:credentials"] = { global, ...logins };
  config["k0rdent-nutanix:clusters"] = {};
  writeFileSync(join(folder, `Pulumi.${STACK}.yaml`), stringify(settings));
}
