import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { connectKubernetes } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import { CAPX_RELEASE, KCM_RELEASE, NAMESPACE } from "../../manifests/names.ts";
import { commandOf } from "../../sandbox/tools/process.ts";
import { Failure } from "../output/failure.ts";
import { removeTornAttributes } from "./attributes.ts";
import type { Engine } from "./engine.ts";
import { helmRecords } from "./helm-records.ts";
import { endOrphans } from "./orphan-processes.ts";
import { planRepair, type Repair, repairedState, type State } from "./repair.ts";

/** The file backend's name for whose stacks they are. */
const ORGANIZATION = "organization";

/** Mends what a killed run left in lock, state and Helm's records. Returns a sentence for each thing mended. */
export async function mend(engine: Engine, kubeconfig: string): Promise<string[]> {
  const unlocked = [...engine.mended, ...(await removeTornAttributes(engine)), ...(await removeDeadLocks(engine))];
  const state = await readState(engine);
  if (unlocked.length === 0 && isWhole(state)) return [];
  await endOrphans(engine.home);
  const identity = `${engine.project}.${engine.stack}`;
  const client = await connectKubernetes({ kubeconfig: readKubeconfig(kubeconfig) });
  const records = await helmRecords(client, NAMESPACE);
  const repair = planRepair({ identity, state, records });
  for (const { namespace, secret } of repair.records) {
    await client.delete({ ...KINDS.Secret, metadata: { name: secret, namespace } });
  }
  if (repair.operations.length > 0 || repair.resources.length > 0) {
    await rewriteState(engine, repair);
  }
  return [...unlocked, ...repair.sentences];
}

/**
 * Removes the locks of runs of this machine that are dead.
 *
 * @throws Failure naming the run that is alive, or the machine whose run cannot be asked.
 */
export async function removeDeadLocks({
  state,
  project,
  stack,
}: Pick<Engine, "state" | "project" | "stack">): Promise<string[]> {
  const folder = join(state, ".pulumi", "locks", ORGANIZATION, project, stack);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(".json"));
  const sentences: string[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const { pid, hostname: host } = await readLock(path);
    if (host !== hostname()) {
      throw new Failure(
        `the stack ${stack} is locked by a run on the machine ${host}; end it there, or delete ${path} if it is over`,
      );
    }
    // A process id is used again: only Pulumi holds this kind of lock.
    if ((await commandOf(pid))?.includes("pulumi")) {
      throw new Failure(
        `another run (process ${pid}) is at work on the stack ${stack}; wait until it is done, or end it`,
      );
    }
    await Promise.all([rm(path, { force: true }), rm(`${path}.attrs`, { force: true })]);
    sentences.push(`lock of the stack ${stack}: held by process ${pid}, which is dead; removed`);
  }
  return sentences;
}

async function readLock(path: string): Promise<{ pid: number; hostname: string }> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as { pid: number; hostname: string };
  } catch {
    // Cut off while it was written: nobody can hold it.
    return { pid: 0, hostname: hostname() };
  }
}

/** By way of the CLI, which checks what it takes in. The file holds secrets only as the state does: encrypted. */
async function rewriteState(engine: Engine, repair: Repair): Promise<void> {
  const file = join(engine.state, `${engine.stack}.repair.json`);
  await engine.command(["stack", "export", "--file", file]);
  const exported = JSON.parse(await readFile(file, "utf8")) as { deployment: State };
  await writeFile(file, JSON.stringify({ ...exported, deployment: repairedState(exported.deployment, repair) }));
  await engine.command(["stack", "import", "--file", file]);
  await rm(file);
}

/** The state straight from the backend's file: a hundred times faster than asking the CLI, and only looked at. */
export async function readState({
  state,
  project,
  stack,
}: Pick<Engine, "state" | "project" | "stack">): Promise<State> {
  const file = join(state, ".pulumi", "stacks", project, `${stack}.json`);
  const text = await readFile(file, "utf8").catch(() => "{}");
  const content = JSON.parse(text) as { checkpoint?: { latest?: State } };
  return content.checkpoint?.latest ?? {};
}

/** Nothing unfinished, and both Helm releases noted: then there is nothing to ask the cluster about. */
function isWhole({ resources = [], pending_operations: pending = [] }: State): boolean {
  const names = resources.filter(({ type }) => type.endsWith(":Release")).map(({ inputs }) => inputs?.name);
  return pending.length === 0 && [KCM_RELEASE, CAPX_RELEASE].every((name) => names.includes(name));
}

/** Names of the stacks that a state folder knows. */
export async function stacksOf({ state, project }: Pick<Engine, "state" | "project">): Promise<string[]> {
  const files = await readdir(join(state, ".pulumi", "stacks", project)).catch(() => []);
  return files.filter((file) => file.endsWith(".json")).map((file) => file.replace(/\.json$/, ""));
}
