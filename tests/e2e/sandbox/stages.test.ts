import assert from "node:assert/strict";
import type { KubernetesClient, ObjectTarget } from "../../../kubernetes/client.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { StageReconciler } from "../../../sandbox/controllers/stages.ts";

const GROUP = "source.toolkit.fluxcd.io";
const CRDS = new Set([`helmrepositories.${GROUP}`]);
/** What an API server says of a kind whose objects are stored as v1. */
const STORED = "WgQB4f3a6jc=";

/** An API server that has described only some versions of a kind yet. */
function serverWith(served: readonly string[], described = served) {
  const applied: string[] = [];
  const resources = [{ kind: "HelmRepository", name: "helmrepositories", storageVersionHash: STORED }];
  const answers: Record<string, object> = {
    [`/apis/${GROUP}`]: { versions: [{ version: "v1" }, { version: "v1beta1" }] },
    ...Object.fromEntries(served.map((version) => [`/apis/${GROUP}/${version}`, { resources }])),
    ...Object.fromEntries(
      described.map((version) => {
        const path = `/apis/${GROUP}/${version}`;
        return [`/openapi/v3${path}`, { paths: { [`${path}/namespaces/{namespace}/helmrepositories/{name}`]: {} } }];
      }),
    ),
  };
  const client: Pick<KubernetesClient, "get" | "list" | "apply" | "delete"> = {
    get: async <T>(path: ObjectTarget) => answers[String(path)] as T | undefined,
    list: async () => [],
    apply: async (object) => {
      const stage = object as KubernetesObject<{ resourceRef: { apiGroup: string } }>;
      applied.push(`${stage.metadata.name} ${stage.spec?.resourceRef.apiGroup}`);
      return stage;
    },
    delete: async () => undefined,
  };
  return { keeper: new StageReconciler(client as unknown as KubernetesClient), applied };
}

describe("Stages of the sandbox", () => {
  it("play a kind in the version that its objects are stored in", async () => {
    const { keeper, applied } = serverWith(["v1", "v1beta1"]);
    assert.equal(await keeper.reconcile(CRDS), true);
    assert.deepEqual(applied, [`helm-repository-ready ${GROUP}/v1`]);
  });

  it("wait for that version, though another is served before it", async () => {
    const { keeper, applied } = serverWith(["v1beta1"]);
    assert.equal(await keeper.reconcile(CRDS), false);
    assert.deepEqual(applied, []);
  });

  it("wait until it is described too", async () => {
    const { keeper, applied } = serverWith(["v1", "v1beta1"], ["v1beta1"]);
    assert.equal(await keeper.reconcile(CRDS), false);
    assert.deepEqual(applied, []);
  });
});
