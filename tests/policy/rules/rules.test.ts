import assert from "node:assert/strict";
import { formatFault } from "../../../policy/rules/fault.ts";
import { judge, QUESTIONS, RULES } from "../../../policy/rules/index.ts";
import { contextOf, type Rule, type Settings, type Subject } from "../../../policy/rules/rule.ts";
import type { Broken } from "./broken/broken.ts";
import { CHANGE } from "./broken/change.ts";
import { CREDENTIALS } from "./broken/credentials.ts";
import { ENDPOINT } from "./broken/endpoint.ts";
import { SHAPE } from "./broken/shape.ts";
import { SUPPLY } from "./broken/supply.ts";
import { TLS } from "./broken/tls.ts";
import { capiSubjects, goodSubjects, SETTINGS } from "./whole.ts";

const BROKEN: readonly Broken[] = [TLS, ENDPOINT, CREDENTIALS, SHAPE, CHANGE, SUPPLY].flat();
const WAIVED =
  "policy.clusters-have-credentials-of-their-own.waivers.0: waives clusters-have-credentials-of-their-own for the cluster demo until 2999-12-31: a trial of the global login; mend what is waived before that day";

function ruleOf(name: string): Rule {
  const rule = RULES.find((one) => one.name === name);
  assert.ok(rule, name);
  return rule;
}

/** What a rule says by itself, whatever its level and whatever is waived. */
function said(rule: Rule, subjects: readonly Subject[], settings: Settings): string[] {
  return rule.check(subjects, contextOf(rule, settings)).map(formatFault);
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
    const { refused, warned } = judge(goodSubjects(), SETTINGS);
    assert.deepEqual(refused, []);
    assert.deepEqual(warned.map(formatFault), [WAIVED]);
  });

  it("take the good stack as a change of itself", () => {
    const { refused, warned } = judge(goodSubjects(), { ...SETTINGS, previous: goodSubjects() });
    assert.deepEqual([...refused, ...warned].map(formatFault), [WAIVED]);
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
    const rule = ruleOf("versions-go-together");
    assert.deepEqual(said(rule, living, SETTINGS), [
      'nutanix-capx.version: "v1.10.3" does not go with kcm 1.2.0; take CAPX 1.7 or 1.8',
    ]);
    const upgraded = [...living, release("kcm-1-11-4", {}, "k0rdent.mirantis.com/v1beta1")];
    assert.deepEqual(said(rule, upgraded, SETTINGS), []);
  });

  it("take clusters in Cluster API's own objects", () => {
    assert.deepEqual(judge(capiSubjects(), { environment: "production" }), { refused: [], warned: [] });
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
      assert.match(rule.reads, /.{10,}[^.]$/);
      assert.ok(rule.question in QUESTIONS);
    });

    it(`say nothing of nothing: ${rule.name}`, () => {
      assert.deepEqual(said(rule, [], { environment: "production", previous: [] }), []);
    });
  }

  it("are stricter in production than in staging, and there than in dev", () => {
    const mandatory = (environment: Settings["environment"]) =>
      RULES.filter((rule) => rule.level({ environment }) === "mandatory").length;
    assert.ok(mandatory("dev") < mandatory("staging"));
    assert.ok(mandatory("staging") < mandatory("production"));
  });

  it("must hold only where they refuse", () => {
    for (const environment of ["dev", "staging", "production"] as const) {
      for (const rule of RULES.filter(({ mustHold }) => mustHold?.({ environment }))) {
        assert.equal(rule.level({ environment }), "mandatory", rule.name);
      }
    }
  });
});
