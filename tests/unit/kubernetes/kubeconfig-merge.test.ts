import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { expiryOf, loginOf, mergedKubeconfig } from "../../../kubernetes/kubeconfig-merge.ts";
import { kubeconfigTo } from "../../integration/cli/stand-in-api.ts";

const certificate = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../certificates", name)).toString("base64");
const login = (server: string, user: object = {}, cluster: object = {}) =>
  loginOf(kubeconfigTo(server, user, cluster), "Secret x");

describe("a kubeconfig", () => {
  it("is read by its current context, or is none, and its text is not quoted", () => {
    assert.equal(login("https://10.1.1.200:6443").server, "https://10.1.1.200:6443");
    for (const text of ["", "[]", "hunter2: {", "kind: Config", kubeconfigTo(""), kubeconfigTo("file:///etc/passwd")])
      assert.throws(() => loginOf(text, "Secret x"), {
        message: 'kubeconfig: "Secret x" has no valid kubeconfig in its key value; find out what writes it',
      });
  });

  it("out of a Secret is a login and nothing else: the rest is rejected by name", () => {
    const data = { "certificate-authority-data": "Y2E=", "insecure-skip-tls-verify": false, "tls-server-name": "" };
    const user = { "client-certificate-data": certificate("server.pem"), "client-key-data": "a2V5", token: "t" };
    const { cluster, user: taken } = login("https://10.1.1.200:6443/", user, data);
    assert.deepEqual(cluster, { server: "https://10.1.1.200:6443/", "certificate-authority-data": "Y2E=" });
    assert.deepEqual(taken, user);
    const attacks: readonly (readonly [name: string, user: object, cluster: object])[] = [
      ["user.exec", { exec: { command: "touch" } }, {}],
      ["user.auth-provider", { "auth-provider": { name: "x", config: { "cmd-path": "touch" } } }, {}],
      ["user.tokenFile", { tokenFile: "/var/run/token" }, {}],
      ["user.client-key", { "client-key": "/home/me/.ssh/id" }, {}],
      ["user.username, user.password", { username: "me", password: "x" }, {}],
      ["user.as", { as: "admin" }, {}],
      ["user.token", { token: "a\nX-Header: b" }, {}],
      ["user.constructor", { constructor: "x" }, {}],
      ["user.…", { "\u001b]0;x\u0007": "x" }, {}],
      ["cluster.certificate-authority", {}, { "certificate-authority": "/etc/ca" }],
      ["cluster.insecure-skip-tls-verify", {}, { "insecure-skip-tls-verify": true }],
      ["cluster.proxy-url", {}, { "proxy-url": "http://attacker" }],
      ["cluster.tls-server-name", {}, { "tls-server-name": "other" }],
      ["cluster.server", {}, { server: "http://10.1.1.200:6443" }],
      ["cluster.server", {}, { server: "https://me:secret@10.1.1.200:6443" }],
    ];
    for (const [name, user, cluster] of attacks)
      assert.throws(() => login("https://10.1.1.200:6443", user, cluster), {
        problem: "credentials",
        reason: `has ${name}, which may not come from a Secret`,
      });
  });

  it("ends with its client certificate, or its token, or does not say when", () => {
    const of = (user: object) => expiryOf(login("https://x", user));
    assert.deepEqual(of({ "client-certificate-data": certificate("expired.pem") })?.by, "client certificate");
    assert.ok(Date.parse(of({ "client-certificate-data": certificate("expired.pem") })!.at) < Date.now());
    const claims = Buffer.from(JSON.stringify({ exp: 1_900_000_000 })).toString("base64url");
    assert.deepEqual(of({ token: `x.${claims}.y` }), { by: "token", at: "2030-03-17T17:46:40.000Z" });
    for (const user of [{}, { token: "opaque" }, { "client-certificate-data": "bm9uZQ==" }])
      assert.equal(of(user), undefined);
  });

  it("takes others in, under one name each for context, cluster and user, and keeps what is there", () => {
    const logins = new Map([["edge.mine", login("https://10.1.1.201:6443", { token: "t" })]]);
    const fresh = parse(mergedKubeconfig(undefined, logins));
    assert.deepEqual(fresh, {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "edge.mine", cluster: { server: "https://10.1.1.201:6443" } }],
      users: [{ name: "edge.mine", user: { token: "t" } }],
      contexts: [{ name: "edge.mine", context: { cluster: "edge.mine", user: "edge.mine" } }],
      "current-context": "edge.mine",
    });
    const merged = parse(mergedKubeconfig(kubeconfigTo("https://mine"), logins));
    assert.deepEqual(
      merged.contexts.map(({ name }: { name: string }) => name),
      ["k", "edge.mine"],
    );
    assert.equal(merged["current-context"], "k");
    const again = mergedKubeconfig(mergedKubeconfig(kubeconfigTo("https://mine"), logins), logins);
    assert.deepEqual(parse(again), merged, "a second time changes nothing");
  });

  it("does not replace a cluster by another one of its name", () => {
    const existing = mergedKubeconfig(undefined, new Map([["edge.mine", login("https://10.0.0.9:6443")]]));
    assert.throws(() => mergedKubeconfig(existing, new Map([["edge.mine", login("https://10.1.1.201:6443")]])), {
      message: "has another cluster named edge.mine: https://10.0.0.9:6443 instead of https://10.1.1.201:6443",
    });
    assert.throws(() => mergedKubeconfig("a: {", new Map()), { problem: "syntax" });
    for (const other of ["encryptionsalt: v1:x\nconfig: {}\n", '{"name": "package"}'])
      assert.throws(() => mergedKubeconfig(other, new Map()), { message: "is not a kubeconfig" });
  });
});
