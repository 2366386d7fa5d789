import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { KubeconfigError } from "../../kubernetes/errors.ts";
import type { KubeconfigContext } from "../../kubernetes/kubeconfig.ts";
import { expiryOf, mergedKubeconfig } from "../../kubernetes/kubeconfig-merge.ts";
import { STACK_LABEL } from "../../manifests/manifest.ts";
import { type ClusterTree, clusterTrees } from "../../operations/resource-tree.ts";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { age, blockingText } from "../output/tree.ts";
import { type KubeconfigLookup, readLogin } from "./cluster-logins.ts";
import { nodesText } from "./cluster-nodes.ts";
import { openTarget, readTarget, STACK_FILE, type TargetCommandOptions, unknownCluster } from "./target.ts";

/** Kubeconfig logins by context. */
type KubeconfigContexts = ReadonlyMap<string, KubeconfigContext>;

interface StackKubeconfigs {
  readonly found: KubeconfigContexts;
  /** For each cluster, when its login expires or why it has none. */
  readonly lines: readonly string[];
  /** Whether every cluster has a kubeconfig. */
  readonly isComplete: boolean;
  readonly now: string;
}

/**
 * Reads the kubeconfigs of some clusters, or of all clusters of a stack.
 *
 * @throws Failure where a named cluster is neither deployed nor in the stack file.
 */
export async function readKubeconfigs(
  clusters: readonly string[],
  options: TargetCommandOptions,
): Promise<StackKubeconfigs> {
  const target = await openTarget(options);
  const snapshot = await readTarget(target);
  const now = snapshot.takenAt;
  const trees = new Map(clusterTrees(snapshot).map((tree) => [tree.name, tree]));
  const all = new Set([...target.planned, ...trees.keys()]);
  const names = clusters.length > 0 ? [...new Set(clusters)] : [...all].sort();
  const unknown = names.filter((name) => !all.has(name));
  if (unknown.length > 0) throw unknownCluster(unknown, [snapshot.server, STACK_FILE], [...all]);
  const lookups = await Promise.all(
    names.map(async (name) => ({ name, tree: trees.get(name), ...(await readLogin(target.client, name)) })),
  );
  const found = new Map<string, KubeconfigContext>();
  const present: string[] = [];
  const absent: string[] = [];
  for (const { name, tree, login, why } of lookups) {
    if (login === undefined) {
      absent.push(`${name}: ${absenceText(tree, why, now)}`);
      continue;
    }
    const context = contextOf(name, tree);
    found.set(context, login);
    present.push(`${context}  ${login.server}  ${expiryText(login, now)}`);
  }
  return { found, lines: [...present, ...absent], isComplete: absent.length === 0, now };
}

/** `<cluster>.<stack>`; the cluster alone where no stack created it. */
function contextOf(name: string, tree: ClusterTree | undefined): string {
  const stack = tree?.root.object?.metadata.labels?.[STACK_LABEL]?.split(".").slice(1).join(".");
  return stack ? `${name}.${stack}` : name;
}

/** When a login expires, like `client certificate expires 2027-11-24 (in 364d)`. */
function expiryText(login: KubeconfigContext, now: string): string {
  const expiry = expiryOf(login);
  if (expiry === undefined) return "no expiry known";
  const day = expiry.at.slice(0, 10);
  if (expiry.at < now) return `${expiry.by} expired ${day} (${age(expiry.at, now)} ago)`;
  return `${expiry.by} expires ${day} (in ${age(now, expiry.at)})`;
}

function absenceText(tree: ClusterTree | undefined, why: KubeconfigLookup["why"], now: string): string {
  if (why !== "absent") return `kubeconfig not readable: ${why}`;
  if (tree === undefined) return "no kubeconfig because it is not deployed; deploy the stack first";
  const blocking = blockingText(tree, now);
  return blocking === ""
    ? "no kubeconfig yet; no condition reports a problem"
    : `no kubeconfig yet, blocked by ${blocking}`;
}

/**
 * Merges logins into a kubeconfig file.
 *
 * @returns a line that counts them
 * @throws Failure where the file is not a kubeconfig.
 */
export async function writeKubeconfigs(logins: KubeconfigContexts, out: string): Promise<string> {
  const file = resolve(out);
  const existing = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  let text: string;
  try {
    text = mergedKubeconfig(existing, logins);
  } catch (error) {
    const reason = error instanceof KubeconfigError ? error.reason : (error as Error).message;
    throw new Failure(`--out: "${file}" ${reason}; set another file`, EXIT.usage);
  }
  replaceFile(file, text, 0o600);
  return `${logins.size} context${logins.size === 1 ? "" : "s"} in ${file}`;
}

/** Connects to each cluster and lists its nodes. */
export function checkNodes(
  found: KubeconfigContexts,
  now: string,
): Promise<{ context: string; isReachable: boolean; text: string }[]> {
  return Promise.all([...found].map(async ([context, login]) => ({ context, ...(await nodesText(login, now)) })));
}
