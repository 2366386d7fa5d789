import assert from "node:assert/strict";
import { redactedObject, redactor, secretsIn } from "../../../kubernetes/redact.ts";

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
      ['secrets "nutanix-creds" not found', 'secrets "nutanix-creds" not found'],
      ["failed to get Secret kcm-system/x: not found", "failed to get Secret kcm-system/x: not found"],
    ];
    for (const [text, shown] of cases) assert.equal(redact(text), shown);
  });

  it("masks a secret of several lines also where a message has it on one", () => {
    const secret = "first line\nsecond line\n";
    const redact = redactor([secret, "hunter2hunter2\n"]);
    const masked = ["first line\nsecond line", "first line second line", "first line; second line"];
    for (const text of [...masked, JSON.stringify(secret.trim()).slice(1, -1), "hunter2hunter2"])
      assert.equal(redact(`x ${text} y`), "x [redacted] y");
  });

  it("takes time in proportion to the text, whatever it is, and hardly more for many secrets", () => {
    const words = ["a", "eyJ-", "https://", "token:", "-----BEGIN ", "password ", 'token="\\', "://a:"];
    const redact = redactor(Array.from({ length: 2_000 }, (_, index) => `secret of cluster ${index}`));
    for (const word of words) {
      const text = word.repeat(640_000 / word.length);
      const start = Date.now();
      redact(text);
      secretsIn({ x: base64(text) });
      assert.ok(Date.now() - start < 3_000, word);
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
      spec: { authPass: "12345678", secretName: "x", files: [{ path: "/etc/x", content: "key" }] },
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
        spec: { authPass: "[redacted]", secretName: "x", files: [{ path: "/etc/x", content: "[redacted]" }] },
      },
    );
  });
});
