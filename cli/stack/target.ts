import { existsSync } from "node:fs";
import type { Command } from "commander";
import { connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import { secretTexts } from "../../kubernetes/secret-texts.ts";
import type { ApiAccess } from "../../kubernetes/transport.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { someOf } from "../../operations/diagnoses/finding.ts";
import { shownSnapshot } from "../../operations/shown-texts.ts";
import { narrowed, readSnapshot, type Snapshot } from "../../operations/snapshot.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { readStackFile } from "./stack-file.ts";
import { parseStack } from "./stack-reference.ts";

/** Options that select the management cluster and the stack. */
export interface TargetCommandOptions {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The management cluster, and the stack whose clusters are selected. */
export interface ClusterTarget {
  readonly client: KubernetesClient;
  /** `<project>.<stack>`; undefined: all stacks. */
  readonly identity: string | undefined;
  /** Names of the clusters in the stack file; empty without a stack. */
  readonly planned: readonly string[];
  /** The key `policy` of the stack file, not validated; undefined without a stack. */
  readonly policy?: Readonly<Record<string, unknown>>;
}

/** Adds the options of {@link TargetCommandOptions} to a command. */
export function withTargetOptions(command: Command): Command {
  return command
    .option("--stack <name>", "stack, as in Pulumi.<name>.yaml (default: dev)", parseStack)
    .option("--kubeconfig <file>", "kubeconfig of the management cluster; without --stack, the clusters of all stacks")
    .option("--context <name>", "context of the kubeconfig (default: the stack file's, else its current one)");
}

/**
 * Connects to the management cluster that a stack file or a kubeconfig names.
 *
 * @throws Failure where none is named, or it is not readable.
 */
export async function openTarget(options: TargetCommandOptions): Promise<ClusterTarget> {
  if (options.kubeconfig !== undefined && options.stack === undefined) {
    const access = { kubeconfig: readKubeconfig(options.kubeconfig), context: options.context };
    return { client: await connectKubernetes(access), identity: undefined, planned: [] };
  }
  const stack = options.stack ?? "dev";
  const { project, kubeconfig, context, clusters, policy } = readStackFile(stack);
  const access = accessOf(options.kubeconfig ?? kubeconfig, options.context ?? context, stack);
  return { client: await connectKubernetes(access), identity: `${project}.${stack}`, planned: clusters, policy };
}

function accessOf(file: string | undefined, context: string | undefined, stack: string): ApiAccess {
  if (file !== undefined) {
    if (file.endsWith("/kubeconfig") && file.includes("/.local/sandbox/") && !existsSync(file))
      throw new Failure(
        `kubeconfig: "${file}" does not exist because its sandbox is not running; start it with npm start`,
      );
    return { kubeconfig: readKubeconfig(file), context };
  }
  // In a pod of the management cluster.
  if (process.env.KUBERNETES_SERVICE_HOST !== undefined) return { kubeconfig: undefined, context };
  throw new Failure(
    `management.kubeconfig: is not set in Pulumi.${stack}.yaml; set it, or name a kubeconfig with --kubeconfig`,
    EXIT.usage,
  );
}

/**
 * The error for clusters that no place has: a server, a stack file.
 *
 * @param known the clusters that can be named
 */
export function unknownCluster(
  named: string | readonly string[],
  places: readonly string[],
  known: readonly string[],
): Failure {
  const names = [named].flat().map((name) => `"${name}"`);
  const is = `${names.length === 1 ? "is" : "are"} ${places.length === 1 ? "not" : "neither"}`;
  const remedy = known.length === 0 ? "deploy its stack first" : `name one of ${someOf([...new Set(known)].sort())}`;
  return new Failure(`cluster: ${someOf(names)} ${is} in ${places.join(" nor in ")}; ${remedy}`, EXIT.usage);
}

/** A place for {@link unknownCluster}. */
export const STACK_FILE = "the stack file";

/**
 * Reads the objects of the selected clusters.
 *
 * @throws Failure where the server does not answer, or does not list ClusterDeployments.
 */
export async function readTarget({ client, identity }: ClusterTarget, cluster?: string): Promise<Snapshot> {
  const [read, { redact }] = await Promise.all([readSnapshot(client), secretTexts(client, NAMESPACE)]);
  const snapshot = shownSnapshot(read, redact);
  const gap = snapshot.gaps.find(({ kind }) => kind === "ClusterDeployment");
  if (gap?.why === "not served")
    throw new Failure(
      `${client.server}: has no ClusterDeployments because kcm is not installed there; deploy the stack first, or name another kubeconfig or context`,
    );
  if (gap !== undefined)
    throw new Failure(
      `${client.server}: does not list ClusterDeployments in ${snapshot.namespace} (${gap.message}); ` +
        "use a kubeconfig whose user may get and list them",
    );
  return narrowed(snapshot, { stack: identity, cluster });
}
