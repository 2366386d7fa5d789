import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";
import { contextNames, contextOf, parseKubeconfig, readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import { openTransport } from "../../../kubernetes/transport.ts";
import { waitFor } from "../../../kubernetes/wait.ts";
import { kubeconfigTo } from "../../integration/cli/stand-in-api.ts";

const file = (name: string, server: string, user: object = {}, cluster: object = {}) =>
  stringify({
    clusters: [{ name, cluster: { server, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });

describe("a kubeconfig", () => {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-kubeconfig-"));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is one file, or several joined as in KUBECONFIG: the first entry of a name counts", () => {
    const one = write("one", file("a", "https://one"));
    const two = write("two", file("a", "https://other"));
    const three = write("three", file("b", "https://three/"));
    const joined = readKubeconfig([one, two, join(folder, "missing"), three].join(delimiter));
    assert.deepEqual(contextNames(joined), ["a", "b"]);
    const servers = [undefined, "b"].map((context) => contextOf(parseKubeconfig(joined), context).server);
    assert.deepEqual(servers, ["https://one", "https://three"]);
    assert.deepEqual(contextNames(readKubeconfig(`${delimiter}${three}${delimiter}`)), ["b"], "an empty path is none");
  });

  it("names its files relative to its own folder", () => {
    mkdirSync(join(folder, "below"));
    const user = { "client-certificate": "user.crt", "client-key": "/abs/user.key", exec: { command: "./plugin" } };
    write("below/config", file("a", "https://a", user, { "certificate-authority": "../ca.crt" }));
    const { cluster, user: login } = contextOf(parseKubeconfig(readKubeconfig("below/config", folder)));
    assert.deepEqual(
      [cluster["certificate-authority"], login["client-certificate"], login["client-key"], login["exec"]],
      [
        join(folder, "ca.crt"),
        join(folder, "below/user.crt"),
        "/abs/user.key",
        { command: join(folder, "below/plugin") },
      ],
    );
  });

  it("acts as the user that it names, with groups, uid and extra", async () => {
    const sent: IncomingHttpHeaders[] = [];
    const server = createServer(({ headers }, response) => {
      sent.push(headers);
      response.end("{}");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const user = { token: "t", as: "o", "as-groups": ["g", "h"], "as-uid": "u", "as-user-extra": { "A/b": ["c"] } };
    try {
      await (await openTransport({ kubeconfig: kubeconfigTo(address, user) }, "test")).send({ path: "/" });
    } finally {
      server.close();
    }
    const names = [
      "authorization",
      "impersonate-user",
      "impersonate-group",
      "impersonate-uid",
      "impersonate-extra-a%2fb",
    ];
    assert.deepEqual(
      names.map((name) => sent[0]?.[name]),
      ["Bearer t", "o", "g, h", "u", "c"],
    );
    const groups = kubeconfigTo(address, { token: "t", "as-groups": ["g"] });
    await assert.rejects(openTransport({ kubeconfig: groups }, "test"), { problem: "credentials" });
  });

  it("says what is wrong with it", async () => {
    const missing = join(folder, "missing");
    const message = `kubeconfig: "${missing}" cannot be read (ENOENT); set an existing file`;
    assert.throws(() => readKubeconfig(missing), { name: "KubeconfigError", problem: "missing", message });
    assert.throws(() => readKubeconfig(folder), { problem: "unreadable" });
    for (const text of ["- a list", "{", "kind: Secret", "apiVersion: v2", "clusters: [{name: a}, {name: a}]"])
      assert.throws(() => parseKubeconfig(text), { problem: "syntax" });
    await assert.rejects(openTransport({ kubeconfig: kubeconfigTo("https://a"), context: "x" }, "test"), {
      problem: "context",
      message: 'kubeconfig: has no context "x"; set one of the contexts k',
    });
    const withoutCurrent = kubeconfigTo("https://a").replace(/current-context.*/, "");
    for (const [text, reason] of [
      [withoutCurrent, "has no current-context; set one of the contexts k"],
      ["contexts: []", "has no context; set another file"],
      [kubeconfigTo("10.0.0.1"), 'has for the context "k" a server that is not an address'],
      [kubeconfigTo(""), 'has no server for the context "k"'],
      [
        file("k", "https://a", {}, { "certificate-authority-data": "YQ==", "insecure-skip-tls-verify": true }),
        'has for the context "k" certificate-authority together with insecure-skip-tls-verify',
      ],
      ["contexts: [null]", "has an entry without name in contexts"],
    ] as const)
      await assert.rejects(
        openTransport({ kubeconfig: text }, "test"),
        ({ message }: Error) => message.includes(reason),
        reason,
      );
  });

  it("says in plain words what is wrong with a login", async () => {
    const plugin = (script: string) => {
      const command = write(`plugin-${script.length}`, `#!/bin/sh\n${script}\n`);
      chmodSync(command, 0o755);
      return { exec: { apiVersion: "client.authentication.k8s.io/v1", command, args: [] } };
    };
    const reasonFor = async (user: object) => {
      const client = openTransport({ kubeconfig: kubeconfigTo("https://127.0.0.1:1", user) }, "test");
      const error = await client.then((transport) => transport.send({ path: "/", retries: false })).catch((one) => one);
      assert.equal(error.name, "KubeconfigError");
      assert.equal(error.problem, "credentials");
      return error.reason.replaceAll(folder, "");
    };
    const none = { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-plugin", args: [] } };
    const cases: readonly (readonly [object, RegExp])[] = [
      [none, /credential plugin no-such-plugin: is not installed/],
      [plugin("echo expired >&2; exit 1"), /credential plugin \/plugin-\d+: expired/],
      [plugin("exit 1"), /credential plugin \/plugin-\d+: ended with an error/],
      [plugin("echo no json"), /credential plugin \/plugin-\d+: printed no credential/],
      [plugin("echo '{}'"), /credential plugin \/plugin-\d+: printed no credential/],
      [{ "client-certificate": join(folder, "missing") }, /ENOENT/],
      [{ "client-certificate-data": "bm9uZQ==", "client-key-data": "bm9uZQ==" }, /its credentials cannot be used/],
      [{ token: "a\nb" }, /its credentials cannot be used/],
    ];
    for (const [user, reason] of cases) assert.match(await reasonFor(user), reason);
  });
});

describe("the wait loop", () => {
  it("returns what it waits for, or undefined when the time is up", async () => {
    let calls = 0;
    assert.equal(await waitFor(() => ++calls > 2 && calls, { timeout: 1000, interval: 1 }), 3);
    assert.equal(await waitFor(() => false, { timeout: 5, interval: 1 }), undefined);
  });

  it("ends with its signal", async () => {
    const signal = AbortSignal.timeout(5);
    await assert.rejects(
      waitFor(() => undefined, { timeout: 60_000, interval: 10_000, signal }),
      { name: "AbortError" },
    );
  });
});
