/** The configuration of a stack as the program reads it, without engine and secrets. */
import type { StackConfig } from "../../config/index.ts";
import type { Stack } from "../../schema/stack.ts";
import { withSettings } from "./stack-settings.ts";

export interface StackConfiguration {
  /** Name of the project. */
  readonly project: string;
  /** Its logins are placeholders. */
  readonly config: Stack & Pick<StackConfig, "access" | "bundles">;
  /** User names by entry of `credentials`; undefined: a secret. */
  readonly entries: ReadonlyMap<string, string | undefined>;
}

/** @throws RunError with all errors of the stack file; ConfigError where it does not exist. */
export async function readPlainStack(stack: string): Promise<StackConfiguration> {
  const { readConfig } = await import("../../config/index.ts");
  return withSettings({ stack }, ({ project, config }) => ({
    project,
    config: plain(readConfig()),
    entries: entriesOf(config[`${project}:credentials`]),
  }));
}

function plain({ generated, login, logins, clusterTopology, settings, warnings, ...config }: StackConfig) {
  return config;
}

function entriesOf(credentials = "{}"): ReadonlyMap<string, string | undefined> {
  const entries = Object.entries(JSON.parse(credentials) as Record<string, { username: string }>);
  return new Map(entries.map(([name, { username }]) => [name, username.startsWith("[secret ") ? undefined : username]));
}
