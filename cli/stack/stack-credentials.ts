/** The logins of a stack, decrypted in memory by Pulumi's engine, or taken from the environment. */
import { execa } from "execa";
import type { PrismCentralLogin } from "../../prism-central/prism-transport.ts";
import { Secret } from "../../prism-central/secret.ts";
import { findTools } from "../../sandbox/ensure-tools.ts";
import { engineEnvironment } from "../engine/engine.ts";
import { PROJECT } from "./paths.ts";
import type { StackConfiguration } from "./stack-config.ts";
import { usesSandbox } from "./stack-file.ts";

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
  const { paths } = await findTools(["pulumi"]);
  if (paths.pulumi === undefined) return { logins: new Map(), reason: "the Pulumi CLI is not on PATH" };
  const args = ["config", "--show-secrets", "--json", "--stack", stack, "--non-interactive"];
  const env = usesSandbox(stack) ? engineEnvironment() : {};
  const { stdout, stderr, failed } = await execa(paths.pulumi, args, { cwd: PROJECT, env, reject: false });
  if (failed) return { logins: new Map(), reason: `Pulumi failed: ${firstError(stderr)}` };
  const { objectValue } =
    (JSON.parse(stdout) as Record<string, { objectValue?: ConfiguredLogins }>)[`${project}:credentials`] ?? {};
  const entries = Object.entries(objectValue ?? {});
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

/** The first line of Pulumi's error, without secrets. */
function firstError(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^error: /, "").trim());
  return lines.find((line) => line !== "") ?? "nothing";
}
