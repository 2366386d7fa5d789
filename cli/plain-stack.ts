/** A stack's settings as the program reads them, without an engine and without its secrets. */
import type { StackConfig } from "../config.ts";
import type { Stack } from "../schema/stack.ts";
import { PROJECT } from "./paths.ts";
import { readSettings } from "./render.ts";
import { startTestRuntime } from "./test-runtime.ts";

export interface PlainStack {
  /** Name of the project. */
  readonly project: string;
  /** What the program reads; its logins are placeholders. */
  readonly config: Stack & Pick<StackConfig, "access" | "bundles">;
  /** Entries of `credentials`, each with the user name that stands in the stack file; undefined: it is a secret there. */
  readonly entries: ReadonlyMap<string, string | undefined>;
}

/** @throws RunError with every fault of the stack file; Failure where there is none. */
export async function readPlainStack(stack: string): Promise<PlainStack> {
  const settings = await readSettings(PROJECT, stack);
  const before = process.cwd();
  process.chdir(PROJECT);
  try {
    await startTestRuntime({ project: settings.project, stack, preview: true }, ({ name, inputs }) => ({
      id: name,
      state: inputs,
    }));
    const { default: pulumi } = await import("@pulumi/pulumi");
    pulumi.runtime.setAllConfig(settings.config, settings.secretKeys);
    const { readConfig } = await import("../config.ts");
    const { environment, management, capx, prismCentral, preflight, clusters, access, bundles } = readConfig();
    return {
      project: settings.project,
      config: { environment, management, capx, prismCentral, preflight, clusters, access, bundles },
      entries: entriesOf(settings.config[`${settings.project}:credentials`]),
    };
  } finally {
    process.chdir(before);
  }
}

function entriesOf(credentials = "{}"): ReadonlyMap<string, string | undefined> {
  const entries = Object.entries(JSON.parse(credentials) as Record<string, { username: string }>);
  return new Map(entries.map(([name, { username }]) => [name, username.startsWith("[secret ") ? undefined : username]));
}
