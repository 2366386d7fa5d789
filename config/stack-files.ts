/** Pulumi.yaml and the stack file as Pulumi's engine reads them. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { isMap } from "../policy/rules/plain-values.ts";
import { formatViolation, type Violation } from "../policy/rules/violation.ts";
import { readEngineYaml, YamlError } from "./engine-yaml.ts";

export interface StackFiles {
  /** Name of the project. */
  readonly project: string;
  /** Values by full key, as written; the project's defaults included. A secret is `{secure: ciphertext}`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What only the engine reads, one noun each. */
  readonly engineOnly: readonly string[];
  /** Salt, key and provider of the stack's encryption. */
  readonly encryption: Readonly<Record<string, unknown>>;
}

/** A file that cannot be read as the engine does. The message is for users. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(formatViolation(violation));
    this.violation = violation;
  }
}

/** Whether a folder has the files of a stack. */
export function hasStackFile(folder: string, stack: string): boolean {
  return existsSync(join(folder, "Pulumi.yaml")) && existsSync(stackFilePath(folder, stack, readProject(folder)));
}

/**
 * Name and definition of the project in a folder.
 *
 * @throws ConfigError
 */
export function readProject(folder: string): Record<string, unknown> & { readonly name: string } {
  const path = join(folder, "Pulumi.yaml");
  const { name, ...project } = readMap(path, folder);
  if (typeof name !== "string" || name === "")
    throw new ConfigError({ path, reason: "names no project", remedy: "add the line name: k0rdent-nutanix" });
  return { ...project, name };
}

function stackFilePath(folder: string, stack: string, { stackConfigDir, config }: Record<string, unknown>): string {
  assertStackName(stack);
  const below = stackConfigDir ?? config;
  return join(folder, typeof below === "string" ? below : "", `Pulumi.${stack}.yaml`);
}

/**
 * Reads both files.
 *
 * @throws ConfigError where one does not exist, is not valid YAML, leads out of the folder, or the stack's name is not one
 */
export function readStackFiles(folder: string, stack: string): StackFiles {
  const definition = readProject(folder);
  const { name: project } = definition;
  const path = stackFilePath(folder, stack, definition);
  if (!existsSync(path))
    throw new ConfigError({
      path: "--stack",
      value: stack,
      reason: `has no stack file ${path}`,
      remedy: `run pulumi stack init ${stack}, or name another stack`,
    });
  const { config, environment, encryptionsalt, encryptedkey, secretsprovider } = readMap(path, folder);
  if (config !== undefined && config !== null && !isMap(config))
    throw new ConfigError({
      path,
      reason: "has a config that is not a map",
      remedy: "write one key per line below it",
    });
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config ?? {})) {
    const full = fullKey(key, project, path);
    if (Object.hasOwn(values, full))
      throw new ConfigError({ path, reason: `sets ${full} twice`, remedy: "remove one of the two" });
    // Pulumi reads a key without a value as an empty text.
    values[full] = value ?? "";
  }
  const { defaults, engineOnly } = defaultsOf(definition["config"], project, join(folder, "Pulumi.yaml"));
  return {
    project,
    values: { ...defaults, ...values },
    engineOnly: [...(environment === undefined || environment === null ? [] : ["environment"]), ...engineOnly],
    encryption: { encryptionsalt, encryptedkey, secretsprovider },
  };
}

/** A name becomes part of paths. */
function assertStackName(stack: string): void {
  if (/^[A-Za-z0-9_.-]{1,100}$/.test(stack) && !/^\.+$/.test(stack)) return;
  const remedy = 'use letters, digits, "-", "_" and ".", or org/project/stack';
  throw new ConfigError({ path: "--stack", value: stack, reason: "is not the name of a stack", remedy });
}

function readMap(path: string, folder: string): Record<string, unknown> {
  if (!existsSync(path))
    throw new ConfigError({ path, reason: "does not exist", remedy: "name the folder that has it" });
  // A pull request can contain a link to any file of the machine that reviews it.
  if (!realpathSync(path).startsWith(realpathSync(folder) + sep))
    throw new ConfigError({ path, reason: "is a symbolic link out of its folder", remedy: "replace it with the file" });
  let value: unknown;
  try {
    const read = readEngineYaml(readFileSync(path));
    if (read.documents > 1) throw new YamlError(`it has ${read.documents} documents, of which Pulumi reads the first`);
    value = read.value;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ConfigError({ path, reason: `is not valid YAML because ${error.message}`, remedy: "fix the file" });
  }
  if (value !== null && !isMap(value)) throw new ConfigError({ path, reason: "is not a map", remedy: "fix the file" });
  return value ?? {};
}

/** Keys without a namespace are the project's; `config` between the two is an old form. */
function fullKey(key: string, project: string, path: string): string {
  const parts = key.split(":");
  if (parts.length === 1) return `${project}:${key}`;
  if (parts.length === 3 && parts[1] === "config") return `${parts[0]}:${parts[2]}`;
  if (parts.length === 2) return key;
  throw new ConfigError({ path, value: key, reason: "is not a key", remedy: "write <namespace>:<name>" });
}

/** The `config` of Pulumi.yaml: a value, or a declaration that may have one. */
function defaultsOf(
  config: unknown,
  project: string,
  path: string,
): Pick<StackFiles, "engineOnly"> & { defaults: object } {
  const defaults: Record<string, unknown> = {};
  const engineOnly: string[] = [];
  for (const [key, declared] of isMap(config) ? Object.entries(config) : []) {
    const value = isMap(declared) ? (declared["default"] ?? declared["value"]) : declared;
    if (value === undefined || value === null) continue;
    const full = fullKey(key, project, path);
    if (/[.[\]"]/.test(full.slice(full.indexOf(":")))) engineOnly.push(`config.${key} of Pulumi.yaml`);
    else defaults[full] = typeof value === "object" ? value : String(value);
  }
  return { defaults, engineOnly };
}

/** The text that the program gets for a value without secrets. */
export function settingText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
