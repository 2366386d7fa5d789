/** Previews of a small program under the real engine, in a folder of its own. */
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { stringify } from "yaml";
import { languageHost } from "../../../cli/engine/language-host.ts";
import { findTools } from "../../../sandbox/ensure-tools.ts";
import { linkRealPlugins } from "../../../sandbox/plugins/install.ts";
import type { PackResource } from "./pack-fixture.ts";
import { PACK, type PolicyConfig, urnOf, type Violation } from "./pack-server.ts";

const PROJECT = join(PACK, "..");

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

/** A program folder with a file backend; a sentence that says what is missing where there is no engine for it. */
export async function programFolder(program = "pack-program.mjs"): Promise<ProgramFolder | string> {
  const { pulumi } = (await findTools(["pulumi"])).paths;
  if (pulumi === undefined) return "the Pulumi CLI is not here (npm run tools gets it)";
  const host = await languageHost(pulumi);
  if (host === undefined) return "Pulumi's language host for Node is not here (it comes with the released CLI)";
  const folder = await realpath(await mkdtemp(join(tmpdir(), "k0rdent-nutanix-pack-")));
  const home = join(folder, "home");
  if (!linkRealPlugins(home).includes("kubernetes")) {
    await rm(folder, { recursive: true, force: true });
    return "Pulumi's plugin kubernetes is not here (pulumi plugin install resource kubernetes 4.32.0 gets it)";
  }
  const env = {
    PATH: [dirname(process.execPath), host, process.env.PATH].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DEBUG_COMMANDS: "true",
  };
  const run = (words: string[]) =>
    execa(pulumi, [...words, "--non-interactive"], { cwd: folder, env, all: true, reject: false });
  await writeProgram(folder, program);
  await run(["stack", "init", "s"]);
  return {
    folder,
    preview: async (resources, { pack = PACK, config = {}, levels } = {}) => {
      const events = join(folder, "events.json");
      await rm(events, { force: true });
      await writeFile(join(folder, "resources.json"), JSON.stringify(resources));
      const settings = await readFile(join(folder, "Pulumi.s.yaml"), "utf8").catch(() => "");
      const salt = /^encryptionsalt:.*$/m.exec(settings)?.[0] ?? "";
      await writeFile(join(folder, "Pulumi.s.yaml"), `${salt}\n${stringify({ config })}`);
      if (levels !== undefined) await writeFile(join(folder, "levels.json"), JSON.stringify(levels));
      const configured = levels === undefined ? [] : ["--policy-pack-config", "levels.json"];
      const result = await run([
        "preview",
        "--stack",
        "s",
        "--event-log",
        events,
        "--policy-pack",
        pack,
        ...configured,
      ]);
      const log = await eventsIn(events);
      const inputs = Object.fromEntries(log.flatMap(({ resourcePreEvent: begun }) => inputsIn(begun?.metadata)));
      const violations = violationsIn(log, resources);
      return { passed: result.exitCode === 0, violations, inputs, printed: result.all };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeProgram(folder: string, program: string): Promise<void> {
  await mkdir(join(folder, "state"));
  await cp(join(import.meta.dirname, program), join(folder, "index.mjs"));
  const runtime = { name: "nodejs", options: { typescript: false } };
  await writeFile(join(folder, "Pulumi.yaml"), stringify({ name: "other", runtime, main: "index.mjs" }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "other", private: true, type: "module" }));
  await mkdir(join(folder, "node_modules", "@pulumi"), { recursive: true });
  for (const name of ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/policy", "ipaddr.js"]) {
    await symlink(join(PROJECT, "node_modules", name), join(folder, "node_modules", name));
  }
}

async function eventsIn(file: string): Promise<any[]> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

function inputsIn(step: any): [string, any][] {
  if (step?.new === undefined) return [];
  const [type, name] = step.urn.split("::").slice(-2);
  return [[`${type.split(":").at(-1)}/${name}`, step.new.inputs]];
}

/** What the pack said, each with the URN of the resource in the words of the fixture. */
function violationsIn(log: readonly any[], resources: readonly PackResource[]): Violation[] {
  const events = log.map(({ policyEvent }) => policyEvent).filter((event) => event !== undefined);
  return events.map((event): Violation => {
    const resource = resources.find(({ type, name }) => event.resourceUrn?.endsWith(`${type}::${name}`));
    return {
      policy: event.policyName,
      level: event.enforcementLevel,
      message: event.message.replace(/<\{%.*?%\}>/g, "").trim(),
      ...(resource === undefined ? {} : { urn: urnOf(resource) }),
    };
  });
}
