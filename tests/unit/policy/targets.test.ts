import assert from "node:assert/strict";
import { targetOf } from "../../../policy/targets.ts";

const target = (type: string, props = {}) => targetOf({ type, name: "x", props });

describe("targets of the policy pack", () => {
  it("are objects with every part but their status, and inputs of Helm releases and charts", () => {
    const object = target("kubernetes:core/v1:ConfigMap", { binaryData: { a: "b" }, status: {} })?.object;
    assert.deepEqual(Object.keys(object ?? {}), ["apiVersion", "kind", "metadata", "binaryData"]);
    assert.equal(target("kubernetes:helm.sh/v4:Chart", { chart: "x" })?.at, "Chart x inputs");
    assert.equal(target("kubernetes:helm.sh/v3:Release", { chart: "x" })?.at, "Release x inputs");
  });

  it("are not files of objects, whose Secrets are resources of their own", () => {
    for (const type of ["yaml:ConfigFile", "yaml/v2:ConfigGroup", "kustomize/v2:Directory"]) {
      assert.equal(target(`kubernetes:${type}`, { yaml: "kind: Secret\nstringData: {password: canary}" }), undefined);
    }
  });
});
