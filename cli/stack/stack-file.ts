import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { kubeconfigFiles } from "../../kubernetes/kubeconfig.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { LOCAL, PROJECT } from "./paths.ts";

/** What the commands need of a stack's settings before the program reads them. */
export interface StackFile {
  /** Name of the project. */
  readonly project: string;
  /** Absolute path of the management cluster's kubeconfig; undefined: none is named. */
  readonly kubeconfig: string | undefined;
  /** The context in it; undefined: its current one. */
  readonly context: string | undefined;
  /** Names of the clusters that the stack asks for, in the stack file or in files of their own. */
  readonly clusters: readonly string[];
  /** What it says of rules, unread; empty where it says nothing. */
  readonly policy: Readonly<Record<string, unknown>>;
}

type Settings = Readonly<Record<string, unknown>>;

/** @throws Failure when the stack has no settings file. */
export function readStackFile(stack: string, folder = PROJECT): StackFile {
  const path = join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) {
    throw new Failure(
      `stack: "${stack}" is wrong because there is no Pulumi.${stack}.yaml; write one, or name a stack that has one`,
      EXIT.usage,
    );
  }
  const { name: project } = readYaml(join(folder, "Pulumi.yaml")) as { name: string };
  const { config } = readYaml(path) as { config?: Record<string, Settings | undefined> };
  const { kubeconfig, context } = config?.[`${project}:management`] ?? {};
  const inFiles = join(folder, "clusters", stack);
  const files = existsSync(inFiles) ? readdirSync(inFiles).filter((file) => /\.ya?ml$/.test(file)) : [];
  const clusters = [
    ...Object.keys(config?.[`${project}:clusters`] ?? {}),
    ...files.map((file) => file.replace(/\.ya?ml$/, "")),
  ];
  return {
    project,
    kubeconfig: typeof kubeconfig === "string" ? kubeconfigFiles(kubeconfig, folder).join(delimiter) : undefined,
    context: typeof context === "string" ? context : undefined,
    clusters: clusters.sort(),
    policy: config?.[`${project}:policy`] ?? {},
  };
}

/** Whether a stack leads to a sandbox of this project, so that its state is the project's own. */
export function leadsToSandbox(stack: string, folder = PROJECT): boolean {
  return readStackFile(stack, folder).kubeconfig?.startsWith(`${join(LOCAL, "sandbox")}/`) ?? false;
}

/**
 * Name of the sandbox that a stack leads to.
 *
 * @throws Failure when it leads elsewhere: nothing but a sandbox is ever touched by these commands.
 */
export function sandboxOf(stack: string, asked?: string, folder = PROJECT): string {
  const { kubeconfig } = readStackFile(stack, folder);
  const sandboxes = join(LOCAL, "sandbox");
  const [name = "", file] = kubeconfig?.startsWith(`${sandboxes}/`)
    ? kubeconfig.slice(sandboxes.length + 1).split("/")
    : [];
  const wanted = asked ?? (name || "dev");
  if (file === "kubeconfig" && name === wanted) return name;
  throw new Failure(
    `management.kubeconfig: "${kubeconfig ?? "nothing"}" is wrong for a run on this machine because it is not the sandbox ${wanted}; ` +
      `write .local/sandbox/${wanted}/kubeconfig in Pulumi.${stack}.yaml, or run \`pulumi up --stack ${stack}\` to work on that cluster`,
    EXIT.usage,
  );
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Failure(`${path}: is no YAML because ${reason}; mend the file`, EXIT.usage);
  }
}
