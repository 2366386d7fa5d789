import { delimiter, join } from "node:path";
import { clusterFiles } from "../../config/cluster-files.ts";
import { readStackFiles } from "../../config/stack-files.ts";
import { withPlainDates } from "../../config/yaml-scalars.ts";
import { kubeconfigFiles } from "../../kubernetes/kubeconfig.ts";
import { map } from "../../policy/rules/plain-values.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { LOCAL, PROJECT, sandboxFolder } from "./paths.ts";
import { assertProject } from "./stack-reference.ts";

/** What commands read of a stack file without running the program. */
export interface StackFile {
  /** Name of the project. */
  readonly project: string;
  /** Absolute path of the management cluster's kubeconfig; undefined: not set. */
  readonly kubeconfig: string | undefined;
  /** The context in it; undefined: its current one. */
  readonly context: string | undefined;
  /** Names of the clusters in the stack file and in clusters/<stack>/. */
  readonly clusters: readonly string[];
  /** The key `policy`, not validated. */
  readonly policy: Readonly<Record<string, unknown>>;
}

/** @throws ConfigError where the stack file does not exist or is not valid YAML. */
export function readStackFile(stack: string, folder = PROJECT): StackFile {
  const { project, values } = readStackFiles(folder, stack);
  assertProject(stack, project);
  const section = (key: string) => map(values[`${project}:${key}`]);
  const { kubeconfig, context } = section("management");
  const inFiles = clusterFiles({ root: folder, stack }).map(({ name }) => name);
  return {
    project,
    kubeconfig: typeof kubeconfig === "string" ? kubeconfigFiles(kubeconfig, folder).join(delimiter) : undefined,
    context: typeof context === "string" ? context : undefined,
    clusters: [...Object.keys(section("clusters")), ...inFiles].sort(),
    policy: map(withPlainDates(section("policy"))),
  };
}

/** Whether a stack uses a sandbox of this project, which also holds its state. */
export function usesSandbox(stack: string, folder = PROJECT): boolean {
  return readStackFile(stack, folder).kubeconfig?.startsWith(`${join(LOCAL, "sandbox")}/`) ?? false;
}

/**
 * Name of the sandbox that a stack uses.
 *
 * @throws Failure where it uses another cluster: these commands change nothing but sandboxes.
 */
export function sandboxOf(stack: string, expected?: string, folder = PROJECT): string {
  if (expected !== undefined) sandboxFolder(expected);
  const { kubeconfig } = readStackFile(stack, folder);
  const sandboxes = join(LOCAL, "sandbox");
  const [name = "", file] = kubeconfig?.startsWith(`${sandboxes}/`)
    ? kubeconfig.slice(sandboxes.length + 1).split("/")
    : [];
  const wanted = expected ?? (name || "dev");
  if (file === "kubeconfig" && name === wanted) return name;
  throw new Failure(
    `management.kubeconfig: "${kubeconfig ?? ""}" is not the sandbox ${wanted}; ` +
      `set .local/sandbox/${wanted}/kubeconfig in Pulumi.${stack}.yaml, or run \`pulumi up --stack ${stack}\` to deploy to that cluster`,
    EXIT.usage,
  );
}
