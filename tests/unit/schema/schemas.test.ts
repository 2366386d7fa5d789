import assert from "node:assert/strict";
import fc from "fast-check";
import type * as z from "zod";
import { at } from "../../../policy/rules/plain-values.ts";
import { DEFAULT_K0S_VERSION, DEFAULT_KCM_VERSION, lineOf } from "../../../policy/rules/versions.ts";
import { capx } from "../../../schema/capx-settings.ts";
import { cluster, clusters, withDefaultK0s } from "../../../schema/cluster.ts";
import { controlPlaneMachines, machineDefaults, workerMachines, workerPool } from "../../../schema/machine.ts";
import { DEFAULT_TIMEOUTS, management } from "../../../schema/management-settings.ts";
import { parse } from "../../../schema/parse.ts";
import { prismCentral } from "../../../schema/prism-central-settings.ts";
import { credentials, stack } from "../../../schema/stack.ts";
import { referenceViolations } from "../../../schema/stack-references.ts";
import { validInput, validStack } from "../../support/stack-fixture.ts";

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  capx,
  cluster,
  clusters,
  machineDefaults,
  controlPlaneMachines,
  workerMachines,
  workerPool,
  management,
  prismCentral,
  credentials,
  stack,
};

/** The value with some of its leaves and branches replaced by anything at all. */
function damaged(good: unknown): fc.Arbitrary<unknown> {
  const kept = isBranch(good) ? branch(good) : fc.constant(good);
  return fc.oneof({ weight: 30, arbitrary: kept }, { weight: 1, arbitrary: fc.jsonValue() });
}

function branch(good: object): fc.Arbitrary<unknown> {
  if (Array.isArray(good)) return fc.tuple(...good.map(damaged));
  const entries = Object.entries(good).map(([key, value]) => [key, damaged(value)] as const);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

describe("every schema", () => {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`of ${name} throws on no JSON whatever`, () => {
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          const { violations } = parse(schema, value, { at: name });
          for (const { path, reason, remedy } of violations) assert.ok(path !== "" || reason !== "" || remedy !== "");
        }),
        { numRuns: 1000 },
      );
    });
  }

  it("of a stack throws on no damage, and reads again unchanged whatever it took", () => {
    let taken = 0;
    fc.assert(
      fc.property(damaged(validInput()), (value) => {
        const first = parse(stack, value, { at: "" });
        if (first.value === undefined) return assert.ok(first.violations.length > 0);
        taken += 1;
        assert.deepEqual(parse(stack, first.value, { at: "" }).value, first.value);
        assert.ok(Array.isArray(referenceViolations(first.value, ["global"])));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.subarray(["environment", "capx", "clusters"]),
        fc.constantFrom("dev", "staging"),
        (gone, environment) => {
          const input = Object.fromEntries(
            Object.entries({ ...validInput(), environment }).filter(([key]) => !gone.includes(key)),
          );
          const { value } = parse(stack, input, { at: "" });
          assert.deepEqual(parse(stack, value, { at: "" }).value, value);
          taken += 1;
        },
      ),
    );
    assert.ok(taken >= 100);
  });

  it("reads clusters again unchanged, with any of their optional words left out", () => {
    const optional = [
      "worker",
      "controlPlane",
      "loadBalancing",
      "k0s",
      "clusterNetwork",
      "labels",
      "values",
      "protect",
      "waitForReady",
      "workersNumber",
      "controlPlaneNumber",
      "encryptionAtRest",
    ];
    fc.assert(
      fc.property(fc.constantFrom("demo", "edge"), fc.subarray(optional), (name, gone) => {
        const input = Object.fromEntries(
          Object.entries(validStack()["clusters"][name]).filter(([key]) => !gone.includes(key)),
        );
        const first = parse(cluster, input, { at: name });
        assert.ok(first.value !== undefined);
        assert.deepEqual(parse(cluster, first.value, { at: name }).value, first.value);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves what it is given as it is", () => {
    const input = validInput();
    parse(stack, input, { at: "" });
    assert.deepEqual(input, validInput());
  });

  it("says nothing of the values of secrets", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4 }).map((text) => `canary-${text}`),
        (password) => {
          for (const entry of [
            password,
            { username: 1, password },
            { username: "a", password: [password] },
            [password],
          ]) {
            const { violations } = parse(credentials, { global: entry }, { at: "credentials", secret: true });
            assert.ok(violations.length > 0);
            assert.doesNotMatch(JSON.stringify(violations), /canary/);
          }
        },
      ),
    );
  });
});

