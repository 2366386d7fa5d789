import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type StackFileSettings, withSettings } from "../../../cli/stack/stack-settings.ts";
import { requireTools } from "../../support/skip.ts";

interface EngineValue {
  readonly value: string;
  readonly secret: boolean;
}

const PROJECT = `name: demo
runtime: nodejs
config:
  untyped: { default: { a: 010 } }
  short: 8
  overridden: { type: string, default: project }
  other:region: eu
  credentials: { description: logins }
`;

/** Values that YAML 1.1, YAML 1.2 and JavaScript read differently. */
const VALUES = `encryptionsalt: v1:7G46aPyRGro=:v1:ibkddvLXtjgqnHfs:VF8PD4paatRgtDeVa4avANiRxgPKJQ==
config:
  demo:overridden: stack
  unprefixed: here
  old:config:form: here
  demo:credentials: { global: { username: svc, password: { secure: "v1:kACFRix7e7WcqI8a:9KAjODzbd5y8jyTju8+R3vir24Wlp0eUc4eBOO/uN/Q=" } } }
  demo:empty:
  demo:scalars: [010, 08, -010, +12, 0o10, 0x1F, 0b11, 1_000, 1e3, 1.50, .5, 1., 1:30, 1.2.3, "010", '010', 0, -0, 00, 1__0]
  demo:words: [yes, no, on, off, y, n, true, True, TRUE, "true", null, ~, Null, "", nUll, .a, +, .]
  demo:large: [9223372036854775807, 9223372036854775808, 18446744073709551616, 0xFFFFFFFFFFFFFFFF]
  demo:dates: [2026-10-01, 2026-1-2, 2026-10-01T10:00:00Z, 2026-10-01 10:00:00.50, 2026-10-01T10:00:00+02:00, 2026-13-01, 2026-02-30, 10:00, 2026, 2026-10-01  10:00:00]
  demo:tags: [!!str 010, !!int 010, !!float 1, !mine x, !!bool true, ! 010, ! true, !!binary aGVsbG8=, !!timestamp 2026-01-01, !!omap [a: 1]]
  demo:keys: { 010: octal, 1.5: float, true: boolean, ~: "null", "on": text, on2: x }
  demo:blocks:
    literal: |
      a
        b
    folded: >-
      a
      b
    plain: a
      b # comment
    quoted: "a\\tb\\u00e9"
  demo:base: &base { a: 1, nested: &nested { x: [1, 2] } }
  demo:merged: { <<: *base, a: 2 }
  demo:merges: { <<: [ { a: 1 }, { a: 2, b: 2 } ], c: 3 }
  demo:quotedMerge: { "<<": *base, a: 2 }
  demo:taggedMerge: { !!merge <<: *base, a: 2 }
  demo:textMerge: { !!str <<: *base, a: 2 }
  demo:alias: *nested
  demo:text: "<a> & b"
  demo:scalar: 010
  demo:boolean: yes
  demo:number: 1.50
  demo:secureNumber: { secure: 5 }
`;

const INVALID: Readonly<Record<string, string>> = {
  "an alias to what contains it": "config:\n  demo:a: &a [*a]\n",
  "an alias of nothing": "config:\n  demo:a: *b\n",
  "a key twice": "config:\n  demo:a: 1\n  demo:a: 2\n",
  "a merge of a text": "config:\n  demo:a: { <<: text }\n",
  "an infinite number": "config:\n  demo:a: [.inf]\n",
  "a number of another tag": "config:\n  demo:a: !!int text\n",
  "a key that is a list": "config:\n  demo:a: { [a]: 1 }\n",
  "keys that are one number": "config:\n  demo:a: { 1.0: a, 1: b }\n",
  "a control character": 'config:\n  demo:a: "x\u001b[2J"\n',
  "a line break of YAML 1.1": "config:\n  demo:a: x\u2028y\n",
  "half a character": 'config:\n  demo:a: "\\ud83d\\ude00"\n',
  "YAML of another version": "%YAML 1.2\n---\nconfig:\n  demo:a: 1\n",
  "a key of four parts": "config:\n  demo:a:b:c: 1\n",
  "aliases of aliases": `config:\n  demo:a0: &a0 [x]\n${[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `  demo:a${n}: &a${n} [${`*a${n - 1},`.repeat(10)}]\n`).join("")}`,
};

