import assert from "node:assert/strict";
import { DIAGNOSES, diagnose, highestSeverity } from "../../../operations/diagnoses/index.ts";
import { crdFolder, readCrds } from "../../../sandbox/crds.ts";
import { skip } from "../../support/skip.ts";
import { type ClusterFixture, healthy, inputOf, type Live } from "./cluster-fixture.ts";
import { FAILURE_SCENARIOS } from "./failure-scenarios.ts";
import { SERVICE_SCENARIOS } from "./service-scenarios.ts";

const SCENARIOS = [...FAILURE_SCENARIOS, ...SERVICE_SCENARIOS];

/** What is usual beside a fault: warnings that pass, log lines of other clusters, a cluster that is being made. */
function noise(world: ClusterFixture): void {
  world.events.push(
    {
      ...{ apiVersion: "v1", kind: "Event", metadata: { name: "calm.1" }, type: "Warning", reason: "Unhealthy" },
      involvedObject: { kind: "Pod", name: "calm" },
      message: "Readiness probe failed: connection refused",
      lastTimestamp: null,
    },
    {
      ...{ apiVersion: "v1", kind: "Event", metadata: { name: "calm.2" }, type: "Warning", reason: "ReconcileError" },
      involvedObject: { kind: "ClusterDeployment", name: "calm" },
      message: "Operation cannot be fulfilled: the object has been modified",
      lastTimestamp: null,
    },
  );
  world.logs.push({
    pod: "capx-controller-manager-0",
    part: "capx",
    lines: [
      'I0301 Reconciling NutanixMachine "calm-md-abc-x7"',
      'E0301 error "demonstration": failed to retrieve subnet by name other (no cluster of this stack)',
    ],
  });
}

const ill = (make: (world: ClusterFixture) => void) => {
  const world = healthy();
  noise(world);
  make(world);
  return diagnose(inputOf(world));
};

describe("the doctor", () => {
  it("finds nothing where all is well, noise or not", () => {
    assert.deepEqual(diagnose(inputOf(healthy())), []);
    assert.deepEqual(
      ill(() => undefined),
      [],
    );
  });

  for (const { id, cause, apply } of SCENARIOS) {
    it(`says first: ${cause}`, () => {
      const [first] = ill(apply);
      assert.deepEqual([first?.id, first?.cause], [id, cause]);
      assert.ok((first?.evidence.length ?? 0) > 0);
      for (const { of, text } of first?.evidence ?? []) assert.ok(of !== "" && text !== "", JSON.stringify(first));
    });
  }

  it("knows no diagnosis that no case shows, and no case of a diagnosis that is not there", () => {
    const shown = new Set(SCENARIOS.map(({ id }) => id));
    assert.deepEqual([...shown].sort(), DIAGNOSES.map(({ id }) => id).sort());
  });

  it("reports a cause and not its effects", () => {
    const image = SCENARIOS.find(({ id }) => id === "image-not-found");
    const findings = ill((world) => image?.apply(world));
    assert.deepEqual(
      findings.map(({ id }) => id),
      ["image-not-found"],
    );
    assert.match(
      findings[0]?.remedy ?? "",
      /CAPX does not retry this machine: after the correction delete its Machine/,
    );
  });

  it("counts machines that suffer from one thing, and reports it once", () => {
    const findings = ill((world) => {
      const machines = world.objects["NutanixMachine"] ?? [];
      const model = machines.find(({ metadata }) => metadata.name === "demo-md-abc-x7");
      for (const suffix of ["y8", "z9"])
        machines.push({
          ...structuredClone(model),
          metadata: { ...model?.["metadata"], name: `demo-md-abc-${suffix}` },
        });
      for (const machine of machines.filter(({ metadata }) => metadata.name.startsWith("demo")))
        machine["status"] = { failureReason: "CreateError", failureMessage: "found no image with name ubuntu" };
    });
    assert.deepEqual(
      findings.map(({ cause }) => cause),
      ["the image is not usable: found no image with name ubuntu (3 machines)"],
    );
  });

  it("puts what is grave before what is not, and of two faults the one that leads to the other", () => {
    const findings = ill((world) => {
      for (const id of ["kubeconfig-missing", "remediation-stopped", "credential-not-propagated", "controller-down"])
        SCENARIOS.find((one) => one.id === id)?.apply(world);
    });
    assert.deepEqual(
      findings.map(({ id }) => id),
      ["controller-down", "component-failed", "kubeconfig-missing", "remediation-stopped", "credential-not-propagated"],
    );
    assert.equal(highestSeverity(findings), "error");
    assert.equal(highestSeverity([]), undefined);
  });

  it("concludes nothing from what it may not read", () => {
    const findings = ill((world) => {
      world.objects["Secret"]?.splice(0);
      world.gaps.push({ kind: "Secret", why: "forbidden", message: "secrets is forbidden" });
    });
    assert.deepEqual(
      findings.map(({ id }) => id),
      ["cannot-read"],
    );
  });

  it("does not take one cluster's words for another's whose name begins alike", () => {
    const findings = ill((world) => {
      world.logs.push({
        pod: "capx",
        part: "capx",
        lines: ['E error for cluster "demo-2": invalid Nutanix credentials'],
      });
    });
    assert.deepEqual(findings, []);
  });
});

describe("the cases of the doctor's tests", () => {
  /** Fields that an object has and its definition does not. */
  function unknown(value: unknown, schema: Live | undefined, path: string): string[] {
    if (value === undefined) return [];
    if (schema === undefined) return [path];
    if (schema["x-kubernetes-preserve-unknown-fields"] || schema["additionalProperties"]) return [];
    if (Array.isArray(value)) return value.flatMap((item) => unknown(item, schema["items"], `${path}[]`));
    if (typeof value !== "object" || value === null || schema["properties"] === undefined) return [];
    return Object.entries(value).flatMap(([key, below]) => unknown(below, schema["properties"][key], `${path}.${key}`));
  }

  it("are objects as the released definitions have them", async function () {
    const folder = crdFolder("1.2.0");
    if (folder === undefined) skip(this, "no released CRDs of kcm 1.2.0");
    const schemas = new Map<string, Live>();
    for (const { spec } of await readCrds(folder))
      for (const version of spec.versions)
        schemas.set(`${spec.group}/${version.name} ${spec.names.kind}`, version.schema.openAPIV3Schema as Live);
    const wrong = SCENARIOS.flatMap(({ id, apply }) => {
      const world = healthy();
      apply(world);
      return Object.values(world.objects)
        .flat()
        .flatMap(({ apiVersion, kind, spec, status }) => {
          const schema = schemas.get(`${apiVersion} ${kind}`);
          if (schema === undefined) return [];
          return [
            ...unknown(spec, schema["properties"]?.spec, `${id}: ${kind}.spec`),
            ...unknown(status, schema["properties"]?.status, `${id}: ${kind}.status`),
          ];
        });
    });
    assert.deepEqual([...new Set(wrong)], []);
  });
});
