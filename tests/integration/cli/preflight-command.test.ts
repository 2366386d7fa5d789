import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { CHECKS } from "../../../preflight/checks.ts";
import type { PreflightReport } from "../../../preflight/preflight-report.ts";

const PASSWORD = "canary-of-the-command";

function preflight(...words: string[]) {
  const logins = ["GLOBAL", "EDGE"].flatMap((entry) => [
    [`K0RDENT_NUTANIX_USERNAME_${entry}`, "somebody"],
    [`K0RDENT_NUTANIX_PASSWORD_${entry}`, PASSWORD],
  ]);
  return execa(process.execPath, [join(PROJECT, "cli/main.ts"), "preflight", ...words], {
    ...{ cwd: PROJECT, reject: false, env: Object.fromEntries(logins) },
  });
}

describe("the command preflight", function () {
  this.timeout(60_000);

  it("lists the checks, and runs none", async () => {
    const { stdout, exitCode } = await preflight("--list", "--stack", "no-such-stack");
    assert.equal(exitCode, 0);
    const lines = stdout.split("\n");
    for (const { id, description } of CHECKS) {
      assert.ok(
        lines.some((line) => line.trim().startsWith(`${id} `) && line.endsWith(description)),
        id,
      );
    }
    assert.equal(lines.at(-1), `${CHECKS.length} checks`);
  });

  it("prints the report as JSON, lists what is skipped, and exits with 1 on a failure", async () => {
    // The Prism Central of the stack dev is nowhere.
    const { stdout, stderr, exitCode } = await preflight(
      ...["--cluster", "demo", "--json", "--skip", "endpoint-is-unused:there is no network here"],
    );
    assert.equal(exitCode, 1, stderr);
    const { results, skipped, manualChecks } = JSON.parse(stdout) as PreflightReport;
    assert.deepEqual(skipped, [{ id: "endpoint-is-unused", reason: "there is no network here" }]);
    assert.ok(results.some(({ check, status }) => check === "prism-central-name-resolves" && status === "fail"));
    assert.ok(results.every(({ cluster }) => cluster === undefined || cluster === "demo"));
    assert.ok(results.every(({ status, remedy }) => status !== "fail" || remedy !== undefined));
    assert.ok(manualChecks.length > 0);
    assert.ok(!(stdout + stderr).includes(PASSWORD));
  });

  it("rejects invalid skips and unknown clusters, with 2", async () => {
    const [reasonless, unknown, nowhere] = await Promise.all([
      preflight("--skip", "endpoint-is-unused"),
      preflight("--skip", "endpoint-is-slient:typo"),
      preflight("--cluster", "far"),
    ]);
    assert.match(reasonless.stderr, /--skip: "endpoint-is-unused" has no reason; write --skip 'id:reason'/);
    assert.match(unknown.stderr, /preflight\.skip\.endpoint-is-slient: is not a check/);
    assert.match(nowhere.stderr, /cluster: "far" is not in the stack file; name one of demo, edge/);
    assert.deepEqual(
      [reasonless, unknown, nowhere].map(({ exitCode }) => exitCode),
      [2, 2, 2],
    );
  });
});
