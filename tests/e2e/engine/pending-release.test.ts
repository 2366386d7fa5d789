import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { EngineError } from "../../../cli/engine/events.ts";
import { STACK_LABEL } from "../../../manifests/manifest.ts";
import { useHarness } from "./harness.ts";

const NAME = "sh.helm.release.v1.kcm.v1";
const PATH = `/api/v1/namespaces/kcm-system/secrets/${NAME}`;

/** A revision as Helm keeps it: base64 of gzip of JSON. */
function revision(status: string): string {
  const info = { first_deployed: "2026-01-01T00:00:00Z", last_deployed: "2026-01-01T00:00:00Z", status };
  const chart = { metadata: { name: "kcm", version: "1.2.0" }, templates: [], values: {} };
  const content = { name: "kcm", namespace: "kcm-system", version: 1, info, chart, config: {}, manifest: "" };
  return gzipSync(JSON.stringify(content)).toString("base64");
}

describe("an up on a Helm release that a killed run left unfinished", () => {
  const harness = useHarness("pending");

  before(async () => {
    const labels = { [STACK_LABEL]: "k0rdent-nutanix.dev" };
    await harness.api.create({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "kcm-system", labels },
    } as never);
    await harness.api.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: NAME,
        namespace: "kcm-system",
        labels: { owner: "helm", name: "kcm", status: "pending-install", version: "1" },
      },
      type: "helm.sh/release.v1",
      stringData: { release: revision("pending-install") },
    } as never);
  });

  it("fails with the release and the way out, which helps", async function () {
    this.timeout(600_000);
    const error = await harness.engine.up().then(
      () => assert.fail("the up did not fail"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof EngineError, String(error));
    assert.match(
      error.reasons.join("\n"),
      new RegExp(
        `Helm release kcm in kcm-system is pending-install since \\S+; if no run is at work on it, run kubectl delete secret ${NAME} -n kcm-system, then pulumi up again`,
      ),
    );
    await harness.api.delete(PATH);
    await harness.engine.up();
    assert.equal(await harness.readiness("edge"), "True");
  });
});
