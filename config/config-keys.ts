/** Top-level keys of the stack's configuration. */
import pulumi from "@pulumi/pulumi";
import type { Violation } from "../policy/rules/violation.ts";
import { withPlainDates } from "./yaml-scalars.ts";

export const CONFIG_KEYS = [
  "environment",
  "management",
  "capx",
  "prismCentral",
  "preflight",
  "credentials",
  "clusters",
  "serviceTemplates",
  "multiClusterServices",
  "networks",
  "peerStacks",
  "policy",
] as const;

const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** Whether a key of the project has a secret anywhere in its value. */
export function hasSecret({ name }: pulumi.Config, key: string): boolean {
  return isConfigSecret(`${name}:${key}`);
}

/** The value of a key: structured values arrive as JSON, others as text. */
export function readKey(config: pulumi.Config, key: string): unknown {
  const text = config.get(key);
  if (text === undefined || key === "environment") return text;
  try {
    return withPlainDates(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Errors of the stack's name: every object has project and stack as a label. */
export function stackNameErrors(project: string): Violation[] {
  const identity = `${project}.${pulumi.getStack()}`;
  if (identity.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(identity)) return [];
  return [
    {
      path: "stack",
      value: identity,
      reason: "is not a valid label value, and every object has it as a label",
      remedy:
        "use letters, digits, '-', '_' and '.' in the stack's name, at most 63 characters with the project's name",
    },
  ];
}

/** Pulumi hands the settings to the program in one environment variable, which Linux limits to 128 KiB. */
const MAX_KIB = 120;

/** Errors of settings with which Pulumi cannot start the program. */
export function sizeErrors(): Violation[] {
  const size = Buffer.byteLength(JSON.stringify(pulumi.runtime.allConfig())) / 1024;
  if (size <= MAX_KIB) return [];
  return [
    {
      path: "stack",
      reason: `has ${Math.round(size)} KiB of settings, and Pulumi cannot start its program with more than ${MAX_KIB}`,
      remedy: `move clusters to files, clusters/${pulumi.getStack()}/<name>.yaml, and certificates to trustBundle.file`,
    },
  ];
}

/** Errors of keys that nothing reads, and of secrets outside `credentials`. */
export function keyErrors(config: pulumi.Config): Violation[] {
  const prefix = `${config.name}:`;
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(prefix));
  return keys.flatMap((full): Violation[] => {
    const key = full.slice(prefix.length);
    if (!(CONFIG_KEYS as readonly string[]).includes(key)) {
      return [{ path: key, reason: "is an unknown key", remedy: `the keys are ${CONFIG_KEYS.join(", ")}` }];
    }
    if (key === "credentials" || !hasSecret(config, key)) return [];
    return [
      {
        path: key,
        reason: "contains a secret, and only credentials are kept secret",
        remedy: "move the secret to credentials, or store the value in plain text if it is not a secret",
      },
    ];
  });
}
