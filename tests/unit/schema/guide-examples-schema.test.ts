import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { clusterConfig } from "../../../manifests/cluster-config.ts";
import { clusterDeployment } from "../../../manifests/cluster-deployment.ts";
import { evaluateStack } from "../../../manifests/stack-manifests.ts";
import { cluster } from "../../../schema/cluster.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack } from "../../../schema/stack.ts";
import { referenceViolations } from "../../../schema/stack-references.ts";

const MODES = ["hcp", "standalone"] as const;
type Mode = (typeof MODES)[number];

function text(mode: Mode): string {
  return readFileSync(join(import.meta.dirname, "../../fixtures", `seed-${mode}.yaml`), "utf8");
}

/** Lines that are comments in the guide, switched on. */
function switchedOn(mode: Mode, ...keys: readonly string[]): string {
  return text(mode).replace(/^( *)# ((\w+):.*)$/gm, (line, indent: string, rest: string, key: string) =>
    keys.includes(key) ? `${indent}${rest}` : line,
  );
}

function stackOf(mode: Mode, body: string): Stack {
  const input = {
    management: { inCluster: true },
    prismCentral: { address: "10.1.1.100" },
    clusters: { demo: { mode, ...parseYaml(body) } },
  };
  const { value, violations } = parse(stack, input, { at: "" });
  assert.deepEqual(violations, []);
  return value as Stack;
}

function config(read: Stack): Record<string, any> {
  const demo = read.clusters["demo"];
  assert.ok(demo);
  return clusterConfig(demo, { name: "demo", prismCentral: read.prismCentral }) as Record<string, any>;
}

const WORDS = {
  nutanix: {
    prismCentral: { address: "10.1.1.100", port: 9440, insecure: false, usePerClusterCredential: false },
    controlPlaneEndpoint: { host: "10.1.1.200", port: 6443 },
  },
  machineDefaults: {
    image: { type: "name", name: "ubuntu-22.04-k0s" },
    cluster: { type: "name", name: "PE-Cluster-01" },
    subnets: [{ type: "name", name: "VM-Network" }],
    bootType: "legacy",
    vcpusPerSocket: 1,
    vcpuSockets: 2,
    memorySize: "4Gi",
    systemDiskSize: "40Gi",
  },
  worker: { vcpuSockets: 2, memorySize: "4Gi", systemDiskSize: "40Gi" },
  k0s: { version: "v1.29.2+k0s.0", worker: { labels: { "node-role.kubernetes.io/worker": "" } } },
  clusterNetwork: {
    pods: { cidrBlocks: ["10.243.0.0/16"] },
    services: { cidrBlocks: ["10.95.0.0/16"] },
    serviceDomain: "cluster.local",
  },
  encryptionAtRest: { secretName: "demo-encryption-at-rest" },
  controlPlaneNumber: 3,
  workersNumber: 2,
};

describe("the guide's spec.config", () => {
  it("of the hosted cluster is accepted unchanged, and becomes the chart's values", () => {
    const read = stackOf("hcp", text("hcp"));
    assert.deepEqual(evaluateStack(read, {}).violations, []);
    assert.deepEqual(config(read), WORDS);
  });

  it("of the standalone cluster is accepted unchanged, with kube-vip, since k0s 1.29 has no balancer", () => {
    const read = stackOf("standalone", text("standalone"));
    assert.deepEqual(evaluateStack(read, {}).violations, []);
    assert.deepEqual(config(read), {
      ...WORDS,
      nutanix: { ...WORDS.nutanix, controlPlaneEndpoint: { host: "10.1.1.201", port: 6443 } },
      controlPlane: { vcpuSockets: 4, memorySize: "8Gi", systemDiskSize: "80Gi" },
      loadBalancing: { type: "kube-vip" },
    });
  });

  for (const mode of MODES) {
    it(`of the ${mode} cluster is taken with a credential of its own and a project`, () => {
      const body = switchedOn(mode, "usePerClusterCredential", "credentialSecretName", "project", "taints");
      assert.notEqual(body, text(mode));
      const read = stackOf(mode, body);
      assert.deepEqual(referenceViolations(read, ["global", "demo"]), []);
      assert.deepEqual(evaluateStack(read, {}).violations, []);
      const { nutanix, machineDefaults, k0s } = config(read);
      assert.deepEqual(nutanix.prismCentral, {
        address: "10.1.1.100",
        port: 9440,
        insecure: false,
        usePerClusterCredential: true,
        credentialSecretName: "nutanix-cluster-creds",
      });
      assert.deepEqual(machineDefaults.project, { type: "name", name: "k0s-project" });
      assert.deepEqual(k0s.worker.taints, []);
    });

    it(`of the ${mode} cluster is rejected with its categories, which have no value`, () => {
      const input = { mode, ...parseYaml(switchedOn(mode, "additionalCategories")) };
      const { violations } = parse(cluster, input, { at: "clusters.demo" });
      assert.deepEqual(
        violations.map(({ path, value, reason }) => [path, value, reason]),
        [
          ["clusters.demo.machineDefaults.additionalCategories.0", "k0s", "has no value"],
          ["clusters.demo.machineDefaults.additionalCategories.1", mode, "has no value"],
        ],
      );
    });

    it(`of the ${mode} cluster names this project's template in its ClusterDeployment`, () => {
      const read = stackOf(mode, text(mode));
      const manifest = clusterDeployment(read.clusters["demo"]!, { name: "demo", prismCentral: read.prismCentral });
      assert.equal(manifest.spec?.["template"], `nutanix-k0s-${mode}-1-0-0`);
      assert.equal(manifest.spec?.["credential"], "demo-nutanix");
    });
  }
});
