import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Crd, crdFolder, lineOf, readCrds, STAND_IN, standInCrds } from "../../../sandbox/crds.ts";
import { writeKcmChart } from "../../../sandbox/kcm-chart.ts";
import { skip } from "../../support/skip.ts";

const SETTING = "K0RDENT_NUTANIX_CRDS";

describe("definitions of the sandbox", () => {
  const folder = mkdtempSync(join(tmpdir(), "crds-"));
  const setting = process.env[SETTING];
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    if (setting === undefined) delete process.env[SETTING];
    else process.env[SETTING] = setting;
  });

  it("knows the line of a kcm version", () => {
    assert.deepEqual(["1.2.0", "1.10.3", "1.11.0", "1.12.0", "2.0.0"].map(lineOf), [
      "1.2",
      "1.2",
      "1.11",
      "1.11",
      "1.11",
    ]);
  });

  it("names the setting when its folder lacks the line", () => {
    process.env[SETTING] = folder;
    assert.throws(() => crdFolder("1.2.0"), {
      message: `K0RDENT_NUTANIX_CRDS: "${folder}" is wrong because there is no ${folder}/kcm-1.2; name another folder, or "stand-in"`,
    });
  });

  it("takes stand-ins when the setting says so", () => {
    process.env[SETTING] = STAND_IN;
    assert.equal(crdFolder("1.2.0"), undefined);
  });

  it("drops prose, unserved versions and Helm's annotations, and keeps a field that is called description", async () => {
    writeFileSync(join(folder, "thing.yaml"), THING);
    const [crd] = await readCrds(folder);
    assert.deepEqual(crd?.metadata.annotations, { kept: "yes" });
    assert.deepEqual(crd?.spec.versions, [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { description: { type: "string" }, list: { type: "array", items: { type: "string" } } },
          },
        },
      },
    ]);
  });

  it("says so when a folder holds no definition", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    await assert.rejects(readCrds(empty), {
      message: `crds: "${empty}" is wrong because it holds no CustomResourceDefinition; name another folder`,
    });
  });

  for (const version of ["1.2.0", "1.11.4"]) {
    it(`has a stand-in for every released definition of ${version}, under the same names`, async function () {
      this.timeout(60_000);
      delete process.env[SETTING];
      const released = crdFolder(version);
      if (!released) skip(this, `no released CRDs of kcm ${version}`);
      const real = await readCrds(released);
      assert.deepEqual(standInCrds(version).map(shape), real.map(shape));
      assert.deepEqual(
        standInCrds(version).filter(isK0rdent).map(knownFields),
        real.filter(isK0rdent).map(knownFields).map(asKnown(version)),
      );
    });

    it(`writes a chart of stand-ins for ${version} once, and again when it has changed`, async () => {
      const directory = mkdtempSync(join(folder, "chart-"));
      const chart = await writeKcmChart({ directory, version, crds: STAND_IN });
      assert.deepEqual(readdirSync(chart.path).sort(), [
        ".helmignore",
        ".stamp.json",
        "Chart.yaml",
        "definitions",
        "templates",
        "values.yaml",
      ]);
      assert.equal(readdirSync(join(chart.path, "definitions")).length, chart.count);
      assert.equal(chart.count, standInCrds(version).length);
      assert.match(readFileSync(join(chart.path, "Chart.yaml"), "utf8"), new RegExp(`^version: ${version}$`, "m"));
      const written = statSync(chart.path).ctimeMs;
      assert.deepEqual(await writeKcmChart({ directory, version, crds: STAND_IN }), chart);
      assert.equal(statSync(chart.path).ctimeMs, written);
      const other = await writeKcmChart({ directory, version: version.replace(/\d+$/, "9"), crds: STAND_IN });
      assert.notEqual(other.version, chart.version);
    });
  }
});

function shape({ metadata, spec }: Crd) {
  const served = spec.versions.filter((version) => version.served);
  const stored = spec.versions.find((version) => version.storage);
  return {
    name: metadata.name,
    scope: spec.scope,
    kind: spec.names.kind,
    short: [...(spec.names.shortNames ?? [])].sort(),
    stored: stored?.name,
    status: stored?.subresources?.status !== undefined,
    storedIsServed: served.includes(stored as (typeof served)[number]),
  };
}

function isK0rdent({ spec }: Crd): boolean {
  return spec.group === "k0rdent.mirantis.com";
}

type Known = { name: string; required: string[]; properties: string[] };

function knownFields({ metadata, spec }: Crd): Known {
  const stored = spec.versions.find((version) => version.storage);
  const schema =
    (stored?.schema.openAPIV3Schema.properties as Record<string, Record<string, unknown>> | undefined)?.spec ?? {};
  return {
    name: metadata.name,
    required: ((schema.required as string[] | undefined) ?? []).toSorted(),
    properties: Object.keys((schema.properties as object | undefined) ?? {}).sort(),
  };
}

/** A stand-in whose spec is open promises nothing, so nothing is compared. */
function asKnown(version: string): (real: Known) => Known {
  const open = standInCrds(version)
    .map(knownFields)
    .filter(({ properties }) => properties.length === 0);
  const names = new Set(open.map(({ name }) => name));
  return (real) => (names.has(real.name) ? { name: real.name, required: [], properties: [] } : real);
}

const THING = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
  annotations: {kept: "yes", helm.sh/resource-policy: keep}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
  versions:
    - {name: v0, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          description: prose with {{ braces }}
          type: object
          properties:
            description: {type: string, description: prose}
            list: {type: array, items: {type: string, description: prose}}
`;
