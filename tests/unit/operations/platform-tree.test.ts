import assert from "node:assert/strict";
import { platformTree } from "../../../operations/resource-tree.ts";
import { changed, healthy, object, snapshotOf } from "./snapshots.ts";

describe("the platform's chain", () => {
  it("is ready with all that Management names", () => {
    const platform = platformTree(snapshotOf(healthy("v1beta1")));
    assert.equal(platform?.state, "Current");
    assert.deepEqual(
      platform?.children.map(({ kind, state, detail }) => [kind, state, detail]),
      [
        ["InfrastructureProvider", "Current", "v1.7.0"],
        ["ProviderTemplate", "Current", "1.0.0"],
      ],
    );
  });

  it("does not believe a Management that says Ready before it has looked at its components", () => {
    const objects = changed(healthy("v1beta1"), "Management/kcm", { status: { components: {} } });
    const platform = platformTree(snapshotOf(objects));
    assert.equal(platform?.state, "InProgress");
    assert.equal(platform?.cause?.message, "not reported yet: cluster-api-provider-nutanix");
  });

  it("reports the failing component with its message", () => {
    const components = { "cluster-api-provider-nutanix": { success: false, error: "context deadline exceeded" } };
    const objects = changed(healthy("v1beta1"), "Management/kcm", { status: { components } });
    assert.deepEqual(platformTree(snapshotOf(objects))?.cause, {
      type: "component cluster-api-provider-nutanix",
      message: "context deadline exceeded",
      since: "2026-11-24T11:57:00Z",
    });
  });

  it("is not there where no Management is", () => {
    assert.equal(platformTree(snapshotOf([object("Secret", "x")])), undefined);
  });
});
