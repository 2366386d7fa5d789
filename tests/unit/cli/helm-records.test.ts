import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { helmRecord, newestRecords } from "../../../cli/engine/helm-records.ts";

/** A Secret as Helm writes it: JSON, gzip, base64, and the base64 of every Secret. */
function stored(name: string, release: unknown) {
  const packed = gzipSync(JSON.stringify(release)).toString("base64");
  const data = { release: Buffer.from(packed).toString("base64") };
  const labels = { owner: "helm", status: "deployed" };
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "kcm-system", labels }, data };
}

const RELEASE = {
  name: "kcm",
  info: { status: "pending-install", description: "Initial install underway" },
  chart: { metadata: { name: "kcm", version: "1.2.0" } },
};

describe("records of Helm", () => {
  it("are read out of their Secrets", () => {
    assert.deepEqual(helmRecord(stored("sh.helm.release.v1.kcm.v12", RELEASE)), {
      namespace: "kcm-system",
      name: "kcm",
      revision: 12,
      status: "pending-install",
      description: "Initial install underway",
      chart: "kcm-1.2.0",
      secret: "sh.helm.release.v1.kcm.v12",
    });
  });

  it("keep what the Secret's name and labels say when their content cannot be read", () => {
    const broken = { ...stored("sh.helm.release.v1.kcm.v1", {}), data: { release: "bm90IGdaaXA=" } };
    assert.equal(helmRecord(broken)?.status, "deployed");
    assert.equal(helmRecord(broken)?.description, "");
  });

  it("are not made of other Secrets", () => {
    assert.equal(helmRecord(stored("edge-nutanix-identity", RELEASE)), undefined);
  });

  it("are newest by number, not by text", () => {
    const records = [2, 10, 9].map((revision) => helmRecord(stored(`sh.helm.release.v1.kcm.v${revision}`, RELEASE)));
    assert.deepEqual(
      newestRecords(records.filter((found) => found !== undefined)).map(({ revision }) => revision),
      [10],
    );
  });
});
