/** HTTPS to one Prism Central: few connections, its trust bundle, a proxy where one is set, and its rate limit obeyed. */
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate, rootCertificates } from "node:tls";
import type { Dispatcher } from "undici";
import type { PrismCentralLogin } from "../preflight/check.ts";
import { toConnectionError } from "./connection-error.ts";
import { type ProxiedAgent, proxiedAgent } from "./proxied-agent.ts";

export interface TransportOptions {
  readonly address: string;
  readonly port: number;
  /** Skips the check of the certificate, as CAPX then does. */
  readonly insecure: boolean;
  /** PEM text that CAPX is given beside the public CAs; undefined: those alone. */
  readonly bundle: string | undefined;
  /** Undefined: it is not known here; calls are sent without one, which Prism Central rejects. */
  readonly login: PrismCentralLogin | undefined;
  /** Seconds for a connection to be made. @default 10 */
  readonly connectTimeout?: number;
  /** Seconds for an answer to begin, and between its parts. @default 15 */
  readonly answerTimeout?: number;
  /** Port of this machine that plays Prism Central; names and certificates stay those of `address`. @default none */
  readonly playedBy?: number;
}

/** A call that reads. */
export interface Call {
  readonly method: "GET" | "POST";
  /** Path with its query. */
  readonly path: string;
  /** Body of a `list` call of the v3 API. */
  readonly body?: object;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

export interface Transport {
  /** @throws Broken when there is no answer at all; every answer is returned, whatever its status. */
  send(call: Call): Promise<Reply>;
  /** `host:port` of the proxy that calls go through; undefined: none, or none was made yet. */
  proxy(): string | undefined;
  close(): Promise<void>;
}

/** Connections at a time: enough to be quick, few beside what Prism Central allows a user a second. */
const CONNECTIONS = 8;
const ATTEMPTS = 5;
/** Milliseconds. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
const BUSY = [429, 502, 503, 504];
const CUT = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"];

/** Connects on first use. The client is loaded then, since most runs of the program need none. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const { Agent, buildConnector, request } = await import("undici");
  const { address, port, insecure, bundle, connectTimeout = 10, answerTimeout = 15, playedBy } = options;
  const tls = {
    ca: bundle === undefined ? [...rootCertificates] : [...rootCertificates, bundle],
    rejectUnauthorized: !insecure,
    timeout: connectTimeout * 1000,
  };
  const common = { connections: CONNECTIONS, headersTimeout: answerTimeout * 1000, bodyTimeout: answerTimeout * 1000 };
  const { dispatcher, proxy } =
    playedBy === undefined
      ? await proxiedAgent({ ...common, connectTimeout: tls.timeout, connect: tls, requestTls: tls })
      : played(new Agent({ ...common, connect: elsewhere(buildConnector, tls, { address, port: playedBy }) }));
  const origin = `https://${address.includes(":") ? `[${address}]` : address}:${port}`;
  const place = `${address}:${port}`;
  /** Nobody sends before this moment: a busy Prism Central is left alone by all calls, not only by the one that it turned down. */
  let notBefore = 0;

  async function attempt({ method, path, body }: Call): Promise<Reply> {
    await sleep(notBefore - Date.now());
    const reply = await request(`${origin}${path}`, {
      method,
      dispatcher,
      headers: { ...authorization(options.login), accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.statusCode, headers: reply.headers, body: parsed(await reply.body.text()) };
  }

  async function send(call: Call): Promise<Reply> {
    for (let count = 1; ; count++) {
      try {
        const reply = await attempt(call);
        const isBusy = BUSY.includes(reply.status) || (reply.status === 500 && count === 1);
        const pause = retryAfter(reply) ?? jitter(count);
        // Who is asked to stay away for longer than somebody waits at a terminal stays away, and says so.
        if (!isBusy || count === ATTEMPTS || pause > LONGEST_PAUSE) return reply;
        notBefore = Math.max(notBefore, Date.now() + pause);
      } catch (error) {
        if (!CUT.includes(codeOf(error)) || count >= 3) throw toConnectionError(error, place, proxy());
        await sleep(jitter(count));
      }
    }
  }

  // A call that is under way when nobody waits any more must not keep the process.
  return { send, proxy, close: () => dispatcher.destroy().catch(() => undefined) };
}

/** No proxy is asked for this machine. */
function played(dispatcher: Dispatcher): ProxiedAgent {
  return { dispatcher, proxy: () => undefined };
}

/** The one place where a login is opened. */
function authorization(login: PrismCentralLogin | undefined): { authorization?: string } {
  if (login === undefined) return {};
  const { username, password } = login;
  const pair = Buffer.from(`${username.open()}:${password.open()}`, "utf8").toString("base64");
  return { authorization: `Basic ${pair}` };
}

type BuildConnector = typeof import("undici").buildConnector;
type Connector = ReturnType<BuildConnector>;

/** A connector to this machine which asks for the other's certificate all the same. An IP address is no server name in TLS. */
function elsewhere(
  build: BuildConnector,
  tls: Parameters<BuildConnector>[0],
  { address, port }: { address: string; port: number },
): Connector {
  const servername = isIP(address) === 0 ? address : "";
  const checkIdentity = (_: string, certificate: PeerCertificate) => checkServerIdentity(address, certificate);
  const connector = build({ ...tls, checkServerIdentity: checkIdentity });
  return ((options, callback) =>
    connector(
      { ...options, host: "127.0.0.1", hostname: "127.0.0.1", port: String(port), servername },
      callback,
    )) as Connector;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Milliseconds that Prism Central asks for, in seconds or as a date. */
function retryAfter({ headers }: Reply): number | undefined {
  const text = headers["retry-after"];
  if (typeof text !== "string") return undefined;
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

/** A random pause up to a bound that doubles, so that callers who were turned down together do not come back together. */
function jitter(count: number): number {
  return Math.random() * FIRST_PAUSE * 2 ** count;
}

function sleep(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds));
}
