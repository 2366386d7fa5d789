/** The key `credentials`: checked here, and opened by resources only. */
import pulumi from "@pulumi/pulumi";
import type { LoginFactsByEntry } from "../manifests/stack-manifests.ts";
import { isBuiltInUser } from "../policy/rules/credential-objects.ts";
import { at } from "../policy/rules/plain-values.ts";
import type { Violation } from "../policy/rules/violation.ts";
import { parse } from "../schema/parse.ts";
import { credentials as credentialsSchema, type Generate } from "../schema/stack.ts";
import { hasSecret, readKey } from "./config-keys.ts";
import { ConfigError, hasStackFile, readStackFiles } from "./stack-files.ts";

/** Entries of `credentials`, opened; a generated password is not in the stack file. */
export type StoredCredentials = Readonly<
  Record<string, { readonly username: string; readonly password?: string | undefined }>
>;

export interface CredentialsReading {
  /** What policies may know of each login, by its entry in `credentials`. */
  readonly logins: LoginFactsByEntry;
  /** Passwords that the stack generates, by their entry in `credentials`. */
  readonly generated: Readonly<Record<string, Generate>>;
}

/** Checks the credentials and keeps no value: only their names, and what policies inspect. Errors are added to `errors`. */
export function readCredentials(config: pulumi.Config, errors: Violation[]): CredentialsReading {
  const found = readKey(config, "credentials") ?? {};
  const { value, violations } = parse(credentialsSchema, found, { at: "credentials", secret: true });
  const entries = Object.entries(value ?? {});
  const given = entries.flatMap(([name, { password }]) => (password === undefined ? [] : [name]));
  errors.push(
    ...violations.map((violation) => ({
      ...violation,
      remedy: violation.remedy.replace("<name>", violation.path.split(".")[1] ?? ""),
    })),
    ...namesInPlainText(config, given, errors).map((name) => ({
      path: `credentials.${name}.password`,
      reason: "is in plain text in the stack file",
      remedy: `set it with pulumi config set --secret --path 'credentials.${name}.password', and change it in Prism Central`,
    })),
  );
  const facts = entries.map(([name, { username, rotated }]) => [name, { isBuiltIn: isBuiltInUser(username), rotated }]);
  const generated = entries.flatMap(([name, { generate }]) => (generate === undefined ? [] : [[name, generate]]));
  return { logins: Object.fromEntries(facts), generated: Object.fromEntries(generated) };
}

/** Entries whose password is in plain text. Pulumi marks all of `credentials` once one password is secret: only the file tells. */
function namesInPlainText(config: pulumi.Config, names: readonly string[], errors: Violation[]): readonly string[] {
  const stack = pulumi.getStack();
  if (!hasSecret(config, "credentials")) return names;
  if (!hasStackFile(".", stack)) return [];
  try {
    const entries = readStackFiles(".", stack).values[`${config.name}:credentials`];
    return names.filter((name) => typeof at(entries, name, "password") === "string");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    errors.push(error.violation);
    return [];
  }
}
