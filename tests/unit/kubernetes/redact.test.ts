import assert from "node:assert/strict";
import { redactedJson, redactedObject, redactor, secretsIn } from "../../../kubernetes/redact.ts";
import { assertLinear } from "../../support/growth.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("what is shown of secrets", () => {
  it("knows the passwords inside a Secret, and not its addresses", () => {
    const credentials = JSON.stringify([
      { type: "basic_auth", data: { prismCentral: { username: "svc", password: 'p"a\\ss' } } },
    ]);
    assert.ok(secretsIn({ credentials: base64(credentials) }).includes('p"a\\ss'));
    const variables = { NUTANIX_ENDPOINT: base64("pc.example.com"), NUTANIX_PASSWORD: base64("Pa55word!") };
    assert.deepEqual(secretsIn(variables), ["Pa55word!"]);
    const kubeconfig = "users:\n- name: me\n  user: { token: abcdefgh1234 }\n";
    assert.ok(secretsIn({ value: base64(kubeconfig) }).includes("abcdefgh1234"));
  });

  it("masks a known secret in each of its spellings", () => {
    const secret = 'new "Pa55" \\ of edge';
    const redact = redactor([secret]);
    for (const text of [secret, JSON.stringify(secret), encodeURIComponent(secret), base64(`login ${secret} here`)])
      assert.ok(redact(text).includes("[redacted]"), redact(text));
  });

  it("masks what looks like a secret, and leaves what explains", () => {
    const redact = redactor([]);
    const cases: readonly (readonly [string, string])[] = [
      ['{"username":"svc","password":"hunter2 \\" more"}', '{"username":"svc","password":"[redacted]"}'],
      ["NUTANIX_PASSWORD=hunter2 NUTANIX_PORT=9440", "NUTANIX_PASSWORD=[redacted] NUTANIX_PORT=9440"],
      ["with svc://svc:hunter2@x in it", "with svc://[redacted]@x in it"],
      ["https://svc:hunter2@pc.example.com/x", "https://[redacted]@pc.example.com/x"],
      ["Authorization: Bearer abcdef0123456789", "Authorization: Bearer [redacted]"],
      ["token: abc123", "token: [redacted]"],
      ["token: [redacted]", "token: [redacted]"],
      ["redis://:hunter2@host:6379", "redis://[redacted]@host:6379"],
      ["https://u:pa/ss@w@host/x", "https://[redacted]@host/x"],
      ["https://10.0.0.1:9440/x?to=a@b", "https://10.0.0.1:9440/x?to=a@b"],
      ["login --db-password hunter2 -v", "login --db-password [redacted] -v"],
      ["client_secret=hunter2&x=1", "client_secret=[redacted]"],
      ["<password>hunter2</password>", "<password>[redacted]"],
      ["pass: |\n  hunter2", "pass: |\n  [redacted]"],
      ['secrets "nutanix-creds" not found', 'secrets "nutanix-creds" not found'],
      ["failed to get Secret kcm-system/x: not found", "failed to get Secret kcm-system/x: not found"],
    ];
    for (const [text, shown] of cases) assert.equal(redact(text), shown);
  });

  it("masks a known secret however it is encoded or broken into lines", () => {
    const secret = "größe <&> a+b/c='d' 100%41";
    const bytes = Buffer.from(secret);
    const percent = encodeURIComponent(secret).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
    const spellings = [
      "gr\\u00f6\\u00dfe \\u003c\\u0026\\u003e a+b/c='d' 100%41",
      "größe &lt;&amp;&gt; a+b/c=&#39;d&#x27; 100%41",
      secret.replaceAll("'", "'\\''"),
      secret.normalize("NFD"),
      ...[percent, percent.toLowerCase(), percent.replaceAll("%20", "+")],
      ...[bytes.toString("base64url"), bytes.toString("base64").replace(/.{8}/g, "$&\n")],
      ...[bytes.toString("hex").toUpperCase(), bytes.join(" ")],
    ];
    for (const text of spellings) assert.match(redactor([secret])(`<<${text}>>`), /^<<\[redacted\][^>]{0,6}>>$/, text);
  });

  it("masks a line of a key, and keeps the structure of JSON", () => {
    const line = "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY";
    const redact = redactor([`-----BEGIN KEY-----\n${line}\nAA==\n-----END KEY-----`]);
    assert.equal(redact(`log: ${line}`), "log: [redacted]");
    const value = { a: "token: 'abc", b: "-----BEGIN PRIVATE KEY----- x", c: "it's fine" };
    assert.deepEqual(JSON.parse(redactedJson(value, redact)), {
      a: "token: [redacted]",
      b: "[redacted]",
      c: "it's fine",
    });
  });

  it("knows what a Secret holds in YAML, files of variables and logins of one line", () => {
    const texts = [
      "password: 'hunter2, {it}'\nx: y",
      "password: hunter2, {it}\n",
      "password: >-\n  hunter2, {it}\n",
      "NUTANIX_PASSWORD=hunter2, {it}\nA=b",
      "passphrase: hunter2, {it}\n",
    ];
    for (const text of texts) assert.ok(secretsIn({ x: base64(text) }).includes("hunter2, {it}"), text);
    assert.ok(secretsIn({ key: base64("10.0.0.1:9440:admin:hunter2") }).includes("hunter2"));
  });

  it("masks a secret of several lines also where a message has it on one", () => {
    const secret = "first line\nsecond line\n";
    const redact = redactor([secret, "hunter2hunter2\n"]);
    const masked = ["first line\nsecond line", "first line second line", "first line; second line"];
    for (const text of [...masked, JSON.stringify(secret.trim()).slice(1, -1), "hunter2hunter2"])
      assert.equal(redact(`x ${text} y`), "x [redacted] y");
  });

  it("takes time in proportion to the text, whatever it is, and hardly more for many secrets", () => {
    const words = [
      "a",
      "eyJ-",
      "https://",
      "token:",
      "-----BEGIN ",
      "password ",
      'token="\\',
      "://a:",
      "secret",
      "\\u0026",
      "://",
    ];
    const redact = redactor(Array.from({ length: 2_000 }, (_, index) => `secret of cluster ${index}`));
    for (const word of words) {
      assertLinear([160_000, 640_000], (size) => {
        const text = word.repeat(size / word.length);
        return () => [redact(text), secretsIn({ x: base64(text) })];
      });
    }
  });

  it("takes data, managed fields, annotations of others and texts under secret keys out of an object", () => {
    const object = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "x",
        managedFields: [{}],
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "all", "cluster.x-k8s.io/paused": "true" },
      },
      data: { credentials: "c2VjcmV0" },
      spec: {
        ...{ authPass: "12345678", secretName: "x", files: [{ path: "/etc/x", content: "key" }] },
        ...{ env: [{ name: "DB_PASSWORD", value: "x" }], args: ["--db-password", "x"], password: 1, passwords: ["x"] },
      },
    };
    assert.deepEqual(
      redactedObject(object as never, (text) => text),
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
          name: "x",
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration": "[redacted]",
            "cluster.x-k8s.io/paused": "true",
          },
        },
        data: { credentials: "[redacted]" },
        spec: {
          ...{ authPass: "[redacted]", secretName: "x", files: [{ path: "/etc/x", content: "[redacted]" }] },
          ...{ env: [{ name: "DB_PASSWORD", value: "[redacted]" }], args: ["--db-password", "[redacted]"] },
          ...{ password: "[redacted]", passwords: ["[redacted]"] },
        },
      },
    );
  });
});
