/** The logins of a stack, decrypted in memory by Pulumi's engine, or taken from the environment. */

import { at, isMap, jsonOf } from "../../policy/rules/plain-values.ts";
import type { PrismCentralLogin } from "../../prism-central/prism-transport.ts";
import { Secret } from "../../prism-central/secret.ts";
import type { StackConfiguration } from "./stack-config.ts";
import { runPulumi } from "./user-engine.ts";

export interface OpenedLogins {
  readonly byEntry: ReadonlyMap<string, PrismCentralLogin>;
  /** Why logins are missing, one line each. */
  readonly notes: readonly string[];
}

/** Suffix of the variables of an entry: `EDGE_2` for `edge-2`. */
const suffix = (entry: string) => entry.toUpperCase().replaceAll("-", "_");

/** Decrypts every entry; an entry that fails is left out, with a note. */
export async function openLogins(
  stack: string,
  read: Pick<StackConfiguration, "project" | "entries">,
): Promise<OpenedLogins> {
  const given = [...read.entries].map(([entry, username]) => ofEnvironment(entry, username));
  const ofUser = new Map(given.flatMap((login) => (login === undefined ? [] : [[login.entry, login] as const])));
  if (ofUser.size === read.entries.size) return { byEntry: ofUser, notes: [] };
  const { logins, reason } = await ofEngine(stack, read.project);
  const byEntry = new Map([...logins, ...ofUser]);
  const missing = [...read.entries.keys()].filter((entry) => !byEntry.has(entry));
  const notes = missing.map(
    (entry) =>
      `credentials.${entry}: not decrypted because ${reason ?? "the stack has no such secret"}; fix that, or set K0RDENT_NUTANIX_PASSWORD_${suffix(entry)}`,
  );
  return { byEntry, notes };
}

function ofEnvironment(entry: string, inFile: string | undefined): PrismCentralLogin | undefined {
  const password = process.env[`K0RDENT_NUTANIX_PASSWORD_${suffix(entry)}`];
  const username = process.env[`K0RDENT_NUTANIX_USERNAME_${suffix(entry)}`] ?? inFile;
  if (password === undefined || username === undefined) return undefined;
  return { entry, username: new Secret(username), password: new Secret(password) };
}

/** A generated password is not in the configuration. */
type ConfiguredLogins = Readonly<Record<string, { username: string; password?: string }>>;

/** Decrypts with the user's backend and passphrase, or the project's own for a stack on a sandbox. */
async function ofEngine(
  stack: string,
  project: string,
): Promise<{ logins: Map<string, PrismCentralLogin>; reason?: string }> {
  const answer = await runPulumi(stack, ["config", "--show-secrets", "--json"]);
  if (answer.output === undefined) return { logins: new Map(), reason: answer.reason };
  const settings = jsonOf(answer.output);
  const setting = at(settings, `${project}:credentials`) ?? { objectValue: {} };
  // Set as one secret, it is a text.
  const value = at(setting, "objectValue") ?? jsonOf(String(at(setting, "value") ?? "{}"));
  if (!isMap(settings) || !isMap(value))
    return {
      logins: new Map(),
      reason: `Pulumi decrypts ${project}:credentials to something else than a map of logins`,
    };
  const entries = Object.entries(value as ConfiguredLogins).filter(([, login]) => isMap(login));
  return {
    logins: new Map(
      entries.flatMap(([entry, { username, password }]) =>
        password === undefined
          ? []
          : [[entry, { entry, username: new Secret(username), password: new Secret(password) }]],
      ),
    ),
  };
}
