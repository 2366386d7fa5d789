import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

  it("says what is wrong with it", async () => {
    const missing = join(folder, "missing");
    const message = `kubeconfig: "${missing}" cannot be read (ENOENT); set an existing file`;
    assert.throws(() => readKubeconfig(missing), { name: "KubeconfigError", problem: "missing", message });
    assert.throws(() => readKubeconfig(folder), { problem: "unreadable" });
    for (const text of ["- a list", "{"]) assert.throws(() => parseKubeconfig(text), { problem: "syntax" });
    await assert.rejects(openTransport({ kubeconfig: kubeconfigTo("https://a"), context: "x" }), {
      problem: "context",
      message: 'kubeconfig: context "x" names no cluster; set one of the contexts k',
    });
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-plugin", args: [] };
    for (const user of [{ exec }, { "client-certificate": missing }])
      await assert.rejects(openTransport({ kubeconfig: kubeconfigTo("https://a", user) }), { problem: "credentials" });
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
