/** Prism Central behind a real HTTP CONNECT proxy on this machine. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { PRISM_CENTRAL_CHECKS } from "../../../preflight/prism-central/index.ts";
import { type PrismCentralStandIn, startPrismCentral } from "../../../sandbox/prism-central/stand-in-server.ts";
import { reportLines } from "./check-context.ts";
import {
  certificate,
  type PrismCentralScenario,
  prismCentralStack,
  SECRETS,
  scenarioContext,
  validState,
} from "./prism-central-scenario.ts";

const NAMES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];
const LOGIN = "user:canary-of-the-proxy";
const SERVER = "prism-central.example.com:9440";
const [RESOLVES, ANSWERS, LOGS_IN, IMAGE] = [
  "prism-central-name-resolves",
  "prism-central-port-answers",
  "prism-central-authentication-succeeds",
  "image-exists",
] as const;
const CHECKS = PRISM_CENTRAL_CHECKS.filter(({ id }) => [RESOLVES, ANSWERS, LOGS_IN, IMAGE].some((one) => one === id));

type ProxyBehaviour = "open" | "silent" | "reset" | "login" | number;

/** Tunnels to one port of this machine, or behaves otherwise. */
async function startProxy(behaviour: ProxyBehaviour, to: number) {
  const targets: string[] = [];
  const open = new Set<{ destroy(): unknown }>();
  const server = createServer();
  server.on("connection", (socket) => open.add(socket));
  server.on("connect", (request, socket, head) => {
    targets.push(request.url ?? "");
    socket.on("error", () => undefined);
    const isKnown = request.headers["proxy-authorization"] === `Basic ${Buffer.from(LOGIN).toString("base64")}`;
    if (behaviour === "silent") return;
    if (behaviour === "reset") return void socket.destroy();
    const status = typeof behaviour === "number" ? behaviour : behaviour === "login" && !isKnown ? 407 : undefined;
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const tunnel = connect(to, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      tunnel.write(head);
      tunnel.pipe(socket).pipe(tunnel);
    });
    open.add(tunnel.on("error", () => socket.destroy()));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = () => {
    for (const one of open) one.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, targets, close };
}

describe("Prism Central behind a proxy", () => {
  const before = new Map(NAMES.map((name) => [name, process.env[name]]));
  let standIn: PrismCentralStandIn;

  beforeEach(async () => {
    for (const name of NAMES) delete process.env[name];
    standIn = await startPrismCentral({ state: validState(), certificate: certificate("good") });
  });

  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await standIn.close();
  });

  /** The lines of the four checks, with PROXY in place of the proxy's address. */
  async function linesWith(scenario: PrismCentralScenario, proxy: string): Promise<string[]> {
    const lines = await reportLines(CHECKS, scenarioContext({ clusters: ["demo"], ...scenario }, undefined));
    for (const secret of [...SECRETS, "canary-of-the-proxy"]) assert.ok(!lines.join().includes(secret));
    return lines.map((line) => line.replaceAll(proxy, "PROXY"));
  }

  async function linesBehind(behaviour: ProxyBehaviour, scenario: PrismCentralScenario = {}, login = "") {
    const { port, targets, close } = await startProxy(behaviour, standIn.port);
    process.env["HTTPS_PROXY"] = `http://${login}127.0.0.1:${port}`;
    try {
      return { lines: await linesWith(scenario, `127.0.0.1:${port}`), targets };
    } finally {
      close();
    }
  }

  const PASSED = [
    `${RESOLVES}: pass: ${SERVER} is resolved by the proxy PROXY`,
    `${ANSWERS}: pass: ${SERVER} answers, through the proxy PROXY`,
    `${LOGS_IN}: pass: ${SERVER} accepts credentials.global`,
    `${IMAGE} [demo]: pass: image "ubuntu-22.04-k0s" is 00000003-0000-4000-8000-000000000001`,
  ];
  /** The lines of a proxy that fails. */
  const failed = (message: string, remedy = "start the proxy, correct HTTPS_PROXY, or add the address to NO_PROXY") => [
    `${RESOLVES}: inconclusive: not reached: ${message}; ${remedy}`,
    `${ANSWERS}: fail: ${message}; ${remedy}`,
    `${LOGS_IN}: inconclusive: not reached: ${message}; ${remedy}`,
    `${IMAGE} [demo]: inconclusive: ${message}`,
  ];

  it("passes, and its certificate is verified", async () => {
    const { lines, targets } = await linesBehind("open");
    assert.deepEqual(lines, PASSED);
    assert.deepEqual([...new Set(targets)], [SERVER]);
    const untrusted = await linesBehind("open", { bundle: certificate("untrusted") });
    assert.ok(untrusted.lines[2]?.startsWith(`${LOGS_IN}: inconclusive: not reached: the certificate of ${SERVER} is`));
  });

  it("passes with the login of HTTPS_PROXY", async () => {
    assert.deepEqual((await linesBehind("login", {}, `${LOGIN}@`)).lines, PASSED);
  });

  const allow = `allow ${SERVER} on the proxy, or add it to NO_PROXY`;
  const failures: [title: string, behaviour: ProxyBehaviour, lines: string[]][] = [
    [
      "requires a login",
      "login",
      failed("the proxy PROXY requires a login (407)", "set it in HTTPS_PROXY: http://user:password@host:port"),
    ],
    ["forbids it", 403, failed(`the proxy PROXY does not allow this machine to connect to ${SERVER} (403)`, allow)],
    ["does not reach it", 502, failed(`the proxy PROXY cannot connect to ${SERVER} (502)`, allow)],
    ["closes the connection", "reset", failed("the proxy PROXY closes the connection")],
    [
      "does not respond, after one timeout",
      "silent",
      failed("the proxy PROXY accepts a request and does not respond in time"),
    ],
  ];
  for (const [title, behaviour, lines] of failures) {
    it(`fails where the proxy ${title}`, async () => {
      const start = Date.now();
      assert.deepEqual((await linesBehind(behaviour, { transport: { responseTimeout: 1 } })).lines, lines);
      assert.ok(Date.now() - start < 4000);
    });
  }

  it("fails where the proxy is down, or its name does not resolve", async () => {
    process.env["HTTPS_PROXY"] = "http://127.0.0.1:9";
    const refused = "the proxy PROXY is not reachable: the connection is refused (ECONNREFUSED)";
    assert.deepEqual(await linesWith({}, "127.0.0.1:9"), failed(refused));
    process.env["HTTPS_PROXY"] = `http://${LOGIN}@no-such-proxy.invalid:3128`;
    const [line] = await linesWith({}, "no-such-proxy.invalid:3128");
    assert.match(line ?? "", /: inconclusive: not reached: the proxy PROXY does not resolve \((ENOTFOUND|EAI_AGAIN)\)/);
  });

  it("passes without it where NO_PROXY has the address", async () => {
    process.env["NO_PROXY"] = "other.example.com,localhost";
    const stack = prismCentralStack((settings) => {
      settings["prismCentral"] = { address: "localhost", port: standIn.port, insecure: true };
    });
    const { lines, targets } = await linesBehind(403, { stack });
    assert.deepEqual(lines.slice(0, 2), [
      `${RESOLVES}: pass: localhost:${standIn.port} resolves`,
      `${ANSWERS}: pass: localhost:${standIn.port} answers`,
    ]);
    assert.deepEqual(targets, []);
  });
});
