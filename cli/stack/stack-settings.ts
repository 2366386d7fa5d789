/** The configuration of a stack file, with placeholders for its secrets: no passphrase is needed. */
import type pulumi from "@pulumi/pulumi";
import { readStackFiles, type StackFiles, settingText } from "../../config/stack-files.ts";
import { note } from "../output/print.ts";
import { PROJECT } from "./paths.ts";
import { assertProject } from "./stack-reference.ts";

export interface StackLocation {
  readonly stack: string;
  /** Folder with Pulumi.yaml and the stack file. @default the project */
  readonly workDir?: string;
}

/** Configuration values as Pulumi passes them to the program. */
export interface StackFileSettings {
  /** Name of the project. */
  readonly project: string;
  readonly config: Record<string, string>;
  readonly secretKeys: string[];
  /** Fingerprints of secrets are made of these. */
  readonly files: StackFiles;
  /** What was not read because only Pulumi's engine reads it, one sentence each. */
  readonly unread: readonly string[];
}

/**
 * Runs a function in the folder of a stack, with its configuration set and placeholders for secrets. The resources that it
 * registers have their inputs as state, unless `register` says otherwise.
 *
 * @throws ConfigError where the stack file does not exist; what `run` throws.
 */
export async function withSettings<T>(
  place: StackLocation,
  run: (settings: StackFileSettings) => T | Promise<T>,
  register: pulumi.runtime.Mocks["newResource"] = ({ name, inputs }) => ({ id: name, state: inputs }),
): Promise<T> {
  const workDir = place.workDir ?? PROJECT;
  const settings = await readSettings(place);
  const { project, config, secretKeys } = settings;
  for (const line of settings.unread) note(line);
  // Loaded here: every help and every completion goes by this file.
  const { default: pulumi } = await import("@pulumi/pulumi");
  const { startTestRuntime } = await import("./test-runtime.ts");
  const before = process.cwd();
  process.chdir(workDir);
  try {
    await startTestRuntime({ project, stack: place.stack, preview: true }, register);
    pulumi.runtime.setAllConfig(config, secretKeys);
    const result = await run(settings);
    await pulumi.runtime.disconnect();
    return result;
  } finally {
    process.chdir(before);
  }
}

/** The configuration as Pulumi passes it to the program; a placeholder names each secret. */
async function readSettings({ stack, workDir = PROJECT }: StackLocation): Promise<StackFileSettings> {
  const files = readStackFiles(workDir, stack);
  const { project } = files;
  assertProject(stack, project);
  const secretKeys: string[] = [];
  const config: Record<string, string> = {};
  for (const [key, value] of Object.entries(files.values)) {
    const hidden = withoutSecrets(value, key.replace(/^[^:]*:/, ""));
    if (hidden.secret) secretKeys.push(key);
    config[key] = settingText(hidden.value);
  }
  const { engineSettings } = await import("./engine-settings.ts");
  const { values, secrets, unread } = await engineSettings({ stack, folder: workDir, files, config });
  const all = [...new Set([...secretKeys, ...secrets])];
  return { project, config: { ...config, ...values }, secretKeys: all, files, unread };
}

function withoutSecrets(value: unknown, path: string): { value: unknown; secret: boolean } {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => withoutSecrets(item, `${path}[${index}]`));
    return { value: items.map((item) => item.value), secret: items.some((item) => item.secret) };
  }
  if (typeof value !== "object" || value === null) return { value, secret: false };
  if (Object.keys(value).length === 1 && "secure" in value && typeof value.secure === "string")
    return { value: `[secret ${path}]`, secret: true };
  const entries = Object.entries(value).map(([key, below]) => [key, withoutSecrets(below, `${path}.${key}`)] as const);
  return {
    value: Object.fromEntries(entries.map(([key, below]) => [key, below.value])),
    secret: entries.some(([, below]) => below.secret),
  };
}
