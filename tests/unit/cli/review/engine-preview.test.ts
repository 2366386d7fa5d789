import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPreview } from "../../../../cli/review/engine-preview.ts";
import { differences } from "../../../../cli/review/fields.ts";

/** Output of Pulumi 3.250's preview of the stack dev on a sandbox, cut down to what is read. */
const sample = (name: string) => readFileSync(join(import.meta.dirname, "previews", `${name}.json`), "utf8");
const read = (text: string) => readPreview(text, []);

describe("a preview by Pulumi's engine", () => {
  it("of a changed stack names each field that differs, and that a secret does", () => {
    const { diffs, others } = read(sample("update"));
    const changed = diffs.filter(({ operation }) => operation !== "same");
    assert.deepEqual(
      changed.map(({ operation, after, fields }) => [operation, `${after?.kind} ${after?.metadata.name}`, fields]),
      [
        ["update", "Secret edge-nutanix-identity", [{ path: "data.credentials", hidden: true }]],
        ["update", "Secret edge-capx-credentials", [{ path: "data.credentials", hidden: true }]],
        ["update", "ClusterDeployment edge", [{ path: "controlPlane.memorySize", before: "8Gi", after: "16Gi" }]],
        ["update", "ClusterDeployment demo", [{ path: "workersNumber", before: 2, after: 4 }]],
      ],
    );
    assert.deepEqual(others, []);
  });

  it("of a removed cluster names what goes, random values with their cluster", () => {
    const { diffs, others } = read(sample("delete"));
    const gone = diffs.filter(({ operation }) => operation === "delete").map(({ before }) => before?.kind);
    assert.deepEqual(gone.toSorted(), [
      "ClusterDeployment",
      "ConfigMap",
      "ConfigMap",
      "Credential",
      "Secret",
      "Secret",
      "Secret",
    ]);
    assert.deepEqual(others, [
      { operation: "delete", kind: "RandomPassword", name: "edge-encryption-seed", cluster: "edge", fields: [] },
    ]);
  });

  it("of a new stack takes from the stack file what is known only during the update", () => {
    const { diffs } = read(sample("create"));
    const deployment = diffs.find(({ after }) => after?.kind === "ClusterDeployment")?.after;
    assert.ok(deployment);
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const digest = JSON.parse(sample("create"));
    for (const { newState } of digest.steps) {
      if (newState?.inputs?.kind === "ClusterDeployment") newState.inputs.spec.template = unknown;
    }
    const known = readPreview(JSON.stringify(digest), [deployment]).diffs.map(({ after }) => after);
    assert.deepEqual(
      known.find((after) => after?.metadata.name === deployment.metadata.name),
      deployment,
    );
    const [field] = differences({ kind: "X", spec: { a: 1 } }, { kind: "X", spec: { a: unknown } });
    assert.deepEqual(field, { path: "spec.a", before: 1, unknown: true });
  });

  it("that failed says why, without the engine's own noise", () => {
    const { errors, warnings, diffs } = read(sample("failed"));
    assert.deepEqual(diffs, []);
    assert.deepEqual(warnings, []);
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? "", /^Pulumi\.dev\.yaml:\n {2}- clusters\.demo\.nutanix\.controlPlaneEndpoint\.host: /);
  });

  it("without its unchanged resources says that totals are not whole", () => {
    const digest = JSON.parse(sample("update"));
    digest.steps = digest.steps.filter(({ op }: { op: string }) => op !== "same");
    assert.match(read(JSON.stringify(digest)).unknown.join("\n"), /run pulumi preview with --show-sames/);
    assert.doesNotMatch(read(sample("update")).unknown.join("\n"), /--show-sames/);
  });

  it("with a replacement counts it once", () => {
    const digest = JSON.parse(sample("update"));
    const at = digest.steps.findIndex(({ urn, op }: any) => op === "update" && urn.endsWith("::edge"));
    const [step] = digest.steps.splice(at, 1);
    for (const op of ["create-replacement", "replace", "delete-replaced"]) digest.steps.push({ ...step, op });
    const diffs = read(JSON.stringify(digest)).diffs.filter(({ after }) => after?.metadata.name === "edge");
    assert.deepEqual(
      diffs.map(({ operation }) => operation),
      ["replace"],
    );
  });

  it("is rejected where it is not one", () => {
    for (const text of ["", "Previewing update (dev)", '{"steps": 1}']) {
      assert.throws(() => read(text), /--preview: is not the output of pulumi preview --json; /);
    }
  });
});
