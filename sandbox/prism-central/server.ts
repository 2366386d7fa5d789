/** A Prism Central of our own: HTTPS, both APIs, and faults on demand. It only answers; nothing can be written to it. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { answerOfV3, errorOfV3 } from "./api-v3.ts";
import { type Answer, answerOfV4, errorOfV4 } from "./api-v4.ts";
import type { StandInUser, World } from "./fixture.ts";

/** What goes wrong with calls whose path (with query, for lists of the v3 API with ` <offset>`) matches. */
export interface Fault {
  readonly on: RegExp;
  /** Answers with this status in place of the answer. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Cuts the connection in place of an answer. */
  readonly cut?: boolean;
  /** Milliseconds before the answer; Infinity: never. */
  readonly delay?: number;
  /** This text in place of the answer. */
  readonly text?: string;
  /** An empty page in place of the page. */
  readonly emptied?: boolean;
  /** How many calls it strikes. @default all */
  readonly times?: number;
}

export interface StandInOptions {
  readonly world: World;
  /** PEM text of certificate and key. */
  readonly certificate: string;
  readonly faults?: readonly Fault[];
  /** Milliseconds for every call. @default 0 */
  readonly latency?: number;
  /** Seconds that its clock is ahead. @default 0 */
  readonly clockAhead?: number;
  /** @default a free one */
  readonly port?: number;
}

export interface StandIn {
  readonly port: number;
  /** Every call in order, as `GET /path?query` or `POST /path offset`. */
  readonly calls: readonly string[];
  /** Connections that were made to it. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. */
export async function startPrismCentral(options: StandInOptions): Promise<StandIn> {
  const calls: string[] = [];
  const struck = new Map<Fault, number>();
  let connections = 0;
  const server = createServer({ cert: options.certificate, key: options.certificate }, (request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  server.on("connection", () => connections++);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parsed(await textOf(request));
    const url = new URL(request.url ?? "/", "https://prism-central.example.com");
    const offset = request.method === "POST" ? ` ${(body as { offset?: number } | undefined)?.offset ?? 0}` : "";
    const call = `${request.method} ${request.url}${offset}`;
    calls.push(call);
    const fault = options.faults?.find((one) => one.on.test(call) && (struck.get(one) ?? 0) < (one.times ?? Infinity));
    if (fault !== undefined) struck.set(fault, (struck.get(fault) ?? 0) + 1);
    const delay = (options.latency ?? 0) + (fault?.delay ?? 0);
    if (delay === Infinity) return;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    if (fault?.cut) {
      request.socket.destroy();
      return;
    }
    const user = userOf(request, options.world);
    const right = user === undefined ? rejected() : (rightAnswer(options.world, { url, body, user }) ?? notFound(url));
    const { status, body: said } = fault === undefined ? right : faulty(fault, right, url);
    response.writeHead(status, {
      "content-type": "application/json",
      date: new Date(Date.now() + (options.clockAhead ?? 0) * 1000).toUTCString(),
      "x-ntnx-product": `pc.${options.world.version}`,
      ...fault?.headers,
    });
    response.end(fault?.text ?? JSON.stringify(said));
  }

  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function rightAnswer(
  world: World,
  { url, body, user }: { url: URL; body: unknown; user: StandInUser },
): Answer | undefined {
  return answerOfV4(world, url) ?? answerOfV3(world, { path: url.pathname, body, user });
}

function faulty({ status, emptied }: Fault, right: Answer, { pathname }: URL): Answer {
  if (emptied) return { ...right, body: { ...(right.body as object), data: [], entities: [] } };
  if (status === undefined) return right;
  const isV4 = pathname.includes("/v4.");
  const body = isV4 ? errorOfV4(`STAND-IN-${status}`, "as asked") : errorOfV3(status, `STAND_IN_${status}`, "as asked");
  return { status, body };
}

function userOf({ headers }: IncomingMessage, { users }: World): StandInUser | undefined {
  const [, encoded = ""] = /^Basic (.+)$/.exec(headers.authorization ?? "") ?? [];
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  return users.find(({ username, password }) => pair === `${username}:${password}`);
}

function rejected(): Answer {
  return { status: 401, body: errorOfV3(401, "AUTHENTICATION_REQUIRED", "Authentication required.") };
}

function notFound({ pathname }: URL): Answer {
  return { status: 404, body: errorOfV3(404, "NOT_FOUND", `${pathname} is not here`) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
