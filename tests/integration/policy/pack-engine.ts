/** Previews of a small program under the real engine, in a folder of its own. */
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { EngineEvent, PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { openEngine } from "../../../cli/engine/engine.ts";
import type { ToolPaths } from "../../../sandbox/ensure-tools.ts";
import type { PackResource } from "./pack-fixture.ts";
import { PACK, type PolicyConfig, urnOf, type Violation } from "./pack-server.ts";

export interface PreviewOptions {
  /** Folder of the pack, absolute or relative to the program. @default the project's */
  readonly pack?: string;
  /** The stack's settings. @default none */
  readonly config?: Readonly<Record<string, string>>;
  /** Pulumi's own configuration of the pack. @default none */
  readonly levels?: Readonly<Record<string, string | PolicyConfig>>;
}

export interface Preview {
  readonly passed: boolean;
  readonly violations: Violation[];
  /** Inputs with which each resource would be written, as `Kind/name`. */
  readonly inputs: Readonly<Record<string, any>>;
  /** All that the engine printed. */
  readonly printed: string;
}

export interface ProgramFolder {
  readonly folder: string;
  preview(resources: readonly PackResource[], options?: PreviewOptions): Promise<Preview>;
  remove(): Promise<void>;
}

/** A folder with a stack `s` of a program, which runs inline. */
export async function programFolder(
  tools: ToolPaths<"pulumi" | "pulumi-resource-kubernetes">,
  program: PulumiFn,
): Promise<ProgramFolder> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "k0rdent-nutanix-pack-")));
  await writeFile(join(folder, "Pulumi.yaml"), stringify({ name: "other", runtime: "nodejs" }));
  await linkDependencies(folder, ["@pulumi/kubernetes"]);
  const engine = await openEngine({ stack: "s", tools, workDir: folder, local: join(folder, "local"), program });
  return {
    folder,
    preview: async (resources, { pack = PACK, config = {}, levels } = {}) => {
      await writeFile(join(folder, "resources.json"), JSON.stringify(resources));
      const settings = await readFile(join(folder, "Pulumi.s.yaml"), "utf8").catch(() => "");
      const salt = /^encryptionsalt:.*$/m.exec(settings)?.[0] ?? "";
      await writeFile(join(folder, "Pulumi.s.yaml"), `${salt}\n${stringify({ config })}`);
      if (levels !== undefined) await writeFile(join(folder, "levels.json"), JSON.stringify(levels));
      const log: EngineEvent[] = [];
      let printed = "";
      const print = (text: string) => {
        printed += text;
      };
      const before = process.cwd();
      process.chdir(folder);
      const passed = await engine.automation
        .preview({
          policyPacks: [resolve(folder, pack)],
          ...(levels === undefined ? {} : { policyPackConfigs: [join(folder, "levels.json")] }),
          onEvent: (event) => void log.push(event),
          ...{ onOutput: print, onError: print, color: "never" },
        })
        .then(
          () => true,
          () => false,
        )
        .finally(() => process.chdir(before));
      const inputs = Object.fromEntries(log.flatMap(({ resourcePreEvent: begun }) => inputsIn(begun?.metadata)));
      return { passed, violations: violationsIn(log, resources), inputs, printed };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Installs what the pack's package.json lists, and nothing else that this project has: an import that it lacks fails. */
export async function linkDependencies(folder: string, others: readonly string[] = []): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(PACK, "package.json"), "utf8"));
  for (const name of [...Object.keys(dependencies), ...others]) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(PACK, "../node_modules", name), link);
  }
}

function inputsIn(step: any): [string, any][] {
  if (step?.new === undefined) return [];
  const [type, name] = step.urn.split("::").slice(-2);
  return [[`${type.split(":").at(-1)}/${name}`, step.new.inputs]];
}

/** What the pack said, each with the URN of the resource in the words of the fixture. */
function violationsIn(log: readonly EngineEvent[], resources: readonly PackResource[]): Violation[] {
  return log.flatMap(({ policyEvent: event }): Violation | [] => {
    if (event === undefined) return [];
    const resource = resources.find(({ type, name }) => event.resourceUrn?.endsWith(`${type}::${name}`));
    return {
      policy: event.policyName,
      level: event.enforcementLevel,
      message: event.message.replace(/<\{%.*?%\}>/g, "").trim(),
      ...(resource === undefined ? {} : { urn: urnOf(resource) }),
    };
  });
}
