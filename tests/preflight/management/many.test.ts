import assert from "node:assert/strict";
import { stackManifests } from "../../../manifests/stack-manifests.ts";
import { standIn } from "./api-stand-in.ts";
import { kcm, live } from "./failing-management-checks.ts";
import { ALL, ask, devStack } from "./run-check.ts";

/** Ask a registry on the network. */
const ELSEWHERE = ["kcm-chart-exists"];
const COUNT = 200;

describe("two hundred clusters on one management cluster", () => {
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

  it("are asked about in under 10 s at 20 ms a call, and no call twice", async () => {
    const api = await standIn({
      latency: 20,
      kinds: [...kinds, "v1 Service", "v1 Pod", "metallb.io/v1beta1 IPAddressPool"],
      objects: [
        ...kcm(),
        live("v1 Namespace kcm-system"),
        live("v1 Namespace kube-system", { metadata: { name: "kube-system", uid: "1" } }),
      ],
    });
    try {
      const began = Date.now();
      const lines = await ask(
        ALL.filter((id) => !ELSEWHERE.includes(id)),
        { kubeconfig: api.kubeconfig, stack },
      );
      const took = Date.now() - began;
      assert.ok(took < 10_000, `${took} ms for ${api.calls.length} calls`);
      const accepted = lines.filter((line) => line.startsWith("cluster-is-admitted ["));
      assert.equal(accepted.length, COUNT);
      assert.ok(accepted.every((line) => line.endsWith("]: pass: 5 of 5 objects are accepted by a dry run")));
      assert.equal(lines.filter((line) => line.startsWith("load-balancer-serves-endpoint [")).length, COUNT);
      assert.deepEqual(
        api.calls.filter((call, index) => api.calls.indexOf(call) !== index),
        [],
      );
    } finally {
      await api.close();
    }
  }).timeout(30_000);
});
