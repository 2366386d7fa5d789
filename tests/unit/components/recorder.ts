import pulumi from "@pulumi/pulumi";
import { startTestRuntime } from "../../../cli/stack/test-runtime.ts";
import { PROJECT } from "../config/read-stack.ts";

/** A resource as the program registered it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, any>;
  readonly parent: string;
  readonly provider: string;
  readonly protect: boolean;
  readonly dependsOn: readonly string[];
  /** Seconds to create, as a text. */
  readonly timeout: string | undefined;
  /** Paths of inputs that travel as secrets. */
  readonly secrets: readonly string[];
}

/** The result that every RandomPassword has here. */
export const SEED = "seed-canary";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const SIGNATURE = "4dabf18193072939515e22adb298388d";

type Plain = Record<string, unknown>;

/** Takes Pulumi's marks off a value, and notes the path of each. */
function open(value: unknown, path: string, secrets: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => open(item, `${path}.${index}`, secrets));
  if (typeof value !== "object" || value === null) return value;
  if ((value as Plain)[SIGNATURE] === SECRET) {
    secrets.push(path);
    return open((value as Plain)["value"], path, secrets);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [key, open(below, path === "" ? key : `${path}.${key}`, secrets)]),
  );
}

const nameOf = (urn: string): string => urn.split("::").pop() ?? "";

/** Runs a program on the test runtime and returns every resource in the order of their names; and what it threw. */
export async function record(
  program: () => unknown,
  options: { stack?: string; preview?: boolean } = {},
): Promise<{ resources: Recorded[]; error: unknown }> {
  const resources: Recorded[] = [];
  await startTestRuntime(
    { project: PROJECT, stack: options.stack ?? "dev", preview: options.preview ?? true },
    ({ name, type, inputs }) => ({
      id: `${name}-id`,
      state: type === "random:index/randomPassword:RandomPassword" ? { ...inputs, result: SEED } : inputs,
    }),
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, (...args: any[]) => unknown>;
  const register = monitor["registerResource"]?.bind(monitor);
  monitor["registerResource"] = (request, done) => {
    const secrets: string[] = [];
    const inputs = open(request.getObject().toJavaScript(), "", secrets) as Record<string, any>;
    resources.push({
      type: request.getType(),
      name: request.getName(),
      inputs,
      parent: nameOf(request.getParent()),
      provider: request.getProvider(),
      protect: request.getProtect() ?? false,
      dependsOn: [...new Set<string>(request.getDependenciesList().map(nameOf))].sort(),
      timeout: request.getCustomtimeouts()?.getCreate() || undefined,
      secrets: secrets.sort(),
    });
    return register?.(request, done);
  };
  let error: unknown;
  try {
    await pulumi.runtime.runInPulumiStack(program as () => Promise<unknown>);
    await pulumi.runtime.disconnect();
  } catch (thrown) {
    error = thrown;
  }
  resources.sort((one, other) =>
    one.name < other.name ? -1 : one.name > other.name ? 1 : one.type < other.type ? -1 : 1,
  );
  return { resources, error };
}

/** `type name` of all resources but the stack itself. */
export function listOf(resources: readonly Recorded[]): string[] {
  return resources.filter(({ type }) => type !== "pulumi:pulumi:Stack").map(({ type, name }) => `${type} ${name}`);
}
