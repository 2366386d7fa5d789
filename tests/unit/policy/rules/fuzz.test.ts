import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate } from "../../../../policy/rules/index.ts";
import type { PolicySettings, PolicyTarget } from "../../../../policy/rules/rule.ts";
import { formatViolation } from "../../../../policy/rules/violation.ts";
import { assertLinear } from "../../../support/growth.ts";
import { capiTargets, configOf, targetAt, validTargets } from "./valid-stack.ts";

/** Settings under which every rule has something to ask. */
const ASKED: PolicySettings = {
  environment: "production",
  networks: { "VM-Network": { cidr: "10.1.0.0/16", pools: ["10.1.1.200/29"] } },
  rules: {
    "machines-have-required-categories": { categories: ["owner"] },
    "clusters-have-required-labels": { labels: { team: "" } },
    "stack-is-within-quota": { clusters: 0, machines: 0, vcpus: 0, memoryGib: 0 },
    "charts-use-allowed-registries": { registries: ["oci://ghcr.io"] },
    "images-use-allowed-registries": { registries: ["ghcr.io"] },
    "templates-use-allowed-sources": { sources: ["charts"] },
  },
};
/** Values that stand where rules look, and that none may show: each has the canary in it. */
const SECRETS = [
  "https://admin:canary@pc.example.com",
  JSON.stringify([{ data: { prismCentral: { username: "admin", password: "canary" } } }]),
  "password: canary",
  "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----",
  "-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----",
];
const KEYS = ["password", "adminToken", "clientSecret", "privateKey", "secretAccessKey"];

/** Certificates are slow to read: one whole of the two has some. */
const WHOLES = [validTargets().filter(({ object }) => object.kind !== "ConfigMap"), capiTargets()].map((all) =>
  all.map(({ object }) => object),
);
const PATHS = WHOLES.map((whole) => pathsIn(whole));

/** Every place in some data, by its keys. */
function pathsIn(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...at]];
  return [[...at], ...Object.entries(value).flatMap(([key, below]) => pathsIn(below, [...at, key]))];
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom(...SECRETS),
  fc.constantFrom(...KEYS).map((key) => ({ [key]: "canary" })),
  fc.constant(undefined),
);
const damages = fc.tuple(
  fc.nat(WHOLES.length - 1),
  fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 6 }),
);

/** A whole with some of its places filled with anything at all, or emptied. */
function damaged([index, changes]: [number, [number, unknown][]]): unknown[] {
  const whole: unknown[] = structuredClone(WHOLES[index] ?? []);
  const paths = PATHS[index] ?? [];
  for (const [place, value] of changes) {
    const path = paths[place % paths.length] ?? [];
    const last = path.at(-1);
    const parent = path.slice(0, -1).reduce<any>((below, key) => below?.[key], whole);
    if (last !== undefined && typeof parent === "object" && parent !== null) parent[last] = value;
  }
  // A few neighbours of the first damage are enough, and quick.
  const first = Number(paths[(changes[0]?.[0] ?? 0) % paths.length]?.[0] ?? 0);
  return whole.slice(Math.max(0, first - 1), first + 2);
}

function subjectsOf(objects: readonly unknown[]): PolicyTarget[] {
  return objects.map((object, index) => ({ at: `objects.${index}`, object })) as PolicyTarget[];
}

/** What the pack prints: never a value. */
function printed(subjects: readonly PolicyTarget[], settings: PolicySettings): string {
  const { violations, warnings } = evaluate(subjects, settings);
  return [...violations, ...warnings].map(({ value: _, ...fault }) => formatViolation(fault)).join("\n");
}

describe("the rules, on anything", function () {
  this.timeout(240_000);

  it("throw on none of ten thousand stacks, and print no secret", () => {
    const previous = validTargets();
    let said = 0;
    fc.assert(
      fc.property(damages, (damage) => {
        const text = printed(subjectsOf(damaged(damage)), { ...ASKED, previous });
        said += text.length;
        assert.ok(!text.includes("canary"), text);
      }),
      { numRuns: 10_000 },
    );
    assert.ok(said > 500_000, `${said} characters`);
  });

  it("throw on no objects, settings and waivers whatever", () => {
    const word = fc.constantFrom("ClusterDeployment", "NutanixCluster", "ConfigMap", "Release", "Secret", "kcm");
    const any = fc.oneof(fc.jsonValue({ maxDepth: 2 }), word);
    const keys = { apiVersion: any, kind: any, metadata: any, spec: any, data: any, stringData: any };
    const objects = fc.array(fc.oneof(any, fc.record(keys, { requiredKeys: [] })), { maxLength: 4 });
    const rules = fc.dictionary(fc.constantFrom(...Object.keys(ASKED.rules ?? {})), any);
    fc.assert(
      fc.property(objects, rules, any, (all, rules, networks) => {
        evaluate(subjectsOf(all), { environment: "production", rules, networks } as unknown as PolicySettings);
      }),
      // What has been found before: a kind that has no text.
      { numRuns: 1000, examples: [[[{ kind: { toString: false } }], {}, "ClusterDeployment"]] },
    );
  });

  it("take time in proportion to the clusters, also those that compare them with what was there before", () => {
    const template = targetAt(validTargets(), "clusters.edge");
    const targetOf = (_: unknown, index: number): PolicyTarget => {
      const subject = structuredClone(template);
      const { nutanix, machineDefaults, encryptionAtRest } = configOf([subject], "edge");
      const name = `c${index}`;
      nutanix.controlPlaneEndpoint.host = `10.${index >> 8}.${index & 255}.7`;
      nutanix.prismCentral.credentialSecretName = `${name}-login`;
      encryptionAtRest.secretName = `${name}-encryption-at-rest`;
      machineDefaults.subnets = [{ type: "name", name: `net-${index}` }];
      const object = { ...subject.object, metadata: { name, namespace: "kcm-system" } };
      return { at: `clusters.${name}`, object, options: { protect: true, login: name } };
    };
    assertLinear([125, 1000], (length) => {
      const targets = Array.from({ length }, targetOf);
      const previous = structuredClone(targets);
      const settings: PolicySettings = { ...ASKED, rules: {}, now: new Date("2025-11-01"), previous };
      return () => assert.deepEqual(evaluate(targets, settings), { violations: [], warnings: [] });
    });
  }).timeout(60_000);
});
