import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a process of its own, with no passphrase about. */
async function render(...words: readonly string[]): Promise<Run> {
  const { PULUMI_CONFIG_PASSPHRASE: _, PULUMI_CONFIG_PASSPHRASE_FILE: __, ...env } = process.env;
  const command = [join(ROOT, "cli/main.ts"), "render", ...words];
  return new Promise((done) => {
    execFile(process.execPath, command, { cwd: ROOT, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("render of the dev stack", () => {
  let first: Run;
  before(async function () {
    this.timeout(60_000);
    first = await render("--stack", "dev");
  });

  it("needs neither passphrase nor cluster", () => {
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /^\d+ policies evaluated, 0 violations\n\d+ manifests/);
  });

  it("writes the same bytes again", async () => {
    assert.equal((await render("--stack", "dev")).stdout, first.stdout);
  }).timeout(60_000);

  it("shows no secret, no ciphertext and no path of this machine", async () => {
    const stack = await readFile(join(ROOT, "Pulumi.dev.yaml"), "utf8");
    for (const [, ciphertext = ""] of stack.matchAll(/\bsecure: (v1:\S+)/g))
      assert.ok(!first.stdout.includes(ciphertext));
    assert.ok(!/v1:[\w+/=]+:/.test(first.stdout), "ciphertext is shown");
    assert.ok(!/svc-(capx|edge)@/.test(first.stdout), "a user is shown");
    assert.ok(!first.stdout.includes(ROOT));
  });

  it("marks each secret by its object and its key", () => {
    const marks = [...first.stdout.matchAll(/\[secret ([^\]]+)\]/g)].map(([, mark]) => mark);
    assert.deepEqual([...new Set(marks)].sort(), [
      "demo-encryption-at-rest/encryption-config.yaml",
      "demo-nutanix-identity/credentials",
      "edge-capx-credentials/credentials",
      "edge-encryption-at-rest/encryption-config.yaml",
      "edge-nutanix-identity/credentials",
      "nutanix-creds/NUTANIX_ADDITIONAL_TRUST_BUNDLE",
      "nutanix-creds/NUTANIX_ENDPOINT",
      "nutanix-creds/NUTANIX_INSECURE",
      "nutanix-creds/NUTANIX_PASSWORD",
      "nutanix-creds/NUTANIX_PORT",
      "nutanix-creds/NUTANIX_USER",
      "nutanix-creds/credentials",
    ]);
  });

  it("writes one file an object, and removes what an earlier render left", async () => {
    const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-render-"));
    try {
      assert.equal((await render("--stack", "dev", "--out", folder)).code, 0);
      const files = (await readdir(folder)).sort();
      assert.deepEqual(files, [
        "clusterdeployment-demo.yaml",
        "clusterdeployment-edge.yaml",
        "configmap-nutanix-charts.yaml",
        "credential-demo-nutanix.yaml",
        "credential-edge-nutanix.yaml",
        "management-kcm.yaml",
        "namespace-kcm-system.yaml",
        "release-kcm.yaml",
        "release-nutanix-capx.yaml",
        "secret-demo-encryption-at-rest.yaml",
        "secret-demo-nutanix-identity.yaml",
        "secret-edge-capx-credentials.yaml",
        "secret-edge-encryption-at-rest.yaml",
        "secret-edge-nutanix-identity.yaml",
        "secret-nutanix-creds.yaml",
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }).timeout(60_000);
});

describe("render of a stack that is not there", () => {
  it("says so in a sentence, and exits with 2", async () => {
    const { code, stdout, stderr } = await render("--stack", "nowhere");
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^--stack: "nowhere" has no stack file .*Pulumi\.nowhere\.yaml; /);
  }).timeout(60_000);
});
