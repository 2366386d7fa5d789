import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { expiryOf, type KubeconfigLogin, mergedKubeconfig } from "../../operations/kubeconfig-merge.ts";
import { type ClusterTree, clusterTrees } from "../../operations/resource-tree.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { age, causeText } from "../output/tree.ts";
import { type Asked, readLogin } from "../stack/cluster-logins.ts";
import { nodesText } from "../stack/cluster-nodes.ts";
import { openTarget, readTarget, type TargetCommandOptions, withTargetOptions } from "../stack/target.ts";

interface KubeconfigOptions extends TargetCommandOptions {
  readonly out?: string;
  readonly check?: boolean;
}

const HELP = `
Kubeconfigs of one cluster, of several, or of all of a stack, in one: to stdout, or into a file that only you can read. A file
that is there keeps its other contexts and its current one. A context is called <cluster>.<stack>, like edge.dev, and so are
its cluster and user. Until when each login works is told on stderr. A cluster whose control plane has written no kubeconfig
yet is named with what holds it up; the others are written all the same.

Examples:
  $ npm run --silent kubeconfig -- edge > edge.yaml
  $ npm run kubeconfig -- --out ~/.kube/config
  $ npm run kubeconfig -- --check
  $ KUBECONFIG=<(npx k0rdent-nutanix kubeconfig edge) kubectl get nodes

Exit codes: 0 done, 1 failed or (--check) a cluster does not answer, 2 wrong use, 3 a kubeconfig is not there yet.`;

export function registerKubeconfig(program: Command): void {
  withTargetOptions(program.command("kubeconfig"))
    .description("get in: kubeconfig of a cluster, or of all of a stack merged, and until when it works")
    .argument("[clusters...]", "names of clusters (default: all of the stack)")
    .option("--out <file>", "merge into this file, readable by you alone (default: stdout)")
    .option("--check", "open each, and print its nodes")
    .addHelpText("after", HELP)
    .action(kubeconfig);
}

async function kubeconfig(clusters: string[], options: KubeconfigOptions): Promise<void> {
  const place = await openTarget(options);
  const snapshot = await readTarget(place);
  const chains = new Map(clusterTrees(snapshot).map((chain) => [chain.name, chain]));
  const names =
    clusters.length > 0 ? [...new Set(clusters)] : [...new Set([...place.planned, ...chains.keys()])].sort();
  const unknown = names.filter((name) => !chains.has(name) && !place.planned.includes(name));
  if (unknown.length > 0) {
    const known = [...chains.keys()].join(", ") || "none";
    throw new Failure(`cluster: "${unknown.join(", ")}" is not there; there are: ${known}`, EXIT.usage);
  }
  const asked = await Promise.all(
    names.map(async (name) => ({ name, chain: chains.get(name), ...(await readLogin(place.client, name)) })),
  );
  const found = asked.flatMap(({ name, chain, login }) =>
    login === undefined ? [] : [{ name, context: contextOf(name, chain), login }],
  );
  for (const { context, login } of found) tell(`${context}  ${login.server}  ${expiryText(login, snapshot.takenAt)}`);
  const absent = asked.filter(({ login }) => login === undefined);
  for (const one of absent) tell(`${one.name}: ${absence(one, snapshot.takenAt)}`);
  if (found.length > 0) await hand(new Map(found.map(({ context, login }) => [context, login])), options);
  const isWell = !options.check || (await check(found, snapshot.takenAt));
  if (!isWell) process.exitCode = EXIT.failed;
  else if (absent.length > 0) process.exitCode = EXIT.unready;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** `<cluster>.<stack>`; the cluster alone where no stack made it. */
function contextOf(name: string, chain: ClusterTree | undefined): string {
  const stack = chain?.root.object?.metadata.labels?.[STACK_LABEL]?.split(".").slice(1).join(".");
  return stack ? `${name}.${stack}` : name;
}

/** Until when a login works, like `client certificate ends 2027-11-24 (in 364d)`. */
export function expiryText(login: KubeconfigLogin, now: string): string {
  const expiry = expiryOf(login);
  if (expiry === undefined) return "does not say until when it works";
  const day = expiry.at.slice(0, 10);
  if (expiry.at < now) return `${expiry.by} ended ${day} (${age(expiry.at, now)} ago)`;
  return `${expiry.by} ends ${day} (in ${age(now, expiry.at)})`;
}

/** Why there is no kubeconfig: what stands between the cluster and its control plane. */
function absence({ chain, why }: { chain: ClusterTree | undefined } & Asked, now: string): string {
  if (why !== "absent") return `its kubeconfig cannot be had: ${why}`;
  if (chain === undefined) return "no kubeconfig, since it is not deployed yet; deploy the stack first";
  const culprit = chain.blockedBy.at(-1);
  if (culprit?.cause === undefined) return "no kubeconfig yet, though nothing is reported that holds the cluster up";
  return `no kubeconfig yet, held up by ${culprit.kind} ${culprit.name}: ${causeText(culprit.cause, now)}`;
}

/** Writes the merged kubeconfig where it is wanted. */
async function hand(logins: ReadonlyMap<string, KubeconfigLogin>, { out, check }: KubeconfigOptions): Promise<void> {
  if (out === undefined) {
    if (!check) process.stdout.write(mergedKubeconfig(undefined, logins));
    return;
  }
  const file = resolve(out);
  const existing = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  let text: string;
  try {
    text = mergedKubeconfig(existing, logins);
  } catch (error) {
    throw new Failure(`--out: ${file} ${(error as Error).message}; name another file`, EXIT.usage);
  }
  // Whole or not at all, and never readable by others, not even for a moment.
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: "wx" });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  tell(`${logins.size} context${logins.size === 1 ? "" : "s"} in ${file}`);
}

/** Opens each cluster and prints its nodes; false where one does not answer. */
async function check(found: readonly { context: string; login: KubeconfigLogin }[], now: string): Promise<boolean> {
  const answers = await Promise.all(
    found.map(async ({ context, login }) => ({ context, ...(await nodesText(login, now)) })),
  );
  for (const { context, text } of answers) print(`${context}\n${text}`);
  return answers.every(({ isWell }) => isWell);
}
