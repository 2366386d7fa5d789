import assert from "node:assert/strict";
import { stackManifests } from "../../../../manifests/stack-manifests.ts";
import { startApiServer } from "./api-server-stand-in.ts";
import { ALL, devStack, kcm, live, runManagementChecks } from "./management-scenario.ts";

/** Reads a registry on the network. */
const NETWORK = "kcm-chart-exists";
const COUNT = 200;

describe("checks of two hundred clusters on one management cluster", () => {
  it("send no request twice", async () => {
    const stack = devStack((settings) => {
      const { demo } = settings["clusters"];
      settings["clusters"] = Object.fromEntries(
        Array.from({ length: COUNT }, (_, index) => {
          const cluster = structuredClone(demo);
          cluster.nutanix.controlPlaneEndpoint.host = `10.2.${Math.floor(index / 100)}.${(index % 100) + 1}`;
          return [`cluster-${index}`, cluster];
        }),
      );
    });
    const kinds = new Set(stackManifests(stack, {}).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
    const api = await startApiServer({
      kinds: [...kinds, "v1 Service", "v1 Pod", "metallb.io/v1beta1 IPAddressPool"],
      objects: [
        ...kcm(),
        live("v1 Namespace kcm-system"),
        live("v1 Namespace kube-system", { metadata: { name: "kube-system", uid: "1" } }),
      ],
    });
    try {
      const ids = ALL.filter((id) => id !== NETWORK);
      const lines = await runManagementChecks(ids, { kubeconfig: api.kubeconfig, stack });
      const admitted = lines.filter((line) => line.startsWith("cluster-is-admitted ["));
      assert.equal(admitted.length, COUNT);
      assert.ok(admitted.every((line) => line.endsWith("]: pass: 4 of 4 objects are accepted in a dry run")));
      assert.equal(lines.filter((line) => line.startsWith("load-balancer-serves-endpoint [")).length, COUNT);
      assert.equal(new Set(api.requests).size, api.requests.length);
    } finally {
      await api.close();
    }
  }).timeout(30_000);
});
