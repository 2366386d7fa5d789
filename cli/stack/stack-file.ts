import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { kubeconfigFiles } from "../../kubernetes/kubeconfig.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { LOCAL, PROJECT } from "./paths.ts";

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

type StackValues = Readonly<Record<string, unknown>>;

/**
 * Name of the project and configuration of a stack file.
 *
 * @throws Failure where the stack file does not exist or is not valid YAML.
 */
export function readStackYaml(stack: string, folder = PROJECT): { project: string; config: StackValues } {
  const path = join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(path))
    throw new Failure(
      `--stack: "${stack}" has no stack file ${path}; run pulumi stack init ${stack}, or name another stack`,
      EXIT.usage,
    );
  const { name: project } = readYaml(join(folder, "Pulumi.yaml")) as { name: string };
  const { config } = readYaml(path) as { config?: StackValues };
  return { project, config: config ?? {} };
}

export function readStackFile(stack: string, folder = PROJECT): StackFile {
  const { project, config } = readStackYaml(stack, folder);
  const section = (key: string) => (config[`${project}:${key}`] ?? {}) as StackValues;
  const { kubeconfig, context } = section("management");
  const inFiles = join(folder, "clusters", stack);
  const files = existsSync(inFiles) ? readdirSync(inFiles).filter((file) => /\.ya?ml$/.test(file)) : [];
  const clusters = [...Object.keys(section("clusters")), ...files.map((file) => file.replace(/\.ya?ml$/, ""))];
  return {
    project,
    kubeconfig: typeof kubeconfig === "string" ? kubeconfigFiles(kubeconfig, folder).join(delimiter) : undefined,
    context: typeof context === "string" ? context : undefined,
    clusters: clusters.sort(),
    policy: section("policy"),
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

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0]?.replace(/:$/, "") : String(error);
    throw new Failure(`${path}: is not valid YAML because ${reason}; fix the file`, EXIT.usage);
  }
}
