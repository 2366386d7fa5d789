import assert from "node:assert/strict";
import { inspect } from "node:util";
import { reportText } from "../../../cli/output/report-text.ts";
import { type Check, fail, Inconclusive, inconclusive, pass } from "../../../preflight/check.ts";
import { CHECKS } from "../../../preflight/checks.ts";
import { skipViolations } from "../../../preflight/index.ts";
import { exitCodeOf, reportOf, resultLine, summaryLine } from "../../../preflight/preflight-report.ts";
import { runChecks } from "../../../preflight/run-checks.ts";
import { Secret } from "../../../prism-central/secret.ts";
import { checkContext, reportLines } from "./check-context.ts";
import { prismCentralStack } from "./prism-central-scenario.ts";

const context = () => checkContext({ stack: prismCentralStack() });
const check = (id: string, run: Check["run"], scope: Check["scope"] = "stack") =>
  ({ id, description: "it holds", scope, run }) as Check;

describe("runChecks", () => {
  it("runs checks once per stack, Prism Central or cluster, in order", async () => {
    const checks = [
      check("first", async () => fail("it does not hold", "fix it")),
      check("second", async ({ target }: any) => pass(`${target.entry} holds`), "Prism Central"),
      check("third", async ({ name }: any) => [pass(`${name} holds`), pass("twice")], "cluster"),
    ];
    assert.deepEqual(await reportLines(checks, context()), [
      "first: fail: it does not hold; fix it",
      "second: pass: global holds",
      "second: pass: edge holds",
      "third [demo]: pass: demo holds, twice",
      "third [edge]: pass: edge holds, twice",
    ]);
  });

  it("shows each line once, and of a cluster with problems only these", async () => {
    const problem = inconclusive("unknown", "check it");
    const checks = [
      check("first", async () => pass("all hold"), "Prism Central"),
      check("second", async () => [pass("one holds"), problem, problem], "cluster"),
    ];
    const lines = await reportLines(checks, checkContext({ stack: prismCentralStack(), clusters: ["demo"] }));
    assert.deepEqual(lines, ["first: pass: all hold", "second [demo]: inconclusive: unknown; check it"]);
  });

  it("reports what a check throws as inconclusive, with the message of expected errors only", async () => {
    const checks = [
      check("expected", async () => {
        throw new Inconclusive("no permission", "grant it");
      }),
      check("defect", () => {
        throw new TypeError("password=canary");
      }),
      check("slow", () => new Promise<never>(() => undefined)),
    ];
    const [expected, defect, slow] = await reportLines(checks, context(), { deadline: 0.1 });
    assert.equal(expected, "expected: inconclusive: no permission; grant it");
    assert.match(defect ?? "", /^defect: inconclusive: the check failed \(TypeError.*\); report this defect/);
    assert.ok(!defect?.includes("canary"));
    assert.equal(slow, "slow: inconclusive: no result within 0.1 s");
  });

  it("keeps to its concurrency", async () => {
    let [now, most] = [0, 0];
    const checks = Array.from({ length: 20 }, (_, index) =>
      check(`check-${index}`, async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return [];
      }),
    );
    await runChecks(checks, context(), { concurrency: 4 });
    assert.equal(most, 4);
  });

  it("skips checks, and lists them", async () => {
    const skips = [{ id: "first", reason: "not today" }];
    const result = await runChecks([check("first", async () => fail("x", "y"))], context(), { skips });
    assert.deepEqual(result, { results: [], skipped: skips });
    assert.match(reportText(reportOf(result, "dev")), /Skipped\n {2}first: not today\n/);
  });
});

describe("a preflight report", () => {
  const results = [
    { check: "a", ...pass("it holds") },
    { check: "b", ...inconclusive("unknown") },
    { check: "c", cluster: "edge", ...fail("it does not hold", "fix it") },
  ];

  it("fails by a failed check only, and warns of inconclusive ones in production", () => {
    const failed = reportOf({ results, skipped: [] }, "production");
    const open = reportOf({ results: results.slice(0, 2), skipped: [] }, "dev");
    assert.deepEqual([failed, open].map(exitCodeOf), [1, 0]);
    assert.equal(summaryLine(failed), "1 passed, 1 failed, 1 inconclusive (a warning in production)");
    assert.equal(summaryLine(open), "1 passed, 0 failed, 1 inconclusive");
    assert.deepEqual(results.map(resultLine), [
      "a: pass: it holds",
      "b: inconclusive: unknown",
      "c [edge]: fail: it does not hold; fix it",
    ]);
  });

  it("lists manual checks, each with its command", () => {
    const { manualChecks, ...report } = reportOf({ results, skipped: [] }, "dev");
    const text = reportText({ ...report, manualChecks });
    assert.ok(manualChecks.length >= 3);
    for (const { description, command } of manualChecks) {
      assert.ok(text.includes(`  [ ] ${description}\n      ${command}\n`));
    }
  });
});

describe("the checks", () => {
  it("have unique ids, and descriptions of one line", () => {
    assert.ok(CHECKS.length >= 53);
    assert.equal(new Set(CHECKS.map(({ id }) => id)).size, CHECKS.length);
    for (const { id, description } of CHECKS) {
      assert.match(id, /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/);
      assert.match(description, /^[^\n?]+$/);
    }
  });

  it("can be skipped by their ids, and not in production", () => {
    const skips = [{ id: "image-exist", reason: "typo" }];
    const violations = (environment: "dev" | "production") => skipViolations(skips, { environment });
    const lines = violations("dev").map(({ path, reason }) => `${path} ${reason}`);
    assert.deepEqual(lines, ["preflight.skip.image-exist is not a check"]);
    assert.equal(violations("production").length, 2);
  });
});

describe("a secret in memory", () => {
  it("is never printed", () => {
    const secret = new Secret("canary");
    const texts = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { showHidden: true }), `${secret}`];
    assert.ok(!texts.join().includes("canary"));
    assert.equal(secret.open(), "canary");
  });
});
