import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { changed, condition, healthy } from "../../unit/operations/snapshots.ts";
import { type StandInApi, startStandIn } from "./stand-in-api.ts";

const MAIN = join(import.meta.dirname, "../../../cli/main.ts");
const SECRETS = "/api/v1/namespaces/kcm-system/secrets?fieldSelector=type!%3Dhelm.sh/release.v1";
const PASSWORD = "correct horse battery";
const KEY = "line one of a key\nline two of a key";

describe("commands that show messages of controllers", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-masked-"));
  let api: StandInApi;

  before(async () => {
    const data = Object.fromEntries(
      Object.entries({ password: PASSWORD, "private-key": `${KEY}\n` }).map(([key, text]) => [
        key,
        Buffer.from(text).toString("base64"),
      ]),
    );
    const message = `login with ${PASSWORD} failed:\n${KEY}\u001b[2J`;
    const conditions = [condition("VMProvisioned", "False", { severity: "Error", message })];
    const objects = changed(healthy("v1beta1"), "NutanixMachine/edge-md-x1-b", {
      status: { conditions, failureMessage: message },
    });
    const others = { [SECRETS]: [200, { items: [{ metadata: { name: "x" }, data }] }] as const };
    api = await startStandIn({ objects, others });
  });
  after(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const page = join(folder, "report.html");
  const commands: Record<string, readonly string[]> = {
    status: ["status"],
    "status --json": ["status", "--json"],
    doctor: ["doctor"],
    "doctor --json": ["doctor", "--json"],
    "graph as SVG": ["graph", "--format", "svg"],
    "graph as Mermaid": ["graph", "--format", "mermaid"],
    report: ["report", "--out", page],
  };
  for (const [name, words] of Object.entries(commands)) {
    it(`mask the stack's secrets: ${name}`, async () => {
      const { all, exitCode } = await execa(process.execPath, [MAIN, ...words, "--kubeconfig", api.kubeconfig], {
        reject: false,
        all: true,
      });
      assert.ok(exitCode === 0 || exitCode === 3, all);
      const text = words[0] === "report" ? readFileSync(page, "utf8") : all;
      assert.match(text, name.endsWith("Mermaid") ? /Failed/ : /login with \[redacted\] failed/);
      assert.doesNotMatch(text, /horse|line one|line two/);
      assert.ok(!text.includes("\u001b"));
    });
  }
});
