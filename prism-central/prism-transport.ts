/** HTTPS to one Prism Central: a bounded number of connections, its trust bundle, a proxy where one is set, and its rate limit. */
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { checkServerIdentity, type PeerCertificate, rootCertificates } from "node:tls";
import { toConnectionError } from "./connection-error.ts";
import { proxiedAgent } from "./proxied-agent.ts";
import type { Secret } from "./secret.ts";

/** A user of one Prism Central. */
export interface PrismCentralLogin {
  /** Name of the login, for messages, which never show the login itself: `global` of `credentials.global`. */
  readonly entry: string;
  readonly username: Secret<string>;
  readonly password: Secret<string>;
}

export interface PrismTransportOptions {
  readonly address: string;
  readonly port: number;
  /** Skips the verification of the certificate. */
  readonly insecure: boolean;
  /** PEM text of CAs beside the public ones; undefined: those alone. */
  readonly bundle: string | undefined;
  /** Undefined: it is not known; requests are sent without one, which Prism Central rejects. */
  readonly login: PrismCentralLogin | undefined;
  /** Seconds to connect. @default 10 */
  readonly connectTimeout?: number;
  /** Seconds until a response begins, and between its parts. @default 15 */
  readonly responseTimeout?: number;
  /** Port of a stand-in on this machine; names and certificates stay those of `address`. @default none */
  readonly standInPort?: number | undefined;
}

/** A request that reads. */
export interface PrismRequest {
  readonly method: "GET" | "POST";
  /** Path with its query. */
  readonly path: string;
  /** Body of a `list` request of the v3 API. */
  readonly body?: object;
}

export interface PrismResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

export interface PrismTransport {
  /** Every response is returned, whatever its status. @throws ConnectionError when there is none */
  send(request: PrismRequest): Promise<PrismResponse>;
  /** `host:port` of the proxy that requests go through; undefined: none. */
  proxy(): string | undefined;
  close(): Promise<void>;
}

/** Connections at a time: few beside the requests that Prism Central allows a user per second. */
const CONNECTIONS = 8;
const ATTEMPTS = 5;
/** Milliseconds. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
const BUSY = [429, 502, 503, 504];
const RESET = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"];

/** Connects on first use. The HTTP client is loaded here, since most runs of the program need none. */
export async function openPrismTransport(options: PrismTransportOptions): Promise<PrismTransport> {
  const { Agent, buildConnector, request } = await import("undici");
  const { address, port, insecure, bundle, connectTimeout = 10, responseTimeout = 15, standInPort } = options;
  const tls = {
    ca: bundle === undefined ? [...rootCertificates] : [...rootCertificates, bundle],
    rejectUnauthorized: !insecure,
    timeout: connectTimeout * 1000,
  };
  const timeout = responseTimeout * 1000;
  const common = { connections: CONNECTIONS, headersTimeout: timeout, bodyTimeout: timeout };
  const { dispatcher, proxy } =
    standInPort === undefined
      ? await proxiedAgent({ ...common, connectTimeout: tls.timeout, connect: tls, requestTls: tls })
      : {
          dispatcher: new Agent({ ...common, connect: redirect(buildConnector, tls, { address, port: standInPort }) }),
          proxy: () => undefined,
        };
  const origin = `https://${address.includes(":") ? `[${address}]` : address}:${port}`;
  /** No request is sent before: a busy Prism Central is left alone by all requests, not only by the one that it rejected. */
  let notBefore = 0;

  async function attempt({ method, path, body }: PrismRequest): Promise<PrismResponse> {
    await sleep(Math.max(0, notBefore - Date.now()));
    const response = await request(`${origin}${path}`, {
      method,
      dispatcher,
      headers: { ...authorization(options.login), accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.statusCode, headers: response.headers, body: parsed(await response.body.text()) };
  }

  async function send(request: PrismRequest): Promise<PrismResponse> {
    for (let count = 1; ; count++) {
      try {
        const response = await attempt(request);
        const isBusy = BUSY.includes(response.status) || (response.status === 500 && count === 1);
        const pause = retryAfter(response) ?? jitter(count);
        // A pause longer than a user waits at a terminal is reported instead.
        if (!isBusy || count === ATTEMPTS || pause > LONGEST_PAUSE) return response;
        notBefore = Math.max(notBefore, Date.now() + pause);
      } catch (error) {
        if (!RESET.includes(codeOf(error)) || count >= 3) throw toConnectionError(error, `${address}:${port}`, proxy());
        await sleep(jitter(count));
      }
    }
  }

  // A pending request must not keep the process alive.
  return { send, proxy, close: () => dispatcher.destroy().catch(() => undefined) };
}

/** The one place where a login is opened. */
function authorization(login: PrismCentralLogin | undefined): { authorization?: string } {
  if (login === undefined) return {};
  const pair = `${login.username.open()}:${login.password.open()}`;
  return { authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` };
}

type BuildConnector = typeof import("undici").buildConnector;

/** A connector to this machine that verifies the certificate of `address`. An IP address is not a server name in TLS. */
function redirect(
  build: BuildConnector,
  tls: Parameters<BuildConnector>[0],
  { address, port }: { address: string; port: number },
): ReturnType<BuildConnector> {
  const checkIdentity = (_: string, certificate: PeerCertificate) => checkServerIdentity(address, certificate);
  const connector = build({ ...tls, checkServerIdentity: checkIdentity });
  const target = { host: "127.0.0.1", hostname: "127.0.0.1", port: String(port) };
  const servername = isIP(address) === 0 ? address : "";
  return (options, callback) => connector({ ...options, ...target, servername }, callback);
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

/** Milliseconds that Prism Central requests, from seconds or a date. */
function retryAfter({ headers }: PrismResponse): number | undefined {
  const text = headers["retry-after"];
  if (typeof text !== "string") return undefined;
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

/** A random pause up to a bound that doubles, so that rejected requests do not come back together. */
function jitter(count: number): number {
  return Math.random() * FIRST_PAUSE * 2 ** count;
}
