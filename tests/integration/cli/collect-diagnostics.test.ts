import assert from "node:assert/strict";
import { collectDiagnostics } from "../../../cli/stack/collect-diagnostics.ts";
import { connectKubernetes } from "../../../kubernetes/client.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import { object } from "../../unit/operations/snapshots.ts";
import { startStandIn } from "./stand-in-api.ts";

describe("what the doctor collects", () => {
  it("probes the endpoints of clusters that are not ready, however many others are", async () => {
    const cluster = (name: string, status: string) =>
      object("Cluster", name, {
        spec: { controlPlaneEndpoint: { host: "127.0.0.1", port: name === "ill" ? 1 : 2 } },
        status: { conditions: [{ type: "Ready", status, reason: "R", message: "m" }] },
      });
    const ready = Array.from({ length: 60 }, (_, index) => cluster(`c${index}`, "True"));
    const api = await startStandIn({ objects: [...ready, cluster("ill", "False")] });
    try {
      const client = await connectKubernetes({ kubeconfig: readKubeconfig(api.kubeconfig) });
      const { input } = await collectDiagnostics({ client, identity: undefined, planned: [] });
      assert.deepEqual(
        input.probes.map(({ address }) => address),
        ["127.0.0.1:1"],
      );
    } finally {
      await api.close();
    }
  });
});
