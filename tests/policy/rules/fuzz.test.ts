import assert from "node:assert/strict";
import fc from "fast-check";
import { formatFault } from "../../../policy/rules/fault.ts";
import { judge } from "../../../policy/rules/index.ts";
import type { Settings, Subject } from "../../../policy/rules/rule.ts";
import { capiSubjects, configOf, found, goodSubjects } from "./whole.ts";

/** Settings under which every rule has something to ask. */
const ASKED: Settings = {
  environment: "production",
  networks: { "VM-Network": { cidr: "10.1.0.0/16", pools: ["10.1.1.200/29"] } },
  rules: {
    "machines-carry-their-categories": { categories: ["owner"] },
    "clusters-carry-their-labels": { labels: { team: "" } },
    "stack-stays-within-its-quota": { clusters: 0, machines: 0, vcpus: 0, memoryGib: 0 },
    "charts-come-from-allowed-registries": { registries: ["oci://ghcr.io"] },
    "images-come-from-allowed-registries": { registries: ["ghcr.io"] },
    "templates-come-from-allowed-sources": { sources: ["charts"] },
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
const WHOLES = [goodSubjects().filter(({ object }) => object.kind !== "ConfigMap"), capiSubjects()].map((all) =>
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

function subjectsOf(objects: readonly unknown[]): Subject[] {
  return objects.map((object, index) => ({ at: `objects.${index}`, object })) as Subject[];
}

/** What the pack prints: never a value. */
function printed(subjects: readonly Subject[], settings: Settings): string {
  const { refused, warned } = judge(subjects, settings);
  return [...refused, ...warned].map(({ value: _, ...fault }) => formatFault(fault)).join("\n");
}

describe("the rules, on anything", function () {
  this.timeout(240_000);

  it("throw on none of ten thousand stacks, and print no secret", () => {
    const previous = goodSubjects();
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
        judge(subjectsOf(all), { environment: "production", rules, networks } as unknown as Settings);
      }),
      { numRuns: 1000 },
    );
  });

  it("judge a thousand clusters in less than a second of computing", () => {
    const template = found(goodSubjects(), "clusters.edge");
    const subjects = Array.from({ length: 1000 }, (_, index): Subject => {
      const subject = structuredClone(template);
      const { nutanix, machineDefaults } = configOf([subject], "edge");
      const name = `c${index}`;
      nutanix.controlPlaneEndpoint.host = `10.${index >> 8}.${index & 255}.7`;
      nutanix.prismCentral.credentialSecretName = `${name}-login`;
      nutanix.prismCentral.additionalTrustBundleConfigMapName = `${name}-ca`;
      machineDefaults.subnets = [{ type: "name", name: `net-${index}` }];
      const object = { ...subject.object, metadata: { name, namespace: "kcm-system" } };
      return { at: `clusters.${name}`, object, options: { protect: true, login: name } };
    });
    const settings: Settings = { ...ASKED, rules: {}, previous: structuredClone(subjects) };
    const start = process.cpuUsage();
    assert.deepEqual(judge(subjects, settings), { refused: [], warned: [] });
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms`);
  });
});
