import pulumi from "@pulumi/pulumi";
import { startTestRuntime } from "../../../cli/stack/test-runtime.ts";
import { readConfig, type StackConfig } from "../../../config/index.ts";
import { projectFolder, type StackFile } from "../../support/stack-fixture.ts";

export const PROJECT = "k0rdent-nutanix";

export interface ReadOptions {
  /** Files beside the stack file, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Keys that hold secrets; default: credentials. */
  readonly secretKeys?: readonly string[];
}

/** Starts the test runtime once for any number of stack files. */
export async function startReading(stack = "dev"): Promise<void> {
  await startTestRuntime({ project: PROJECT, stack, preview: true }, ({ name, inputs }) => ({
    id: name,
    state: inputs,
  }));
}

/** Reads a stack file as the program does, in a folder of its own. */
export function readStack(
  file: StackFile,
  { files = {}, secretKeys = ["credentials"] }: ReadOptions = {},
): StackConfig {
  const config = Object.entries(file).map(([key, value]) => [
    key.includes(":") ? key : `${PROJECT}:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(config),
    secretKeys.map((key) => `${PROJECT}:${key}`),
  );
  const folder = projectFolder({ "Pulumi.yaml": `name: ${PROJECT}\n`, ...files });
  const before = process.cwd();
  process.chdir(folder.path);
  try {
    return readConfig();
  } finally {
    process.chdir(before);
    folder.remove();
  }
}

/** What the program says against a stack file; undefined when it takes it. */
export function readError(file: StackFile, options: ReadOptions = {}): string | undefined {
  try {
    readStack(file, options);
    return undefined;
  } catch (error) {
    if (!pulumi.RunError.isInstance(error)) throw error;
    return error.message;
  }
}