describe("the configuration of a stack", function () {
  this.timeout(120_000);
  let folder: string;
  let pulumi: (
    ...words: string[]
  ) => Promise<{ readonly stdout: string; readonly stderr: string; readonly failed: boolean }>;

  before(async function () {
    const tools = await requireTools(this, ["pulumi"]);
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-config-"));
    mkdirSync(join(folder, "state"));
    writeFileSync(join(folder, "Pulumi.yaml"), PROJECT);
    const env = {
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "sandbox",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    pulumi = (...words) => execa(tools.pulumi, [...words, "--non-interactive"], { cwd: folder, env, reject: false });
    const { stderr, failed } = await pulumi("stack", "init", "dev");
    assert.ok(!failed, stderr);
  });
  after(() => rmSync(folder ?? "", { recursive: true, force: true }));

  const write = (text: string) => writeFileSync(join(folder, "Pulumi.dev.yaml"), text);
  const ours = (): Promise<StackFileSettings> => withSettings({ stack: "dev", workDir: folder }, (all) => all);
  const parsed = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };

  it("is what Pulumi reads in the same files", async () => {
    write(VALUES);
    const { stdout, stderr, failed } = await pulumi("config", "--json", "--show-secrets", "--stack", "dev");
    assert.ok(!failed, stderr);
    const engine = JSON.parse(stdout) as Record<string, EngineValue>;
    const { config, secretKeys } = await ours();
    assert.deepEqual(Object.keys(config).sort(), Object.keys(engine).sort());
    for (const [key, { value, secret }] of Object.entries(engine)) {
      assert.equal(secretKeys.includes(key), secret, key);
      if (!secret) assert.deepEqual(parsed(config[key] ?? ""), parsed(value), key);
    }
    const { global } = JSON.parse(config["demo:credentials"] ?? "") as { global: object };
    assert.deepEqual(global, { username: "svc", password: "[secret credentials.global.password]" });
  });

  for (const [name, text] of Object.entries(INVALID)) {
    it(`is not read where Pulumi does not read it: ${name}`, async () => {
      write(text);
      const { failed, stderr } = await pulumi("config", "--json", "--stack", "dev");
      assert.ok(failed, "Pulumi reads it");
      assert.doesNotMatch(stderr, /no stack named/);
      await assert.rejects(ours(), { name: "ConfigError", message: /^\S+Pulumi\.dev\.yaml: .+; .+$/ });
    });
  }

  it("is one document: Pulumi drops the others without a word", async () => {
    write("config:\n  demo:a: 1\n---\nconfig:\n  demo:b: 1\n");
    const { stdout } = await pulumi("config", "--json", "--stack", "dev");
    assert.ok(!stdout.includes("demo:b"));
    await assert.rejects(ours(), { message: /it has 2 documents, of which Pulumi reads the first; fix the file$/ });
  });

  it("names what only the engine reads, and why it did not", async () => {
    write("environment: [acme/prod]\nconfig:\n  demo:credentials: { secure: v1:a:b }\n");
    const { config, unread } = await ours();
    assert.match(
      unread[0] ?? "",
      /^environment: not read, since only Pulumi's engine reads it, and .+; fix that, or use pulumi preview$/,
    );
    assert.match(unread[1] ?? "", /^credentials: logins that only Pulumi's engine reads are placeholders/);
    const secret = (part: string) => `[secret credentials.global.${part}]`;
    assert.deepEqual(JSON.parse(config["demo:credentials"] ?? ""), {
      global: { username: secret("username"), password: secret("password") },
    });
  });
});
