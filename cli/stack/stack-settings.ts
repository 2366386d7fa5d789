/** The settings of a stack as its file holds them, with no secret opened: no passphrase is needed. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { deferHeavyParts } from "../../sdk-on-first-use.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { PROJECT } from "./paths.ts";

type Plain = Record<string, unknown>;

/** Which stack, and where its files are. */
export interface StackLocation {
  readonly stack: string;
  /** Folder with Pulumi.yaml and the stack's settings. @default the project */
  readonly workDir?: string;
}

/** Settings of a stack, each a text, as the program is handed them. */
export interface StackFileSettings {
  /** Name of the project. */
  readonly project: string;
  readonly config: Record<string, string>;
  readonly secretKeys: string[];
}

interface SettingsRun<T> {
  readonly register: pulumi.runtime.Mocks["newResource"];
  readonly run: () => T | Promise<T>;
}

/**
 * Runs something in the folder of a stack, with its settings where Pulumi puts them, each secret replaced by a word.
 *
 * @throws Failure where there is no stack file; what `run` throws.
 */
export async function withSettings<T>(place: StackLocation, { register, run }: SettingsRun<T>): Promise<T> {
  const workDir = place.workDir ?? PROJECT;
  const { project, config, secretKeys } = await readSettings(place);
  // Loaded here: every help and every completion goes by this file.
  deferHeavyParts();
  const { default: pulumi } = await import("@pulumi/pulumi");
  const { startTestRuntime } = await import("./test-runtime.ts");
  const before = process.cwd();
  process.chdir(workDir);
  try {
    await startTestRuntime({ project, stack: place.stack, preview: true }, register);
    pulumi.runtime.setAllConfig(config, secretKeys);
    const result = await run();
    await pulumi.runtime.disconnect();
    return result;
  } finally {
    process.chdir(before);
  }
}

/** The stack's settings as Pulumi would hand them to the program, each secret replaced by a word that says which it is. */
export async function readSettings({ stack, workDir = PROJECT }: StackLocation): Promise<StackFileSettings> {
  const { name: project } = parse(await readFile(join(workDir, "Pulumi.yaml"), "utf8")) as { name: string };
  const file = join(workDir, `Pulumi.${stack}.yaml`);
  const text = await readFile(file, "utf8").catch(() => {
    throw new Failure(
      `there is no stack file ${file}; name one with --stack, or make it with pulumi stack init ${stack}`,
      EXIT.usage,
    );
  });
  const settings = (readYaml(file, text) as { config?: Plain } | null)?.config ?? {};
  const secretKeys: string[] = [];
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      const hidden = withoutSecrets(value, key.replace(/^[^:]*:/, ""));
      if (hidden.secret) secretKeys.push(key);
      return [key, typeof hidden.value === "string" ? hidden.value : JSON.stringify(hidden.value)];
    }),
  );
  return { project, config, secretKeys };
}

function readYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0]?.replace(/:$/, "") : String(error);
    throw new Failure(`${file}: is no YAML because ${reason}; mend the file`, EXIT.usage);
  }
}

function withoutSecrets(value: unknown, path: string): { value: unknown; secret: boolean } {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => withoutSecrets(item, `${path}[${index}]`));
    return { value: items.map((item) => item.value), secret: items.some((item) => item.secret) };
  }
  if (typeof value !== "object" || value === null) return { value, secret: false };
  if (Object.keys(value).length === 1 && "secure" in value) return { value: `[secret ${path}]`, secret: true };
  const entries = Object.entries(value).map(([key, below]) => [key, withoutSecrets(below, `${path}.${key}`)] as const);
  return {
    value: Object.fromEntries(entries.map(([key, below]) => [key, below.value])),
    secret: entries.some(([, below]) => below.secret),
  };
}
