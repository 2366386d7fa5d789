import assert from "node:assert/strict";
import pulumi from "@pulumi/pulumi";
import { type Credentials, runPreflight } from "../../components/internal/run-preflight.ts";
import { goodStack } from "../preflight/fixture.ts";

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
    ...goodStack((stack) => {
      stack.environment = "dev";
      stack.preflight = { mode, deadline: 5, skip: { "endpoint-is-unused": "asks a network" } };
      stack.prismCentral.address = "127.0.0.1";
      stack.prismCentral.port = 1;
      stack.clusters = {};
      // No registry is asked.
      stack.management.kcm = { chart: "charts/nutanix-capx" };
    }),
    access: { kubeconfig: "", context: undefined },
    bundles: {},
    logins: pulumi.secret<Credentials>({
      global: { username: "svc", password: "canary-1" },
    }) as pulumi.Output<Credentials>,
  });

  it("asks nothing where it is off, and says so", async () => {
    assert.deepEqual(await logged(() => runPreflight(args("off"))), [
      "info preflight: off; npm run preflight asks, and preflight.mode: warn or enforce asks in every run",
    ]);
  });

  it("says what fails where it warns, echoes what is skipped, and goes on", async () => {
    const lines = await logged(() => runPreflight(args("warn")));
    assert.ok(lines.includes("warn preflight: endpoint-is-unused: skipped: asks a network"), lines.join("\n"));
    const failed =
      "warn preflight: prism-central-port-answers: fail: 127.0.0.1:1 refuses the connection (ECONNREFUSED)";
    assert.ok(
      lines.some((line) => line.startsWith(failed)),
      lines.join("\n"),
    );
    assert.ok(!lines.join().includes("canary-1"));
  }).timeout(20_000);

  it("refuses where it enforces, with every failure in one error and no secret", async () => {
    await logged(() =>
      assert.rejects(runPreflight(args("enforce")), (error: Error) => {
        assert.match(
          error.message,
          /^the preflight refuses this:\n {2}- prism-central-port-answers: fail: 127\.0\.0\.1:1 refuses/,
        );
        assert.match(
          error.message,
          /\n {2}- management-cluster-is-reachable: fail: there is no kubeconfig where management\.kubeconfig says/,
        );
        assert.ok(!error.message.includes("canary-1"));
        return true;
      }),
    );
  }).timeout(20_000);
});
