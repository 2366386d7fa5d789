/** Prism Central behind a proxy of HTTP's CONNECT, which is real and on this machine. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { PRISM_CENTRAL_CHECKS } from "../../preflight/prism-central/index.ts";
import { runChecks } from "../../preflight/run-checks.ts";
import { type StandIn, startPrismCentral } from "../../sandbox/prism-central/server.ts";
import { certificate, contextOf, goodStack, goodWorld, linesOf, type Scene, SECRETS } from "./fixture.ts";

const NAMES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];
const LOGIN = "somebody:canary-of-the-proxy";
const PLACE = "prism-central.example.com:9440";
const IDS = [
  "prism-central-name-resolves",
  "prism-central-port-answers",
  "prism-central-authentication-succeeds",
  "image-exists",
];

interface Proxy {
  readonly port: number;
  /** What CONNECT was asked for, in order. */
  readonly asked: readonly string[];
  close(): void;
}

type Manner = "open" | "silent" | "cut" | "login" | number;

/** Leads every tunnel to one port of this machine, or behaves in another manner. */
async function startProxy(manner: Manner, to: number): Promise<Proxy> {
  const asked: string[] = [];
  const open = new Set<{ destroy(): unknown }>();
  const server: Server = createServer();
  server.on("connection", (socket) => open.add(socket));
  server.on("connect", (request, socket, head) => {
    asked.push(request.url ?? "");
    socket.on("error", () => undefined);
    const isKnown = request.headers["proxy-authorization"] === `Basic ${Buffer.from(LOGIN).toString("base64")}`;
    if (manner === "silent") return;
    if (manner === "cut") return void socket.destroy();
    const refused = typeof manner === "number" ? manner : manner === "login" && !isKnown ? 407 : undefined;
    if (refused !== undefined) return void socket.end(`HTTP/1.1 ${refused} No\r\n\r\n`);
    const tunnel = connect(to, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      tunnel.write(head);
      tunnel.pipe(socket).pipe(tunnel);
    });
    open.add(tunnel.on("error", () => socket.destroy()));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () => {
      for (const one of open) one.destroy();
      server.close();
    },
  };
}

