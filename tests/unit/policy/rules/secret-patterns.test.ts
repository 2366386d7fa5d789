import assert from "node:assert/strict";
import { secretsAreNotInPlainText } from "../../../../policy/rules/plain-text-secrets.ts";
import type { PolicyTarget } from "../../../../policy/rules/rule.ts";
import { assertLinear } from "../../../support/growth.ts";

/** The paths that the rule reports of an object. */
function reported(object: object): string[] {
  const all = { apiVersion: "example.com/v1", kind: "App", metadata: { name: "a" }, ...object };
  const targets = [{ at: "App a", object: all as unknown as PolicyTarget["object"] }];
  return secretsAreNotInPlainText
    .check(targets, { environment: "production", settings: {}, now: new Date() })
    .map(({ path }) => path.replace(/^App a /, ""));
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

const SECRETS: readonly [title: string, spec: Record<string, unknown>][] = [
  ["a slash in the password of an address", { proxy: "http://reader:pa/ss@proxy.example.com" }],
  ["braces in the password of an address", { proxy: "http://reader:pa{ss}@proxy.example.com" }],
  ["a dollar in the password of an address", { proxy: "http://reader:$ecret@proxy.example.com" }],
  ["an at sign in the password of an address", { proxy: "http://reader:p@ss@proxy.example.com" }],
  ["a hash in the password of an address", { proxy: "http://reader:pa#s?s@proxy.example.com" }],
  ["digits as the password of an address", { proxy: "http://reader:12345@proxy.example.com" }],
  ["no user in an address", { proxy: "redis://:canary@redis.example.com" }],
  ["a token in place of the user", { repo: "https://0123456789abcdef0123@git.example.com/x" }],
  ["no scheme", { proxy: "reader:canary@proxy.example.com:3128" }],
  ["a template beside the password", { url: "https://{{.User}}:canary@example.com" }],
  ["an environment variable", { env: [{ name: "DB_PASSWORD", value: "canary" }] }],
  ["a Helm parameter", { parameters: [{ key: "auth.clientSecret", value: "canary" }] }],
  ["a file", { files: [{ path: "/etc/app/.password", content: "canary" }] }],
  ["an argument", { args: ["--user", "svc", "--password", "canary"] }],
  ["an argument with its value", { args: ["--token=canary"] }],
  ["the key secret", { secret: "canary" }],
  ["the key pwd", { pwd: "canary" }],
  ["the key dbPwd", { dbPwd: "canary" }],
  ["the key auth", { auth: base64("svc:canary") }],
  ["the key authorization", { headers: { Authorization: "Bearer canary" } }],
  ["the key APP_SECRET", { APP_SECRET: "canary" }],
  ["a list of tokens", { tokens: ["canary"] }],
  ["a number", { password: 12345678 }],
  ["a template around a password", { password: "canary{{ .x }}" }],
  ["a token in a text of values", { values: "auth:\n  token: canary\n" }],
  ["a password in a block of YAML", { values: "password: |\n  canary\n" }],
  ["a docker login in JSON", { text: JSON.stringify({ auths: { r: { auth: base64("svc:canary") } } }) }],
  ["a header in a command", { command: 'curl -H "Authorization: Bearer canary" https://x' }],
  ["a token in a query", { url: "https://example.com/?token=canary" }],
  ["base64 of a private key", { content: base64("-----BEGIN PRIVATE KEY-----\ncanary\n") }],
  ["base64 of a password", { userData: base64("#cloud-config\npassword: canary\n") }],
  ["an argument of a command in a text", { command: "wget --user=svc --password canary" }],
  ["a login of a command", { command: "curl -u svc:canary https://x" }],
  ["a login for sshpass", { command: "sshpass -p canary ssh x" }],
  ["a login for chpasswd", { command: "echo 'ubuntu:canary' | chpasswd" }],
  ["a netrc", { content: "machine x login svc password canary" }],
  ["XML", { text: "<password>canary</password>" }],
  ["JSON in a text of JSON", { text: '{\\"password\\": \\"canary\\"}' }],
  ["a value on the next line", { values: "password:\n  canary\n" }],
  ["a value with an anchor", { values: "password: &p canary\n" }],
  ["a value with a tag", { values: "password: !!str canary\n" }],
  ["a template before a password", { values: "password: {{ .x }}canary\n" }],
  ["the default of a variable", { values: `password: \${X:-canary}\n` }],
  ["a query that is encoded", { url: "https://example.com/?password%3Dcanary" }],
  ["a key with a number", { password2: "canary", values: "# none" }],
  ["a key with a number in a text", { values: "password2: canary" }],
  ["a key with a blank", { "password ": "canary" }],
  ["the key bindPW", { bindPW: "canary" }],
  ["the key ROOT_PW", { ROOT_PW: "canary" }],
  ["the key dbpass", { dbpass: "canary" }],
  ["the key basicAuth", { basicAuth: "svc:canary" }],
  ["the key api.key", { "api.key": "canary" }],
  ["the key psk", { psk: "canary" }],
  ["a value below a key", { password: { value: "canary" } }],
  ["a token of Vault", { note: `hvs.${"a1B2".repeat(6)}` }],
  ["a token of GitHub", { note: `ghp_${"a1B2".repeat(9)}` }],
  ["a JSON web token", { note: `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(20)}` }],
];

const HARMLESS: Record<string, unknown> = {
  proxy: "http://proxy.example.com:3128",
  port: "http://proxy.example.com:3128/a:b@c",
  digest: "oci://registry.example.com:5000/app@sha256:0123456789abcdef",
  tag: "app:v1@sha256:0123456789abcdef",
  image: "example.com/vault/token:v1",
  git: "ssh://git@git.example.com/x",
  user: "https://reader@example.com",
  templated: "https://{{ .user }}:{{ .password }}@example.com",
  variables: `https://\${USER}:\${PASSWORD}@example.com`,
  password: "{{ index .data 'password' }}",
  adminPassword: "",
  token: `Bearer \${TOKEN}`,
  auth: "oauth2",
  authPass: "k3j4h5g6",
  imagePullSecret: "regcred",
  existingSecret: "db",
  secretName: "db",
  registryCredentialSecret: "registry",
  tokenSecretName: "login",
  volumes: [{ secret: { secretName: "db" } }, { projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }],
  env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
  args: ["--password-file", "/run/secrets/db", "--token", "--verbose"],
  values: `password: {{ .password }}\nadminPassword:\nexistingSecret: db\ntoken: \${TOKEN}\n`,
  script: 'TOKEN=$(cat /run/token); PASSWORD="$1"; curl -H "Authorization: Bearer $TOKEN" https://x',
  help: "run it with --token and --password; --user is optional",
  nested: "secret:\n  name: db\nauth:\n  - basic\n",
  expression: "object.token == oldObject.token",
  certificate: base64("just a text that is long enough to be decoded"),
};

describe("secrets in plain text", () => {
  for (const [title, spec] of SECRETS) {
    it(`are reported: ${title}`, () => {
      assert.equal(reported({ spec }).length, 1, JSON.stringify(reported({ spec })));
    });
  }

  for (const [key, value] of Object.entries(HARMLESS)) {
    it(`are not what this is: ${key}`, () => {
      assert.deepEqual(reported({ spec: { [key]: value } }), []);
    });
  }

  it("are reported wherever an object has them", () => {
    assert.deepEqual(reported({ metadata: { name: "a", annotations: { note: "password: canary" } } }), [
      "metadata.annotations.note",
    ]);
    assert.deepEqual(reported({ metadata: { name: "a", labels: { token: "canary" } } }), ["metadata.labels.token"]);
    assert.deepEqual(reported({ binaryData: { x: base64("api-token: canary of a file") } }), ["binaryData.x"]);
    assert.deepEqual(reported({ parameters: { password: "canary" } }), ["parameters.password"]);
    assert.deepEqual(reported({ kind: "Secret", stringData: { password: "canary" } }), ["stringData.password"]);
    assert.deepEqual(reported({ kind: "Release", data: { password: "canary" } }), ["data.password"]);
    assert.deepEqual(reported({ kind: "ConfigMap", apiVersion: "v1", data: { "ca.crt": "password: canary" } }), [
      "data.ca.crt",
    ]);
    const deployment = { apiVersion: "k0rdent.mirantis.com/v1beta1", kind: "ClusterDeployment" };
    const services = [{ name: "app", values: "token: canary\n" }];
    assert.deepEqual(reported({ ...deployment, spec: { serviceSpec: { services } } }), [
      "spec.serviceSpec.services.0.values",
    ]);
  });

  it("are not those of Secrets, their patches, and references to them", () => {
    const stringData = { password: "canary" };
    for (const kind of ["Secret", "SecretPatch", "SecretList"]) {
      assert.deepEqual(reported({ apiVersion: "v1", kind, stringData }), []);
    }
    const references = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" };
    assert.deepEqual(reported({ ...references, spec: { data: [{ secretKey: "password" }] } }), []);
    const sealed = { apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret" };
    assert.deepEqual(reported({ ...sealed, spec: { encryptedData: { password: "AgBy3i4O" } } }), []);
  });

  it("are looked for in linear time", () => {
    const hostile = [
      "a",
      "://",
      "://a:",
      "token",
      "token:",
      "eyJ",
      "{{",
      "${",
      "password: '",
      "A/",
      "-----BEGIN ",
      "-u a",
      "--token ",
      "<token>",
      "login a ",
      "a:b|",
      "password:\n ",
    ];
    for (const part of hostile)
      assertLinear(
        [100_000, 400_000],
        (length) => () => reported({ spec: { text: part.repeat(length / part.length) } }),
      );
  });
});
