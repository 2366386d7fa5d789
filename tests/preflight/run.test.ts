import assert from "node:assert/strict";
import { inspect } from "node:util";
import { reportText } from "../../cli/output/report-text.ts";
import { answer, type Check, Inconclusive } from "../../preflight/check.ts";
import { CHECKS } from "../../preflight/checks.ts";
import { skipFaults } from "../../preflight/index.ts";
import { exitCodeOf, findingLine, reportOf, summaryLine } from "../../preflight/preflight-report.ts";
import { runChecks } from "../../preflight/run-checks.ts";
import { Secret } from "../../preflight/secret.ts";
import { contextOf } from "./fixture.ts";

const context = () => contextOf({}, 1);
const check = (id: string, run: Check["run"]): Check => ({ id, asks: "is it well?", scope: "stack", run }) as Check;

describe("a run of checks", () => {
  it("asks checks of the stack once, and those of clusters once each, in order", async () => {
    const ofCluster: Check = {
      id: "second",
      asks: "is it well?",
      scope: "cluster",
      run: async ({ name }) => [answer("second", name).pass(`${name} is well`)],
    };
    const checks = [check("first", async () => [answer("first").fail("it is not", "mend it")]), ofCluster];
    const { findings } = await runChecks(checks, context());
    assert.deepEqual(findings.map(findingLine), [
      "first: fail: it is not; mend it",
      "second [demo]: pass: demo is well",
      "second [edge]: pass: edge is well",
    ]);
  });

  it("turns what a check throws into an answer, and shows the words of NotKnown alone", async () => {
    const { findings } = await runChecks(
      [
        check("shut", async () => {
          throw new Inconclusive("the door is shut", "open it");
        }),
        check("broken", () => {
          throw new TypeError("password=canary");
        }),
        check("slow", () => new Promise<never>(() => undefined)),
      ],
      context(),
      { deadline: 0.1 },
    );
    const lines = findings.map(findingLine);
    assert.equal(lines[0], "shut: not known: the door is shut; open it");
    assert.match(String(lines[1]), /^broken: not known: the check itself broke \(TypeError/);
    assert.equal(lines[2], "slow: not known: no answer within 0.1 s");
    assert.ok(!lines.join().includes("canary"));
  });

  it("keeps to its width", async () => {
    let now = 0;
    let most = 0;
    const one = (index: number) =>
      check(`check-${index}`, async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return [];
      });
    await runChecks(
      Array.from({ length: 20 }, (_, index) => one(index)),
      context(),
      { width: 4 },
    );
    assert.equal(most, 4);
  });

  it("leaves out what is skipped, and echoes it", async () => {
    const skips = [{ id: "first", reason: "not today" }];
    const result = await runChecks([check("first", async () => [answer("first").fail("x", "y")])], context(), {
      skips,
    });
    assert.deepEqual(result, { findings: [], skipped: skips });
    assert.match(reportText(reportOf(result, "dev")), /Skipped\n {2}first: not today\n/);
  });
});

describe("a report", () => {
  const findings = [
    answer("a").pass("well"),
    answer("b").unknown("who knows"),
    answer("c", "edge").fail("ill", "mend it"),
  ];

  it("fails by a failure alone, and warns of what is not known in production", () => {
    const failed = reportOf({ findings, skipped: [] }, "production");
    const open = reportOf({ findings: findings.slice(0, 2), skipped: [] }, "dev");
    assert.deepEqual([exitCodeOf(failed), exitCodeOf(open)], [1, 0]);
    assert.equal(summaryLine(failed), "1 passed, 1 failed, 1 not known (a warning in production)");
    assert.equal(summaryLine(open), "1 passed, 0 failed, 1 not known");
    assert.deepEqual([failed.summary.warnings, open.summary.warnings], [1, 0]);
  });

  it("lists what only machines can answer, each with its command", () => {
    const text = reportText(reportOf({ findings, skipped: [] }, "dev"));
    const ticks = text.split("\n").filter((line) => line.startsWith("  [ ] "));
    assert.ok(ticks.length >= 3);
    assert.ok(ticks.every((line) => text.includes(`${line}\n      `)));
  });
});

describe("the checks", () => {
  it("are twenty-five or more, each with an id of its own and a question in one line", () => {
    assert.ok(CHECKS.length >= 25);
    assert.equal(new Set(CHECKS.map(({ id }) => id)).size, CHECKS.length);
    for (const { id, asks } of CHECKS) {
      assert.match(id, /^[a-z][a-z0-9]*(-[a-z0-9]+)+$|^[a-z0-9]+$/);
      assert.ok(!asks.includes("\n"));
    }
  });

  it("can be skipped by their ids alone, and none in production", () => {
    const skips = [{ id: "image-exist", reason: "typo" }];
    const paths = (environment: "dev" | "production") =>
      skipFaults(skips, { environment }).map(({ path, reason }) => `${path} ${reason}`);
    assert.deepEqual(paths("dev"), ["preflight.skip.image-exist is no check's id"]);
    assert.equal(paths("production").length, 2);
  });
});

describe("a sealed secret", () => {
  it("shows itself to nobody but who opens it", () => {
    const sealed = new Secret("canary");
    const shown = [
      String(sealed),
      JSON.stringify({ sealed }),
      inspect({ sealed }, { showHidden: true }),
      `${sealed}`,
    ].join();
    assert.ok(!shown.includes("canary"), shown);
    assert.equal(sealed.open(), "canary");
  });
});
