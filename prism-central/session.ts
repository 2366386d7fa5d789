/** One session with one Prism Central: every question is asked once, whoever asks, and what broke is told to all. */

import { at, list, text } from "../policy/rules/plain-values.ts";
import { Inconclusive } from "../preflight/check.ts";
import { ConnectionError, Forbidden } from "./connection-error.ts";
import { type PrismVersion, prismVersion } from "./prism-version.ts";
import type { Call, Reply, Transport } from "./transport.ts";

/** What the first call, which is the login, told. */
export interface Hello {
  /** Milliseconds that Prism Central's clock is ahead of this machine's; undefined: it sends no Date. */
  readonly clockAhead: number | undefined;
  /** `users/me` of the v3 API; undefined where it may not be read. */
  readonly me: unknown;
  /** `X-Ntnx-Product`, such as `pc.2024.3.0.1`. */
  readonly product: string | undefined;
}

export interface Session {
  /** `address:port`. */
  readonly place: string;
  /** The login. @throws Broken where the connection or the login fails. */
  hello(): Promise<Hello>;
  /** Version of Prism Central. @throws NotKnown where it does not say. */
  version(): Promise<PrismVersion>;
  /**
   * The answer to a call, asked once a session. `what` is in the plural, for texts: `subnets`.
   * Undefined: it is not there (404). @throws Forbidden, Broken or NotKnown.
   */
  ask(what: string, call: Call): Promise<unknown>;
  /** `host:port` of the proxy that calls went through, after the first one. */
  proxy(): string | undefined;
  close(): Promise<void>;
}

interface Identity {
  /** `address:port`. */
  readonly place: string;
  /** Name of the entry of `credentials`: it names the login in texts. */
  readonly entry: string;
  /** Whether the login itself is known here. */
  readonly isKnown: boolean;
}

/** A session over a transport. */
export function openSession({ place, entry, isKnown }: Identity, connect: () => Promise<Transport>): Session {
  const answers = new Map<string, Promise<unknown>>();
  let transport: Promise<Transport> | undefined;
  let opened: Transport | undefined;
  let broken: ConnectionError | undefined;
  let greeting: Promise<Hello> | undefined;
  let told: Promise<PrismVersion> | undefined;

  async function send(call: Call): Promise<Reply> {
    if (broken !== undefined) throw broken;
    transport ??= connect();
    try {
      opened = await transport;
      return await opened.send(call);
    } catch (error) {
      // One call that finds nobody is enough: each further one would cost its own timeout.
      if (error instanceof ConnectionError) broken ??= error;
      throw error;
    }
  }

  async function greet(): Promise<Hello> {
    const reply = await send({ method: "GET", path: "/api/nutanix/v3/users/me" });
    if (!isKnown) {
      broken = new ConnectionError(
        "login",
        `the login credentials.${entry} is not known here`,
        "give it as --help says",
      );
      throw broken;
    }
    if (reply.status === 401) {
      const remedy = `set credentials.${entry} to a user of Prism Central; a user of a directory is written user@domain`;
      broken = new ConnectionError("login", `${place} rejects the login credentials.${entry} (401)`, remedy);
      throw broken;
    }
    if (reply.status >= 429) throw failed("the login", reply, place);
    const date = Date.parse(header(reply, "date") ?? "");
    return {
      clockAhead: Number.isNaN(date) ? undefined : date - Date.now(),
      me: reply.status === 200 ? reply.body : undefined,
      product: header(reply, "x-ntnx-product"),
    };
  }

  async function answer(what: string, call: Call): Promise<unknown> {
    await session.hello();
    const reply = await send(call);
    if (reply.status === 200 && reply.body !== undefined) return reply.body;
    if (reply.status === 404) return undefined;
    if (reply.status === 403) throw new Forbidden(what);
    throw failed(what, reply, place);
  }

  async function findVersion(): Promise<PrismVersion> {
    const { product } = await session.hello();
    const managers = await allowed(
      session.ask("domain managers", { method: "GET", path: "/api/prism/v4.0/config/domain-managers" }),
    );
    const ofV4 = text(at(list(at(managers, "data"))[0], "config", "buildInfo", "version"));
    if (ofV4 !== undefined) return prismVersion(ofV4);
    const central = await allowed(
      session.ask("Prism Central", { method: "GET", path: "/api/nutanix/v3/prism_central" }),
    );
    const version = text(at(central, "resources", "version")) ?? product;
    if (version === undefined)
      throw new Inconclusive(`${place} does not tell its version`, "give the user View Cluster");
    return prismVersion(version);
  }

  const session: Session = {
    place,
    hello: () => {
      greeting ??= greet();
      return greeting;
    },
    version: () => {
      told ??= findVersion();
      return told;
    },
    ask: (what, call) => {
      const key = `${call.method} ${call.path} ${JSON.stringify(call.body ?? null)}`;
      const known = answers.get(key);
      if (known !== undefined) return known;
      const asked = answer(what, call);
      answers.set(key, asked);
      return asked;
    },
    proxy: () => opened?.proxy(),
    close: async () => {
      // A transport that never came has nothing to close.
      await (await transport?.catch(() => undefined))?.close();
    },
  };
  return session;
}

/** Undefined in place of what may not be read: somebody else may tell it. */
async function allowed(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error: unknown) => {
    if (error instanceof Forbidden) return undefined;
    throw error;
  });
}

function header({ headers }: Reply, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function failed(what: string, { status, body }: Reply, place: string): Inconclusive {
  if (status === 200)
    return new Inconclusive(`${place} answers no JSON when asked for ${what}`, "look at what answers there");
  if (status === 429)
    return new Inconclusive(
      `${place} is asked too often, and turned the question for ${what} down (429)`,
      "try again later",
    );
  const code =
    text(at(list(at(body, "data", "error"))[0], "code")) ?? text(at(list(at(body, "message_list"))[0], "reason"));
  const why = code === undefined ? "" : `, ${code}`;
  return new Inconclusive(`${place} could not answer for ${what} (${status}${why})`, "look at Prism Central's health");
}
