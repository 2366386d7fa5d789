import { existsSync } from "node:fs";
import type { Command } from "commander";
import { connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import type { ApiAccess } from "../../kubernetes/transport.ts";
import { narrowed, readSnapshot, type Snapshot } from "../../operations/snapshot.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { readStackFile } from "./stack-file.ts";

/** How every command that looks at what runs is told where to look. */
export interface TargetCommandOptions {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The management cluster, and whose clusters in it are meant. */
export interface Target {
  readonly client: KubernetesClient;
  /** `<project>.<stack>`; undefined: the clusters of every stack. */
  readonly identity: string | undefined;
  /** Names of the clusters that the stack file asks for; empty where no stack is meant. */
  readonly planned: readonly string[];
  /** What the stack file says of rules, unread; undefined where no stack is meant. */
  readonly policy?: Readonly<Record<string, unknown>>;
}

/** Adds the options of {@link TargetCommandOptions} to a command. */
export function withTargetOptions(command: Command): Command {
  return command
    .option("--stack <name>", "stack whose clusters are meant, as in Pulumi.<name>.yaml (default: dev)")
    .option("--kubeconfig <file>", "management cluster to look at; without --stack, the clusters of every stack in it")
    .option("--context <name>", "context of the kubeconfig (default: the stack file's, else its current one)");
}

/**
 * Connects to the management cluster that a stack file or a kubeconfig names.
 *
 * @throws Failure where nothing is named, or what is named cannot be read.
 */
export async function openTarget(options: TargetCommandOptions): Promise<Target> {
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
        `kubeconfig: "${file}" is not there because its sandbox does not run; bring it up with npm start`,
      );
    return { kubeconfig: readKubeconfig(file), context };
  }
  // A program that runs in the management cluster itself names none.
  if (process.env.KUBERNETES_SERVICE_HOST !== undefined) return { kubeconfig: undefined, context };
  throw new Failure(
    `management.kubeconfig: is not named in Pulumi.${stack}.yaml; name the management cluster's kubeconfig with --kubeconfig`,
    EXIT.usage,
  );
}

/**
 * What runs, of the clusters that are meant.
 *
 * @throws Failure where the server does not answer, or shows no ClusterDeployments: there is nothing to tell then.
 */
export async function readTarget({ client, identity }: Target, cluster?: string): Promise<Snapshot> {
  const snapshot = await readSnapshot(client);
  const gap = snapshot.gaps.find(({ kind }) => kind === "ClusterDeployment");
  if (gap?.why === "not served")
    throw new Failure(
      `${client.server}: has no ClusterDeployments because kcm is not installed there; deploy the stack first, or name another kubeconfig or context`,
    );
  if (gap !== undefined)
    throw new Failure(
      `${client.server}: does not show ClusterDeployments in ${snapshot.namespace} (${gap.message}); ` +
        "use a kubeconfig whose user may list them, or have get and list granted on them there",
    );
  return narrowed(snapshot, { stack: identity, cluster });
}
