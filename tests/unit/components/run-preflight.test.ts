import assert from "node:assert/strict";
import pulumi from "@pulumi/pulumi";
import { runPreflight } from "../../../components/internal/run-preflight.ts";
import type { StoredCredentials } from "../../../config/credentials.ts";
import { prismCentralStack } from "../preflight/prism-central-scenario.ts";

/** What is logged while something runs, a line each. */
async function logged(run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const before = { info: pulumi.log.info, warn: pulumi.log.warn };
  const log = pulumi.log as unknown as Record<string, unknown>;
  for (const level of ["info", "warn"]) {
    log[level] = async (text: string) => {
      lines.push(`${level} ${text}`);
    };
  }
  try {
    await run();
  } finally {
    Object.assign(log, before);
  }
  return lines;
}

describe("the preflight of a program", () => {
  const args = (mode: "off" | "warn" | "enforce") => ({
    ...prismCentralStack((stack) => {
      stack.environment = "dev";
      stack.preflight = { mode, deadline: 5, skip: { "endpoint-is-unused": "needs a network" } };
      stack.prismCentral.address = "127.0.0.1";
      stack.prismCentral.port = 1;
      stack.clusters = {};
      // No registry is read.
      stack.management.kcm = { chart: "charts/nutanix-capx" };
    }),
    access: { kubeconfig: "", context: undefined },
    bundles: {},
    logins: pulumi.secret<StoredCredentials>({
      global: { username: "svc", password: "canary-1" },
    }) as pulumi.Output<StoredCredentials>,
  });

  it("runs nothing where it is off, and logs it", async () => {
    assert.deepEqual(await logged(() => runPreflight(args("off"))), [
      "info preflight: off; run npm run preflight, or set preflight.mode to warn or enforce to run it in every preview and up",
    ]);
  });

  it("logs failures and skips where it warns, and continues", async () => {
    const lines = await logged(() => runPreflight(args("warn")));
    assert.ok(lines.includes("warn preflight: endpoint-is-unused: skipped: needs a network"), lines.join("\n"));
    const failed = "warn preflight: prism-central-port-answers: fail: ";
    assert.ok(
      lines.some((line) => line.startsWith(failed)),
      lines.join("\n"),
    );
    assert.ok(!lines.join().includes("canary-1"));
  }).timeout(20_000);

  it("throws where it enforces, with every failure in one error and no secret", async () => {
    await logged(() =>
      assert.rejects(runPreflight(args("enforce")), (error: Error) => {
        assert.match(error.message, /^preflight failed:\n {2}- prism-central-port-answers: fail: /);
        assert.match(error.message, /\n {2}- management-cluster-is-reachable: fail: /);
        assert.ok(!error.message.includes("canary-1"));
        return true;
      }),
    );
  }).timeout(20_000);
});
