import assert from "node:assert/strict";
import { keepTrustBundles } from "../../../components/internal/keep-trust-bundles.ts";
import type { KubernetesClient } from "../../../kubernetes/client.ts";
import { nutanixEntry, OWN_PROVIDERS } from "../../../manifests/management-object.ts";

describe("CA certificates that CAPX trusts", () => {
  const entries = (trustBundles: Record<string, string>) => [
    ...OWN_PROVIDERS,
    nutanixEntry({ kcmVersion: "1.11.4", capxVersion: undefined, trustBundles }),
  ];
  /** A management cluster with these ClusterDeployments, whose Management has these certificates. */
  const cluster = (deployed: Record<string, string> | undefined, existing: readonly string[]) =>
    ({
      get: async ({ kind, metadata: { name } }: { kind: string; metadata: { name: string } }) => {
        if (kind === "ClusterDeployment") return existing.includes(name) ? {} : undefined;
        return deployed && { spec: { providers: entries(deployed) } };
      },
    }) as unknown as KubernetesClient;
  const kept = async (
    declared: Record<string, string>,
    deployed: Record<string, string> | undefined,
    existing: readonly string[],
  ) => (await keepTrustBundles(cluster(deployed, existing), entries(declared))).at(-1)?.config?.["trustBundles"];

  it("outlive the entry of a cluster in the stack file, since CAPX needs them to delete its machines", async () => {
    const deployed = { prismCentral: "A", edge: "B", gone: "C" };
    assert.deepEqual(await kept({ prismCentral: "A" }, deployed, ["edge"]), { edge: "B", prismCentral: "A" });
    assert.deepEqual(await kept({}, { edge: "B" }, ["edge"]), { edge: "B" });
  });

  it("are the stack's own otherwise: changed ones, and none of a cluster that is deleted", async () => {
    assert.deepEqual(await kept({ edge: "new" }, { edge: "old", gone: "C" }, ["edge"]), { edge: "new" });
    assert.equal(await kept({}, { prismCentral: "A" }, []), undefined);
    assert.deepEqual(await kept({ edge: "B" }, undefined, []), { edge: "B" });
  });
});
