/** Logins whose passwords the stack makes itself. */
import pulumi from "@pulumi/pulumi";
import type { Generate } from "../../schema/stack.ts";
import { GeneratedPassword } from "./generated-password.ts";
import { isKnown } from "./known.ts";
import type { Credentials } from "./run-preflight.ts";

/** Passwords by their entry in `credentials`. */
type Passwords = Readonly<Record<string, GeneratedPassword>>;
type Generated = { readonly generated: Readonly<Record<string, Generate>> };

/** Makes the passwords, or finds them in the state. */
export function generatedPasswords({ generated }: Generated): Passwords {
  const entries = Object.entries(generated);
  return Object.fromEntries(entries.map(([entry, args]) => [entry, new GeneratedPassword(`${entry}-password`, args)]));
}

/** A login with the password in use, where that is one of the passwords made here. */
export function withPassword<T extends { readonly entry: string; readonly password: pulumi.Output<string> }>(
  login: T,
  passwords: Passwords,
): T {
  return { ...login, password: passwords[login.entry]?.current ?? login.password };
}

/** The logins, with the passwords made here as far as they are known: a preview knows none that it would make. */
export async function knownLogins(
  logins: pulumi.Output<Credentials>,
  passwords: Passwords,
): Promise<pulumi.Output<Credentials>> {
  const known: [string, pulumi.Output<string>][] = [];
  for (const [entry, { current }] of Object.entries(passwords)) {
    if (await isKnown(current)) known.push([entry, current]);
  }
  return pulumi
    .all([logins, pulumi.all(Object.fromEntries(known))])
    .apply(([all, made]) =>
      Object.fromEntries(
        Object.entries(all).map(([entry, login]) => [entry, { ...login, password: made[entry] ?? login.password }]),
      ),
    );
}

/** For whoever sets them in Prism Central: the output `passwords`, a secret; none where the stack makes none. */
export function passwordOutputs({ generated }: Generated, passwords: Passwords): Record<string, unknown> {
  const entries = Object.entries(passwords).map(([entry, { current, next, former }]) => [
    entry,
    { revision: generated[entry]?.revision, current, next, former },
  ]);
  return entries.length === 0 ? {} : { passwords: pulumi.secret(Object.fromEntries(entries)) };
}
