import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { connectKubernetes } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import { PENDING_SELECTOR } from "../../kubernetes/pending-releases.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { at } from "../../policy/rules/plain-values.ts";
import { deleteSandbox } from "../../sandbox/sandbox-cluster.ts";
import { commandOf } from "../../sandbox/tools/process.ts";
import { readJson } from "../../sandbox/tools/replace-file.ts";
import { Failure } from "../output/failure.ts";
import { endOrphans } from "./orphan-processes.ts";

/** Where the state of a stack is: a folder of Pulumi's file backend. */
export interface StateLocation {
  readonly state: string;
  readonly project: string;
  readonly stack: string;
}

/** What these commands read of a stack's state. */
export interface State {
  readonly resources?: readonly StateResource[];
  readonly pending_operations?: readonly { readonly type: string; readonly resource: StateResource }[];
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

const stacksFolder = ({ state, project }: Pick<StateLocation, "state" | "project">) =>
  join(state, ".pulumi", "stacks", project);
const locksFolder = ({ state, project, stack }: StateLocation) =>
  join(state, ".pulumi", "locks", "organization", project, stack);

/** The state from the backend's file: a hundred times faster than the CLI. */
export async function readState(location: StateLocation): Promise<State> {
  const file = join(stacksFolder(location), `${location.stack}.json`);
  const text = await readFile(file, "utf8").catch(() => "{}");
  let content: { checkpoint?: { latest?: State } } | null;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's own error would quote the state.
    throw new Failure(
      `stack ${location.stack}: its state ${file} is not valid JSON; run npm start, which recreates it`,
    );
  }
  return stateOf(content?.checkpoint?.latest);
}

/** What another program wrote, without a field that has another type. */
export function stateOf(found: State | null | undefined): State {
  return Object.fromEntries(Object.entries(found ?? {}).filter(([, value]) => Array.isArray(value)));
}

/** Names of the stacks in a state folder. */
export async function stacksOf(location: Pick<StateLocation, "state" | "project">): Promise<string[]> {
  const files = await readdir(stacksFolder(location)).catch(() => []);
  return files.filter((file) => file.endsWith(".json")).map((file) => file.replace(/\.json$/, ""));
}

/** Removes the state of a stack and its locks; its settings file stays. */
export async function removeState(location: StateLocation): Promise<void> {
  const folder = stacksFolder(location);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.startsWith(`${location.stack}.json`));
  const paths = [...files.map((file) => join(folder, file)), locksFolder(location)];
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
}

/**
 * The trace of a run that was killed; undefined where there is none.
 *
 * @throws Failure while another run is at work on the stack.
 */
export async function interruptedRun(location: StateLocation): Promise<string | undefined> {
  const folder = locksFolder(location);
  // Also the draft of a lock that a full disk cut off: the engine reads it as one.
  for (const file of (await readdir(folder).catch(() => [])).filter((name) => !name.endsWith(".attrs"))) {
    const { pid, hostname: host } = readLock(join(folder, file));
    if (host !== hostname())
      throw new Failure(
        `stack ${location.stack}: locked by a run on the machine ${host}; end it there; if it has ended, run npm run down -- --force`,
      );
    // Process ids are reused: only Pulumi holds this kind of lock.
    if (/^(\S*\/)?pulumi( |$)/.test((await commandOf(pid)) ?? ""))
      throw new Failure(`stack ${location.stack}: locked by process ${pid}; wait until it has finished, or end it`);
    return pid === 0 ? "a run ended while it took its lock" : `process ${pid} was killed during a run`;
  }
  try {
    const [pending] = (await readState(location)).pending_operations ?? [];
    return pending && `a run was killed while ${pending.type} ${pending.resource.urn.split("::").at(-1)}`;
  } catch {
    return "the state is not valid JSON";
  }
}

function readLock(path: string): { pid: number; hostname: string } {
  const lock = readJson(path);
  const [pid, host] = [at(lock, "pid"), at(lock, "hostname")];
  // Cut off while it was written: no run holds it.
  return typeof pid === "number" && typeof host === "string"
    ? { pid, hostname: host }
    : { pid: 0, hostname: hostname() };
}

/** Whether Helm was interrupted in the middle of a release: it does not touch that release again. */
export async function hasPendingRelease(kubeconfig: string): Promise<boolean> {
  const client = await connectKubernetes({ kubeconfig: readKubeconfig(kubeconfig) });
  const secrets = { ...KINDS.Secret, namespace: NAMESPACE };
  return (await client.list(secrets, { labelSelector: PENDING_SELECTOR, metadataOnly: true })).length > 0;
}

/** Deletes a sandbox with the state of the stack on it, and ends what a killed engine left running. Both are recreated in seconds. */
export async function discard(location: StateLocation & { home: string; sandbox: string }): Promise<void> {
  await endOrphans(location.home);
  await deleteSandbox(location.sandbox);
  await removeState(location);
  // Pulumi writes these again, and fails where they are torn.
  for (const file of [join(location.state, ".pulumi", "meta.yaml"), join(location.home, "credentials.json")])
    await rm(file, { force: true });
}