describe("Prism Central behind a proxy", () => {
  const before = new Map(NAMES.map((name) => [name, process.env[name]]));
  let standIn: StandIn;

  beforeEach(async () => {
    for (const name of NAMES) delete process.env[name];
    standIn = await startPrismCentral({ world: goodWorld(), certificate: certificate("good") });
  });

  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await standIn.close();
  });

  /** A line for each of the four checks, with PROXY in place of the proxy's address. */
  async function lines(scene: Scene, proxy: string): Promise<string[]> {
    const context = contextOf({ clusters: ["demo"], ...scene, transport: { ...scene.transport, ...NOBODY } }, 0);
    const checks = PRISM_CENTRAL_CHECKS.filter(({ id }) => IDS.includes(id));
    try {
      const seen = await runChecks(checks, context, scene.run);
      for (const secret of [...SECRETS, "canary-of-the-proxy"]) assert.ok(!JSON.stringify(seen).includes(secret));
      return IDS.flatMap((id) => linesOf(seen, id)).map((line) => line.replaceAll(proxy, "PROXY"));
    } finally {
      await context.prismCentrals.close();
    }
  }

  /** Lines, with a proxy of a manner. */
  async function behind(manner: Manner, { login = "", scene = {} }: { login?: string; scene?: Scene } = {}) {
    const proxy = await startProxy(manner, standIn.port);
    process.env["HTTPS_PROXY"] = `http://${login}127.0.0.1:${proxy.port}`;
    try {
      return { lines: await lines(scene, `127.0.0.1:${proxy.port}`), asked: proxy.asked };
    } finally {
      proxy.close();
    }
  }

  const ANSWERED = [
    `- pass: ${PLACE} is resolved by the proxy PROXY`,
    `- pass: ${PLACE} answers, through the proxy PROXY`,
    `- pass: ${PLACE} accepts credentials.global`,
    'demo pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001',
  ];
  /** What a proxy that does not take part makes of the four checks. */
  const ended = (found: string, remedy: string) => [
    `- unknown: not asked: ${found}; ${remedy}`,
    `- fail: ${found}; ${remedy}`,
    `- unknown: not asked: ${found}; ${remedy}`,
    `demo unknown: ${found}`,
  ];

  it("is asked through it, and its certificate is verified all the same", async () => {
    const open = await behind("open");
    assert.deepEqual(open.lines, ANSWERED);
    assert.deepEqual([...new Set(open.asked)], [PLACE]);
    const untrusted = await behind("open", { scene: { bundle: certificate("untrusted") } });
    assert.match(
      untrusted.lines[2] ?? "",
      /^- unknown: not asked: the certificate of prism-central\.example\.com:9440 is/,
    );
  });

  it("is asked through one that wants a login, which stands in HTTPS_PROXY", async () => {
    assert.deepEqual((await behind("login", { login: `${LOGIN}@` })).lines, ANSWERED);
  });

  it("is not reached where the proxy wants a login and gets none", async () => {
    assert.deepEqual(
      (await behind("login")).lines,
      ended(
        "the proxy PROXY wants a login of its own (407)",
        "write it into HTTPS_PROXY: http://user:password@host:port",
      ),
    );
  });

  it("is not reached where the proxy does not let this machine through", async () => {
    assert.deepEqual(
      (await behind(403)).lines,
      ended(
        `the proxy PROXY does not let this machine through to ${PLACE} (403)`,
        `have it let ${PLACE} through, or name it in NO_PROXY`,
      ),
    );
  });

  it("is not reached where the proxy itself does not reach it", async () => {
    assert.deepEqual(
      (await behind(502)).lines,
      ended(`the proxy PROXY does not reach ${PLACE} (502)`, `have it let ${PLACE} through, or name it in NO_PROXY`),
    );
  });

  const MEND = "start it, correct HTTPS_PROXY, or name the address in NO_PROXY";

  it("is not reached where the proxy is down", async () => {
    process.env["HTTPS_PROXY"] = "http://127.0.0.1:9";
    assert.deepEqual(
      await lines({}, "127.0.0.1:9"),
      ended("the proxy PROXY refuses the connection (ECONNREFUSED)", MEND),
    );
  });

  it("is not reached where the proxy's name does not resolve", async () => {
    process.env["HTTPS_PROXY"] = `http://${LOGIN}@no-such-proxy.invalid:3128`;
    const [name] = await lines({}, "no-such-proxy.invalid:3128");
    assert.match(
      name ?? "",
      /^- unknown: not asked: the proxy PROXY does not resolve \((ENOTFOUND|EAI_AGAIN)\); start it/,
    );
  });

  it("is not reached where the proxy cuts the connection", async () => {
    assert.deepEqual((await behind("cut")).lines, ended("the proxy PROXY cuts the connection", MEND));
  });

  it("is not reached where the proxy says nothing, which costs one deadline", async () => {
    const began = Date.now();
    const { lines } = await behind("silent", { scene: { transport: { answerTimeout: 1 } } });
    assert.deepEqual(lines, ended("the proxy PROXY takes a call and does not answer it in time", MEND));
    assert.ok(Date.now() - began < 4000);
  });

  it("is asked without it where NO_PROXY names it", async () => {
    process.env["NO_PROXY"] = "somewhere.example.com,localhost";
    const stack = goodStack((stack) => {
      stack.prismCentral = { address: "localhost", port: standIn.port, insecure: true };
    });
    const { lines, asked } = await behind(403, { scene: { stack } });
    assert.deepEqual(lines.slice(0, 2), [
      `- pass: localhost:${standIn.port} resolves`,
      `- pass: localhost:${standIn.port} answers`,
    ]);
    assert.deepEqual(asked, []);
  });
});

/** Nobody plays Prism Central: connections are made as they would be to a real one. */
const NOBODY = { playedBy: undefined } as object;
