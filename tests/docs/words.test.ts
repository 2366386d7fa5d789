import assert from "node:assert/strict";
import { WORDS } from "../../cli/output/reference/words.ts";
import { type Plain, render, SECURE, smallestStack } from "./stacks.ts";

type Change = (clusters: Plain, config: Plain) => void;

/** For each word that is refused, a stack file with it, and the beginning of the fault. */
const REFUSED: Readonly<Record<string, [change: Change, fault: RegExp]>> = {
  '`additionalCategories: ["k0s"]`': [
    ({ demo }) => (demo.machineDefaults.additionalCategories = ["k0s"]),
    /clusters\.demo\.machineDefaults\.additionalCategories\.0: "k0s" .*key:value/,
  ],
  "one `credentialSecretName` or trust bundle named by several clusters": [
    (clusters, config) => {
      const address = "prism-central.example.com";
      const own = { address, usePerClusterCredential: true, credentialSecretName: "nutanix-cluster-creds" };
      clusters["demo"].nutanix.prismCentral = own;
      clusters["other"] = structuredClone(clusters["demo"]);
      clusters["other"].nutanix.controlPlaneEndpoint.host = "10.1.1.201";
      const login = { username: "svc", password: SECURE };
      Object.assign(config["k0rdent-nutanix:credentials"], { demo: login, other: login });
    },
    /clusters\.other\.nutanix\.prismCentral\.credentialSecretName: "nutanix-cluster-creds" is named by clusters\.demo too/,
  ],
  "`credentialSecretName` or `additionalTrustBundleConfigMapName` without `usePerClusterCredential: true`": [
    ({ demo }) =>
      (demo.nutanix.prismCentral = {
        address: "prism-central.example.com",
        additionalTrustBundleConfigMapName: "nutanix-ca-bundle",
      }),
    /clusters\.demo\.nutanix\.prismCentral\.additionalTrustBundleConfigMapName: .*has no effect/,
  ],
  "a cluster's `prismCentral.address` that is not the one of the global credentials": [
    ({ demo }) => (demo.nutanix.prismCentral = { address: "10.1.1.100" }),
    /clusters\.demo\.nutanix\.prismCentral\.address: "10\.1\.1\.100" differs/,
  ],
};

describe("words of the guides that exist", () => {
  it("are each replaced, or refused with a stack file below that shows it", () => {
    const refused = WORDS.filter(({ fate }) => fate === "refused").map(({ word }) => word);
    assert.deepEqual(refused.sort(), Object.keys(REFUSED).sort());
  });

  for (const [word, [change, fault]] of Object.entries(REFUSED)) {
    it(`are refused: ${word}`, async () => {
      const stack = await smallestStack();
      change(stack["config"]["k0rdent-nutanix:clusters"], stack["config"]);
      await assert.rejects(render(stack), ({ message }: Error) => {
        assert.match(message, fault);
        assert.equal(message.split("\n").length, 2, message);
        return true;
      });
    });
  }

  it("are replaced in a cluster by what CAPX and k0s take", async () => {
    const stack = await smallestStack();
    const { demo } = stack["config"]["k0rdent-nutanix:clusters"];
    demo.mode = "standalone";
    demo.controlPlane = { memorySize: "8Gi" };
    demo.k0s = { version: "v1.29.2+k0s.0" };
    Object.assign(demo.machineDefaults, { project: "k0s-project", additionalCategories: ["environment:production"] });
    const { objects } = await render(stack);
    const { spec } = objects.find(({ kind }) => kind === "ClusterDeployment") as Plain;
    assert.equal(spec.template, "nutanix-k0s-standalone-1-0-0");
    assert.deepEqual(spec.config.loadBalancing, { type: "kube-vip" });
    assert.deepEqual(spec.config.machineDefaults.project, { type: "name", name: "k0s-project" });
    assert.deepEqual(spec.config.machineDefaults.additionalCategories, [{ key: "environment", value: "production" }]);
  });
});
