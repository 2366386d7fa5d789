import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { helmReleases } from "../../../cli/stack/helm-releases.ts";

/** A Secret as Helm writes it: JSON, gzip, base64, and the base64 of every Secret. */
function stored(name: string, version: number, data?: string) {
  const content = { info: { description: `revision ${version}` }, chart: { metadata: { name, version: "1.2.0" } } };
  const packed = Buffer.from(gzipSync(JSON.stringify(content)).toString("base64")).toString("base64");
  const labels = { owner: "helm", status: "deployed", name, version: String(version) };
  const metadata = { name: `sh.helm.release.v1.${name}.v${version}`, namespace: "kcm-system", labels };
  return { apiVersion: "v1", kind: "Secret", metadata, data: { release: data ?? packed } };
}

const read = (...secrets: object[]) => helmReleases({ list: async () => secrets } as never, "kcm-system");

describe("Helm releases", () => {
  it("are read out of their Secrets at the newest revision, which is newest by number", async () => {
    assert.deepEqual(await read(...[2, 10, 9].map((version) => stored("kcm", version))), [
      {
        namespace: "kcm-system",
        name: "kcm",
        revision: 10,
        status: "deployed",
        description: "revision 10",
        chart: "kcm-1.2.0",
      },
    ]);
  });

  it("keep what the labels say where their content cannot be read", async () => {
    const [release] = await read(stored("kcm", 1, "bm90IGdaaXA="));
    assert.deepEqual([release?.name, release?.status, release?.description], ["kcm", "deployed", ""]);
  });
});
