import assert from "node:assert/strict";
import type { KubernetesClient } from "../../../kubernetes/client.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { removeCapxOwner } from "../../../sandbox/controllers/owner-references.ts";

describe("the removal of what a NutanixCluster owned", () => {
  const owner = { apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1", kind: "NutanixCluster", uid: "1" };
  const secret = (name: string): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "kcm-system", ownerReferences: [{ ...owner, name: "new" }] },
  });

  async function removed(onServer: KubernetesObject | undefined): Promise<string[]> {
    const deleted: string[] = [];
    const client = {
      get: async () => onServer,
      merge: async () => undefined,
      delete: async ({ metadata }: KubernetesObject) => void deleted.push(metadata.name),
    } as unknown as KubernetesClient;
    const items = (objects: readonly KubernetesObject[]) => ({ items: objects });
    const informers = { nutanixClusters: items([]), secrets: items([secret("new-login")]), configMaps: items([]) };
    await removeCapxOwner(
      { client, informers } as unknown as Parameters<typeof removeCapxOwner>[0],
      "kcm-system",
      "old",
    );
    return deleted;
  }
  const cluster = (uid: string) => {
    const labels = { "helm.toolkit.fluxcd.io/name": "new" };
    return { apiVersion: owner.apiVersion, kind: owner.kind, metadata: { name: "new", uid, labels } };
  };

  it("leaves the Secret of a cluster that no watch has told of yet", async () => {
    assert.deepEqual(await removed(cluster("1")), []);
  });

  it("deletes the Secret of one that is deleted, or created again", async () => {
    assert.deepEqual(await removed(undefined), ["new-login"]);
    assert.deepEqual(await removed(cluster("2")), ["new-login"]);
  });
});
