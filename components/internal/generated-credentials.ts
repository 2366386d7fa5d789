/** Logins whose passwords the stack generates. */
import pulumi from "@pulumi/pulumi";
import type { StoredCredentials } from "../../config/credentials.ts";
import type { Generate } from "../../schema/stack.ts";
import { GeneratedPassword } from "./generated-password.ts";
import { isKnown } from "./known.ts";

interface CredentialSource {
  /** Passwords that the stack generates, by their entry in `credentials`. */
  readonly generated: Readonly<Record<string, Generate>>;
  /** All logins by their entry, a secret. */
  readonly logins: pulumi.Output<StoredCredentials>;
}

/** The stack's logins with the passwords that it generates. */
export class GeneratedCredentials {
  readonly #source: CredentialSource;
  readonly #passwords: Readonly<Record<string, GeneratedPassword>>;

  constructor(source: CredentialSource) {
    this.#source = source;
    const entries = Object.entries(source.generated);
    this.#passwords = Object.fromEntries(
      entries.map(([entry, args]) => [entry, new GeneratedPassword(`${entry}-password`, args)]),
    );
  }

  /** A login with the current password, where the stack generates it. */
  complete<T extends { readonly entry: string; readonly password: pulumi.Output<string> }>(login: T): T {
    return { ...login, password: this.#passwords[login.entry]?.current ?? login.password };
  }

  /** All logins, with the generated passwords as far as they are known: a preview does not know those that it would create. */
  async known(): Promise<pulumi.Output<StoredCredentials>> {
    const known: [string, pulumi.Output<string>][] = [];
    for (const [entry, { current }] of Object.entries(this.#passwords)) {
      if (await isKnown(current)) known.push([entry, current]);
    }
    const passwords = pulumi.all(Object.fromEntries(known));
    return pulumi.all([this.#source.logins, passwords]).apply(([all, generated]) => {
      const logins = Object.entries(all);
      return Object.fromEntries(
        logins.map(([entry, login]) => [entry, { ...login, password: generated[entry] ?? login.password }]),
      );
    });
  }

  /** The stack output `passwords`, a secret: what to set in Prism Central. None where the stack generates none. */
  outputs(): Record<string, unknown> {
    const entries = Object.entries(this.#passwords).map(([entry, { current, next, former }]) => [
      entry,
      { revision: this.#source.generated[entry]?.revision, current, next, former },
    ]);
    return entries.length === 0 ? {} : { passwords: pulumi.secret(Object.fromEntries(entries)) };
  }
}
