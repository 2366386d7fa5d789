/** The logins of a stack, opened in memory: by Pulumi's own engine, or out of the environment. */
import { execa } from "execa";
import { Secret } from "../../prism-central/secret.ts";
import type { PrismCentralLogin } from "../../prism-central/transport.ts";
import { findTools } from "../../sandbox/ensure-tools.ts";
import { engineEnvironment } from "../engine/engine.ts";
import { PROJECT } from "./paths.ts";
import type { StackConfiguration } from "./stack-config.ts";
import { leadsToSandbox } from "./stack-file.ts";

export interface OpenedLogins {
  readonly byEntry: ReadonlyMap<string, PrismCentralLogin>;
  /** Why logins are missing, a line each, without a secret. */
  readonly notes: readonly string[];
}

/** A variable's end for an entry of `credentials`: `edge-2` is `EDGE_2`. */
const suffix = (entry: string) => entry.toUpperCase().replaceAll("-", "_");

/** Opens every entry. What cannot be opened is left out, and noted. */
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
      `credentials.${entry}: not opened because ${reason ?? "the stack has no such secret"}; mend that, or set K0RDENT_NUTANIX_PASSWORD_${suffix(entry)}`,
  );
  return { byEntry, notes };
}

function ofEnvironment(entry: string, inFile: string | undefined): PrismCentralLogin | undefined {
  const password = process.env[`K0RDENT_NUTANIX_PASSWORD_${suffix(entry)}`];
  const username = process.env[`K0RDENT_NUTANIX_USERNAME_${suffix(entry)}`] ?? inFile;
  if (password === undefined || username === undefined) return undefined;
  return { entry, username: new Secret(username), password: new Secret(password) };
}

/** A password that the stack makes itself is not among its settings. */
type Credentials = Readonly<Record<string, { username: string; password?: string }>>;

/** Asks the engine for the stack's secrets, with the user's own backend and passphrase; a sandbox's stack has the project's. */
async function ofEngine(
  stack: string,
  project: string,
): Promise<{ logins: Map<string, PrismCentralLogin>; reason?: string }> {
  const { paths } = await findTools(["pulumi"]);
  if (paths.pulumi === undefined) return { logins: new Map(), reason: "there is no Pulumi CLI on PATH" };
  const words = ["config", "--show-secrets", "--json", "--stack", stack, "--non-interactive"];
  const env = leadsToSandbox(stack) ? engineEnvironment() : {};
  const { stdout, stderr, failed } = await execa(paths.pulumi, words, { cwd: PROJECT, env, reject: false });
  if (failed) return { logins: new Map(), reason: `Pulumi says: ${firstError(stderr)}` };
  const { objectValue } =
    (JSON.parse(stdout) as Record<string, { objectValue?: Credentials }>)[`${project}:credentials`] ?? {};
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

/** Pulumi's first line that says what is wrong; it prints no secret when it cannot open one. */
function firstError(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^error: /, "").trim());
  return lines.find((line) => line !== "") ?? "nothing";
}
