/** What a stack's files do not hold: values of environments, which only Pulumi's engine reads, and logins in one secret. */
import { withClusterFiles } from "../../config/cluster-files.ts";
import type { StackFiles } from "../../config/stack-files.ts";
import { at, jsonOf, map } from "../../policy/rules/plain-values.ts";

interface SettingsOfFiles {
  readonly stack: string;
  readonly folder: string;
  readonly files: StackFiles;
  /** Texts of the files' values by key, with placeholders for secrets. */
  readonly config: Readonly<Record<string, string>>;
}

/** Values to set over those of the files, and which of them are secrets. */
interface EngineSettings {
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** What was not read, one sentence each. */
  readonly unread: readonly string[];
}

/** Asks the engine where the files are not all, without opening a secret; a login that it keeps secret is a placeholder. */
export async function engineSettings(read: SettingsOfFiles): Promise<EngineSettings> {
  const { stack, folder, files, config } = read;
  const key = `${files.project}:credentials`;
  const isOneSecret = typeof at(files.values[key], "secure") === "string";
  if (files.engineOnly.length === 0 && !isOneSecret) return { values: {}, secrets: [], unread: [] };
  const values: Record<string, string> = {};
  const secrets = [key];
  const unread: string[] = [];
  if (files.engineOnly.length > 0) {
    const { runPulumi } = await import("./user-engine.ts");
    const answer = await runPulumi(stack, ["config", "--json"], folder);
    const settings = jsonOf(answer.output) as Record<string, EngineSetting> | undefined;
    for (const [name, { value, secret }] of Object.entries(settings ?? {})) {
      if (!secret && value !== undefined) values[name] = value;
      if (!secret || config[name] !== undefined || name === key) continue;
      values[name] = "[secret]";
      secrets.push(name);
    }
    const reason = "reason" in answer ? answer.reason : "its answer is not JSON";
    if (settings === undefined)
      unread.push(
        `${files.engineOnly.join(", ")}: not read, since only Pulumi's engine reads it, and ${reason}; fix that, or use pulumi preview`,
      );
  }
  const isOpen = values[key] !== undefined;
  if (!isOpen) {
    values[key] = JSON.stringify(loginPlaceholders({ ...read, config: { ...config, ...values } }));
    unread.push(
      "credentials: logins that only Pulumi's engine reads are placeholders, and no policy was evaluated on them",
    );
  }
  return { values, secrets: isOpen ? secrets.slice(1) : secrets, unread };
}

interface EngineSetting {
  readonly value?: string;
  readonly secret: boolean;
}

/** A login for every entry that the stack uses; what the files hold of it stays. */
function loginPlaceholders({ stack, folder, files, config }: SettingsOfFiles): Record<string, unknown> {
  const inFile = map(jsonOf(config[`${files.project}:credentials`]));
  const clusters = map(
    withClusterFiles(jsonOf(config[`${files.project}:clusters`]) ?? {}, { root: folder, stack }, []),
  );
  const own = Object.entries(clusters).flatMap(([name, cluster]) => {
    const isOwn = at(cluster, "nutanix", "prismCentral", "usePerClusterCredential") === true;
    return isOwn ? [String(at(cluster, "credential") ?? name)] : [];
  });
  const names = new Set(["global", ...Object.keys(inFile), ...own]);
  return Object.fromEntries(
    [...names].map((name) => {
      const login = map(inFile[name]);
      const secret = (part: string) => ({ [part]: `[secret credentials.${name}.${part}]` });
      return [name, { ...secret("username"), ...("generate" in login ? {} : secret("password")), ...login }];
    }),
  );
}
