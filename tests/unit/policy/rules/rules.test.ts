import assert from "node:assert/strict";
import { CATEGORIES, evaluate, RULES } from "../../../../policy/rules/index.ts";
import { type PolicySettings, type PolicyTarget, type Rule, ruleContext } from "../../../../policy/rules/rule.ts";
import { formatViolation } from "../../../../policy/rules/violation.ts";
import { NEXT_YEAR } from "../../../support/stack-fixture.ts";
import { capiTargets, SETTINGS, validTargets } from "./valid-stack.ts";
import { CAPX_FAULT_CASES } from "./violations/capx-fault-violations.ts";
import { CREDENTIALS } from "./violations/credential-violations.ts";
import { ENCRYPTION } from "./violations/encryption-violations.ts";
import { ENDPOINT } from "./violations/endpoint-violations.ts";
import { K0S_CONFIG } from "./violations/k0s-config-violations.ts";
import { K0S_SETTINGS } from "./violations/k0s-setting-violations.ts";
import { SERVICES } from "./violations/service-violations.ts";
import { SHAPE } from "./violations/shape-violations.ts";
import { SUPPLY } from "./violations/supply-chain-violations.ts";
import { TLS } from "./violations/tls-violations.ts";
import { TRUST_BUNDLES } from "./violations/trust-bundle-violations.ts";
import { CHANGE } from "./violations/update-violations.ts";
import { FIELDS, type ViolationCase } from "./violations/violation-case.ts";

const CASES: readonly ViolationCase[] = [
  FIELDS,
  TLS,
  TRUST_BUNDLES,
  ENDPOINT,
  ENCRYPTION,
  CREDENTIALS,
  SHAPE,
  CAPX_FAULT_CASES,
  K0S_CONFIG,
  K0S_SETTINGS,
  CHANGE,
  SERVICES,
  SUPPLY,
].flat();
const EXEMPTIONS = [
  `policy.clusters-use-dedicated-credentials.waivers.0: waives clusters-use-dedicated-credentials for the cluster demo until ${NEXT_YEAR}: a trial of the global login; fix the violation before that date`,
  `policy.machines-have-required-categories.enforcementLevel: sets machines-have-required-categories to advisory until ${NEXT_YEAR}: no categories before spring; fix the violation before that date`,
  `policy.k0s-version-is-maintained.enforcementLevel: sets k0s-version-is-maintained to disabled until ${NEXT_YEAR}: upgrade with the next kcm; fix the violation before that date`,
];

function ruleOf(name: string): Rule {
  const rule = RULES.find((one) => one.name === name);
  assert.ok(rule, name);
  return rule;
}

/** A rule's formatted violations, whatever its level and waivers. */
function check(rule: Rule, targets: readonly PolicyTarget[], settings: PolicySettings): string[] {
  return rule.check(targets, ruleContext(rule, settings)).map(formatViolation);
}

describe("the rules", () => {
  it("each have a violation case and a unique name", () => {
    assert.deepEqual([...new Set(CASES.map(({ rule }) => rule))].sort(), RULES.map(({ name }) => name).sort());
    assert.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length);
    assert.ok(RULES.length >= 35);
  });

  it("each have an example that a case reports", () => {
    for (const { name, example } of RULES) {
      const lines = CASES.filter(({ rule }) => rule === name).flatMap(({ expected }) => expected ?? [example]);
      assert.ok(lines.includes(example), `${name}: ${example}`);
    }
  });

  it("accept the valid stack, and report its exemptions", () => {
    const { violations, warnings } = evaluate(validTargets(), SETTINGS);
    assert.deepEqual(violations, []);
    assert.deepEqual(warnings.map(formatViolation), EXEMPTIONS);
  });

  it("accept the valid stack as an update of itself", () => {
    const { violations, warnings } = evaluate(validTargets(), { ...SETTINGS, previous: validTargets() });
    assert.deepEqual([...violations, ...warnings].map(formatViolation), EXEMPTIONS);
  });

  it("use the version of an upgraded kcm's Release, not of its Helm release", () => {
    const release = (name: string, spec: object, apiVersion = "helm.sh/v3") => ({
      at: name,
      object: { apiVersion, kind: "Release", metadata: { name }, spec: spec as Record<string, unknown> },
    });
    const installed = [
      release("kcm", { version: "1.2.0" }),
      release("nutanix-capx", { values: { capx: { version: "v1.10.3" } } }),
    ];
    const rule = ruleOf("kcm-and-capx-versions-are-compatible");
    assert.deepEqual(check(rule, installed, SETTINGS), [
      'nutanix-capx.version: "v1.10.3" is not compatible with kcm 1.2.0; use CAPX 1.7 or 1.8',
    ]);
    const upgraded = [...installed, release("kcm-1-11-4", {}, "k0rdent.mirantis.com/v1beta1")];
    assert.deepEqual(check(rule, upgraded, SETTINGS), []);
  });

  it("accept clusters of Cluster API objects", () => {
    assert.deepEqual(evaluate(capiTargets(), { environment: "production", now: new Date("2026-11-28") }), {
      violations: [],
      warnings: [],
    });
  });

  for (const { rule: name, name: title, change, settings, capi, expected } of CASES) {
    it(`report one changed field: ${name}${title === undefined ? "" : `, ${title}`}`, () => {
      const rule = ruleOf(name);
      const changed = capi ? capiTargets() : validTargets();
      change(changed);
      const before = structuredClone(changed);
      assert.deepEqual(check(rule, changed, { environment: "production", ...settings }), expected ?? [rule.example]);
      assert.deepEqual(changed, before, "the check changed its targets");
    });
  }

  for (const rule of RULES) {
    it(`have complete texts: ${rule.name}`, () => {
      assert.match(rule.name, /^[a-z0-9]+(-[a-z0-9]+)+$/);
      assert.match(rule.why, /^[a-zA-Z].{20,}[^.]$/);
      assert.match(rule.remedy, /^[a-z].{10,}[^.]$/);
      assert.match(rule.inspects, /.{10,}[^.]$/);
      assert.ok(rule.category in CATEGORIES);
    });

    it(`report nothing without targets: ${rule.name}`, () => {
      assert.deepEqual(check(rule, [], { environment: "production", previous: [] }), []);
    });
  }

  it("are stricter in production than in staging, and there than in dev", () => {
    const mandatory = (environment: PolicySettings["environment"]) =>
      RULES.filter((rule) => rule.level({ environment }) === "mandatory").length;
    assert.ok(mandatory("dev") < mandatory("staging"));
    assert.ok(mandatory("staging") < mandatory("production"));
  });

  it("are non-waivable only where they are mandatory", () => {
    for (const environment of ["dev", "staging", "production"] as const) {
      for (const rule of RULES.filter(({ nonWaivable }) => nonWaivable?.({ environment }))) {
        assert.equal(rule.level({ environment }), "mandatory", rule.name);
      }
    }
  });
});