describe("the defaults", () => {
  const least = (mode: string) => ({
    mode,
    nutanix: { controlPlaneEndpoint: { host: "10.1.1.200" } },
    machineDefaults: {
      image: { type: "name", name: "image" },
      cluster: { type: "name", name: "pe" },
      subnets: [{ type: "name", name: "net" }],
    },
  });
  const common = {
    nutanix: { controlPlaneEndpoint: { host: "10.1.1.200", port: 6443 } },
    machineDefaults: {
      ...least("hcp").machineDefaults,
      bootType: "legacy",
      vcpusPerSocket: 1,
      vcpuSockets: 2,
      memorySize: "4Gi",
      systemDiskSize: "40Gi",
    },
    k0s: { version: "v1.32.6+k0s.0" },
    clusterNetwork: {
      pods: { cidrBlocks: ["10.243.0.0/16"] },
      services: { cidrBlocks: ["10.95.0.0/16"] },
      serviceDomain: "cluster.local",
    },
    controlPlaneNumber: 3,
    workersNumber: 2,
    cleanupOnDeletion: false,
    encryptionAtRest: true,
    clusterClass: false,
    waitForReady: true,
  };

  for (const mode of ["hcp", "standalone"]) {
    it(`of a cluster in mode ${mode} fill in all but the endpoint, the image, the Prism Element and the subnets`, () => {
      const own = mode === "standalone" ? { allowControlPlaneRollout: false } : {};
      assert.deepEqual(parse(cluster, least(mode), { at: "" }).value, { mode, ...common, ...own });
    });
  }

  it("of a part that is there are those of the whole", () => {
    const parts = { ...least("hcp"), k0s: {}, clusterNetwork: {} };
    assert.deepEqual(parse(cluster, parts, { at: "" }).value, { mode: "hcp", ...common });
  });

  it("of k0s are those of the kcm version, and of kcm 1.2", () => {
    const versions = ["1.2.0", "1.9.0", "v1.11.4", undefined].map((kcm) =>
      at(withDefaultK0s({}, kcm), "k0s", "version"),
    );
    assert.deepEqual(versions, ["v1.32.6+k0s.0", "v1.35.1+k0s.1", "v1.36.3+k0s.2", "v1.32.6+k0s.0"]);
    assert.equal(DEFAULT_K0S_VERSION, lineOf(DEFAULT_KCM_VERSION)?.defaultK0s);
    const config = { spec: {} };
    assert.deepEqual(withDefaultK0s({ k0s: { config } }, "1.11.4"), { k0s: { config, version: "v1.36.3+k0s.2" } });
    for (const written of [
      { k0s: { version: "v1.35.7+k0s.0" } },
      { k0s: { version: null } },
      { k0s: "" },
      [],
      "",
      null,
    ]) {
      assert.equal(withDefaultK0s(written, "1.11.4"), written);
    }
    for (const kcm of ["1.99.0", "", 1.2, null]) assert.deepEqual(withDefaultK0s({}, kcm), {});
  });

  it("of a stack are production, kcm 1.2.0, no cluster, and timeouts", () => {
    const { value } = parse(stack, { management: { inCluster: true }, prismCentral: { address: "pc" } }, { at: "" });
    assert.deepEqual(value, {
      environment: "production",
      management: {
        inCluster: true,
        kcm: { version: "1.2.0", chart: "oci://ghcr.io/k0rdent/kcm/charts/kcm" },
        providers: [],
        timeouts: DEFAULT_TIMEOUTS,
        adopt: false,
      },
      capx: { takeOwnership: false, managedExternally: false },
      prismCentral: { address: "pc", port: 9440, insecure: false },
      preflight: { mode: "off", deadline: 30 },
      clusters: {},
      serviceTemplates: {},
      multiClusterServices: {},
      networks: {},
      peerStacks: [],
      policy: {},
    });
  });
});
