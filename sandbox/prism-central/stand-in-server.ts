/** A read-only stand-in of Prism Central: HTTPS, the v4 API, what is left of v3, and injected faults. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { jsonOf } from "../../policy/rules/plain-values.ts";
import { errorV3, respondV3 } from "./api-v3.ts";
import { errorV4, respondV4, type StandInResponse } from "./api-v4.ts";
import type { StandInState, StandInUser } from "./stand-in-state.ts";

/** A fault of the requests whose path (with query, for lists of the v3 API with ` <offset>`) matches. */
export interface InjectedFault {
  readonly on: RegExp;
  /** Responds with this status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Closes the connection. */
  readonly close?: boolean;
  /** Milliseconds before the response; Infinity: never. */
  readonly delay?: number;
  /** Responds with this text. */
  readonly text?: string;
  /** Responds with an empty page. */
  readonly empty?: boolean;
  /** Number of requests with this fault. @default all */
  readonly times?: number;
}

export interface PrismCentralStandInOptions {
  readonly state: StandInState;
  /** PEM text of certificate and key. */
  readonly certificate: string;
  readonly faults?: readonly InjectedFault[];
  /** Milliseconds for every request. @default 0 */
  readonly latency?: number;
  /** Seconds that its clock is ahead. @default 0 */
  readonly clockAhead?: number;
  /** @default a free one */
  readonly port?: number;
}

export interface PrismCentralStandIn {
  readonly port: number;
  /** Every request in order, as `GET /path?query` or `POST /path offset`. */
  readonly requests: readonly string[];
  /** Number of connections. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. */
export async function startPrismCentral(options: PrismCentralStandInOptions): Promise<PrismCentralStandIn> {
  const requests: string[] = [];
  const counts = new Map<InjectedFault, number>();
  let connections = 0;
  const server = createServer({ cert: options.certificate, key: options.certificate }, (request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  server.on("connection", () => connections++);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = jsonOf(await text(request));
    const url = new URL(request.url ?? "/", "https://prism-central.example.com");
    const offset = request.method === "POST" ? ` ${(body as { offset?: number } | undefined)?.offset ?? 0}` : "";
    const line = `${request.method} ${request.url}${offset}`;
    requests.push(line);
    const fault = options.faults?.find((one) => one.on.test(line) && (counts.get(one) ?? 0) < (one.times ?? Infinity));
    if (fault !== undefined) counts.set(fault, (counts.get(fault) ?? 0) + 1);
    const delay = (options.latency ?? 0) + (fault?.delay ?? 0);
    if (delay === Infinity) return;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    if (fault?.close) {
      request.socket.destroy();
      return;
    }
    const user = userOf(request, options.state);
    const normal = user === undefined ? unauthorized() : (respond(options.state, { url, body, user }) ?? notFound(url));
    const { status, body: payload } = fault === undefined ? normal : faulty(fault, normal, url);
    response.writeHead(status, {
      "content-type": "application/json",
      date: new Date(Date.now() + (options.clockAhead ?? 0) * 1000).toUTCString(),
      "x-ntnx-product": `pc.${options.state.version}`,
      ...fault?.headers,
    });
    response.end(fault?.text ?? JSON.stringify(payload));
  }

  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function respond(
  state: StandInState,
  { url, body, user }: { url: URL; body: unknown; user: StandInUser },
): StandInResponse | undefined {
  return respondV4(state, url) ?? respondV3(state, { path: url.pathname, body, user });
}

function faulty({ status, empty }: InjectedFault, normal: StandInResponse, { pathname }: URL): StandInResponse {
  if (empty) return { ...normal, body: { ...(normal.body as object), data: [], entities: [] } };
  if (status === undefined) return normal;
  const isV4 = pathname.includes("/v4.");
  const body = isV4 ? errorV4(`STAND-IN-${status}`, "injected") : errorV3(status, `STAND_IN_${status}`, "injected");
  return { status, body };
}

function userOf({ headers }: IncomingMessage, { users }: StandInState): StandInUser | undefined {
  const [, encoded = ""] = /^Basic (.+)$/.exec(headers.authorization ?? "") ?? [];
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  return users.find(({ username, password }) => pair === `${username}:${password}`);
}

function unauthorized(): StandInResponse {
  return { status: 401, body: errorV3(401, "AUTHENTICATION_REQUIRED", "Authentication required.") };
}

function notFound({ pathname }: URL): StandInResponse {
  return { status: 404, body: errorV3(404, "NOT_FOUND", `${pathname} not found`) };
}
