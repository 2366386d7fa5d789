import assert from "node:assert/strict";
import { CATEGORIES, evaluate, RULES } from "../../../policy/rules/index.ts";
import { type PolicySettings, type PolicyTarget, type Rule, ruleContext } from "../../../policy/rules/rule.ts";
import { formatViolation } from "../../../policy/rules/violation.ts";
import { capiSubjects, goodSubjects, SETTINGS } from "./valid-stack.ts";
import { CREDENTIALS } from "./violations/credential-violations.ts";
import { ENDPOINT } from "./violations/endpoint-violations.ts";
import { SHAPE } from "./violations/shape-violations.ts";
import { SUPPLY } from "./violations/supply-chain-violations.ts";
import { TLS } from "./violations/tls-violations.ts";
import { CHANGE } from "./violations/update-violations.ts";
import type { Broken } from "./violations/violation-case.ts";

const BROKEN: readonly Broken[] = [TLS, ENDPOINT, CREDENTIALS, SHAPE, CHANGE, SUPPLY].flat();
const WAIVED =
  "policy.clusters-use-dedicated-credentials.waivers.0: waives clusters-use-dedicated-credentials for the cluster demo until 2999-12-31: a trial of the global login; fix the violation before that date";

function ruleOf(name: string): Rule {
  const rule = RULES.find((one) => one.name === name);
  assert.ok(rule, name);
  return rule;
}

/** What a rule says by itself, whatever its level and whatever is waived. */
function said(rule: Rule, subjects: readonly PolicyTarget[], settings: PolicySettings): string[] {
  return rule.check(subjects, ruleContext(rule, settings)).map(formatViolation);
}

describe("the rules", () => {
  it("are each broken here, and named once", () => {
    assert.deepEqual([...new Set(BROKEN.map(({ rule }) => rule))].sort(), RULES.map(({ name }) => name).sort());
    assert.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length);
    assert.ok(RULES.length >= 35);
  });

  it("each have an example that is one of the lines tried here", () => {
    for (const { name, example } of RULES) {
      const lines = BROKEN.filter(({ rule }) => rule === name).flatMap(({ says }) => says ?? [example]);
      assert.ok(lines.includes(example), `${name}: ${example}`);
    }
  });

  it("take the good stack, and tell what it waives", () => {
    const { violations, warnings } = evaluate(goodSubjects(), SETTINGS);
    assert.deepEqual(violations, []);
    assert.deepEqual(warnings.map(formatViolation), [WAIVED]);
  });

  it("take the good stack as a change of itself", () => {
    const { violations, warnings } = evaluate(goodSubjects(), { ...SETTINGS, previous: goodSubjects() });
    assert.deepEqual([...violations, ...warnings].map(formatViolation), [WAIVED]);
  });

  it("go by the Release of a kcm that was upgraded, whose Helm release is kept as it was installed", () => {
    const release = (name: string, spec: object, apiVersion = "helm.sh/v3") => ({
      at: name,
      object: { apiVersion, kind: "Release", metadata: { name }, spec: spec as Record<string, unknown> },
    });
    const living = [
      release("kcm", { version: "1.2.0" }),
      release("nutanix-capx", { values: { capx: { version: "v1.10.3" } } }),
    ];
    const rule = ruleOf("kcm-and-capx-versions-are-compatible");
    assert.deepEqual(said(rule, living, SETTINGS), [
      'nutanix-capx.version: "v1.10.3" is not compatible with kcm 1.2.0; use CAPX 1.7 or 1.8',
    ]);
    const upgraded = [...living, release("kcm-1-11-4", {}, "k0rdent.mirantis.com/v1beta1")];
    assert.deepEqual(said(rule, upgraded, SETTINGS), []);
  });

  it("take clusters in Cluster API's own objects", () => {
    assert.deepEqual(evaluate(capiSubjects(), { environment: "production" }), { violations: [], warnings: [] });
  });

  for (const { rule: name, name: case_, change, settings, capi, says } of BROKEN) {
    it(`refuse one changed field: ${name}${case_ === undefined ? "" : `, ${case_}`}`, () => {
      const rule = ruleOf(name);
      const changed = capi ? capiSubjects() : goodSubjects();
      change(changed);
      const before = structuredClone(changed);
      assert.deepEqual(said(rule, changed, { environment: "production", ...settings }), says ?? [rule.example]);
      assert.deepEqual(changed, before, "it changed what it read");
    });
  }

  for (const rule of RULES) {
    it(`say what they are: ${rule.name}`, () => {
      assert.match(rule.name, /^[a-z0-9]+(-[a-z0-9]+)+$/);
      assert.match(rule.why, /^[a-zA-Z].{20,}[^.]$/);
      assert.match(rule.remedy, /^[a-z].{10,}[^.]$/);
      assert.match(rule.inspects, /.{10,}[^.]$/);
      assert.ok(rule.category in CATEGORIES);
    });

    it(`say nothing of nothing: ${rule.name}`, () => {
      assert.deepEqual(said(rule, [], { environment: "production", previous: [] }), []);
    });
  }

  it("are stricter in production than in staging, and there than in dev", () => {
    const mandatory = (environment: PolicySettings["environment"]) =>
      RULES.filter((rule) => rule.level({ environment }) === "mandatory").length;
    assert.ok(mandatory("dev") < mandatory("staging"));
    assert.ok(mandatory("staging") < mandatory("production"));
  });

  it("must hold only where they refuse", () => {
    for (const environment of ["dev", "staging", "production"] as const) {
      for (const rule of RULES.filter(({ nonWaivable }) => nonWaivable?.({ environment }))) {
        assert.equal(rule.level({ environment }), "mandatory", rule.name);
      }
    }
  });
});
