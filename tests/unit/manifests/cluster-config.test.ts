import assert from "node:assert/strict";
import { add, capacity, NOTHING } from "../../../manifests/cluster-capacity.ts";
import { clusterConfig, merge } from "../../../manifests/cluster-config.ts";
import { clusterDeployment } from "../../../manifests/cluster-deployment.ts";
import { nutanixEntry } from "../../../manifests/management-object.ts";
import * as names from "../../../manifests/names.ts";
import { evaluateStack } from "../../../manifests/stack-manifests.ts";
import { type Cluster, cluster as clusterSchema } from "../../../schema/cluster.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack } from "../../../schema/stack.ts";
import { type StackFile, validInput, validStack } from "../../support/stack-fixture.ts";

const CENTRAL = { address: "pc.example.com", port: 9440, insecure: false };

function cluster(name: "demo" | "edge", change: (file: StackFile) => void = () => undefined): Cluster {
  const input = validStack()["clusters"][name];
  change(input);
  const { value, violations } = parse(clusterSchema, input, { at: name });
  assert.deepEqual(violations, []);
  return value as Cluster;
}

function config(name: "demo" | "edge", change?: (file: StackFile) => void): StackFile {
  return clusterConfig(cluster(name, change), { name, prismCentral: CENTRAL }) as StackFile;
}

describe("names", () => {
  it("are those of the contract", () => {
    assert.deepEqual(
      [
        names.NAMESPACE,
        names.KCM_RELEASE,
        names.CAPX_RELEASE,
        names.MANAGEMENT,
        names.PROVIDER,
        names.CAPX_VARIABLES,
        names.CHARTS,
      ],
      ["kcm-system", "kcm", "nutanix-capx", "kcm", "cluster-api-provider-nutanix", "nutanix-creds", "nutanix-charts"],
    );
    assert.deepEqual(names.CLUSTER_CHARTS, { hcp: "nutanix-k0s-hcp", standalone: "nutanix-k0s-standalone" });
    assert.equal(nutanixEntry().template, "cluster-api-provider-nutanix-1-0-0");
    assert.equal(names.releaseName("v1.2.0"), "kcm-1-2-0");
    assert.deepEqual(names.clusterNames("c"), {
      clusterDeployment: "c",
      credential: "c-nutanix",
      identity: "c-nutanix-identity",
      resourceTemplate: "c-nutanix-identity-resource-template",
      capxCredentials: "c-capx-credentials",
      trustBundle: "c-pc-ca",
      encryptionAtRest: "c-encryption-at-rest",
      kubeconfig: "c-kubeconfig",
      addonValues: { ccm: "c-ccm-values", csi: "c-csi-values" },
    });
  });

  it("give each cluster a password of its own for its balancer, the same each time", () => {
    assert.match(names.vrrpPassword("a"), /^[0-9a-f]{8}$/);
    assert.equal(names.vrrpPassword("a"), names.vrrpPassword("a"));
    assert.notEqual(names.vrrpPassword("a"), names.vrrpPassword("b"));
  });
});

describe("a cluster's config", () => {
  it("spells project and categories in one way", () => {
    const { machineDefaults } = config("demo");
    assert.deepEqual(machineDefaults.project, { type: "name", name: "k0s-project" });
    assert.deepEqual(machineDefaults.additionalCategories, [
      { key: "environment", value: "dev" },
      { key: "managed-by", value: "k0rdent" },
    ]);
  });

  it("splits a category at its first colon", () => {
    const { machineDefaults } = config("demo", (file) => {
      file["machineDefaults"].additionalCategories = ["time:10:30"];
    });
    assert.deepEqual(machineDefaults.additionalCategories, [{ key: "time", value: "10:30" }]);
  });

  it("keeps overrides apart from the defaults, and leaves out what is not said", () => {
    assert.deepEqual(config("edge")["controlPlane"], { vcpuSockets: 4, memorySize: "8Gi", systemDiskSize: "80Gi" });
    assert.equal("worker" in config("edge"), false);
    assert.equal("loadBalancing" in config("demo"), false);
    assert.equal("encryptionAtRest" in config("demo"), false);
    assert.deepEqual(config("edge")["encryptionAtRest"], { secretName: "edge-encryption-at-rest" });
    assert.deepEqual(config("demo")["clusterLabels"], { team: "blue" });
  });

  it("takes the stack's Prism Central without one of its own, and none of the words of a credential of its own", () => {
    assert.deepEqual(config("demo")["nutanix"].prismCentral, { ...CENTRAL, usePerClusterCredential: false });
  });

  it("names the Secret that CAPX will own, by default or as given, and a ConfigMap only as given", () => {
    assert.deepEqual(config("edge")["nutanix"].prismCentral, {
      address: "pc-edge.example.com",
      port: 9441,
      insecure: false,
      usePerClusterCredential: true,
      credentialSecretName: "edge-login",
    });
    const { prismCentral } = config("edge", (file) => {
      delete file["nutanix"].prismCentral.credentialSecretName;
      file["nutanix"].prismCentral.additionalTrustBundleConfigMapName = "edge-ca";
    })["nutanix"];
    assert.deepEqual(
      [prismCentral.credentialSecretName, prismCentral.additionalTrustBundleConfigMapName],
      ["edge-capx-credentials", "edge-ca"],
    );
  });

  it("balances by k0s's own balancer from k0s 1.30 on, with the address's last byte as router ID", () => {
    const loadBalancing = (host: string, version: string, chosen?: object) =>
      config("edge", (file) => {
        file["nutanix"].controlPlaneEndpoint.host = host;
        file["k0s"] = { version };
        file["loadBalancing"] = chosen;
        if (chosen === undefined) delete file["loadBalancing"];
      })["loadBalancing"];
    const authPass = names.vrrpPassword("edge");
    const cplb = { type: "cplb", virtualRouterID: 201, prefixLength: 32, authPass };
    assert.deepEqual(loadBalancing("10.1.1.201", "v1.30.0+k0s.0"), cplb);
    assert.deepEqual(loadBalancing("10.1.1.201", "v1.32.6+k0s.0", {}), cplb);
    assert.deepEqual(loadBalancing("10.1.1.0", "v1.32.6+k0s.0"), { ...cplb, virtualRouterID: 51 });
    assert.deepEqual(loadBalancing("api.example.com", "v1.32.6+k0s.0"), { ...cplb, virtualRouterID: 51 });
    assert.deepEqual(loadBalancing("10.1.1.201", "v1.29.2+k0s.0"), { type: "kube-vip" });
    assert.deepEqual(loadBalancing("10.1.1.201", "v1.32.6+k0s.0", { type: "external", virtualRouterID: 9 }), {
      type: "external",
    });
    assert.deepEqual(loadBalancing("10.1.1.201", "v1.32.6+k0s.0", { virtualRouterID: 7, prefixLength: 24 }), {
      ...cplb,
      virtualRouterID: 7,
      prefixLength: 24,
    });
  });

  it("leaves out what is null in k0s.config, which k0s takes as not set, but not an argument, which is an empty text there", () => {
    const { k0s } = config("edge", (file) => {
      file["k0s"] = {
        config: {
          apiVersion: null,
          kind: null,
          spec: {
            api: null,
            scheduler: { extraArgs: { profiling: null } },
            network: { provider: null, calico: { mode: "bird" } },
            extensions: { helm: { repositories: null, charts: [{ name: "a", order: null }] } },
            workerProfiles: [{ name: "default", values: { maxPods: null } }],
          },
        },
      };
      file["values"] = { k0s: { config: { spec: { network: { calico: null } } } } };
    });
    assert.deepEqual(k0s.config, {
      spec: {
        scheduler: { extraArgs: { profiling: null } },
        network: {},
        extensions: { helm: { charts: [{ name: "a" }] } },
        workerProfiles: [{ name: "default", values: {} }],
      },
    });
  });

  it("merges values last, maps by key and all else whole", () => {
    const merged = config("edge", (file) => {
      file["values"] = { controlPlane: { vcpuSockets: 8 }, machineDefaults: { subnets: [] }, more: 1 };
    });
    assert.deepEqual(merged["controlPlane"], { vcpuSockets: 8, memorySize: "8Gi", systemDiskSize: "80Gi" });
    assert.deepEqual(merged["machineDefaults"].subnets, []);
    assert.equal(merged["more"], 1);
    assert.deepEqual(merge({ a: { b: 1 }, c: [1] }, { a: { d: 2 }, c: [2] }), { a: { b: 1, d: 2 }, c: [2] });
  });

  it("is judged with its values in it", () => {
    const input = validInput() as StackFile;
    input["clusters"].edge.values = { machineDefaults: { memorySize: "1Gi" } };
    const { value } = parse(stack, input, { at: "" });
    const { violations } = evaluateStack(value as Stack, {});
    assert.deepEqual(
      violations.map(({ path, value }) => [path, value]),
      [["clusters.edge.machineDefaults.memorySize", "1Gi"]],
    );
  });

  it("is in a ClusterDeployment with template and credential, with the user's labels", () => {
    const demo = cluster("demo");
    assert.deepEqual(clusterDeployment(demo, { name: "demo", prismCentral: CENTRAL }), {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "ClusterDeployment",
      metadata: { name: "demo", namespace: "kcm-system", labels: { team: "blue" } },
      spec: {
        template: "nutanix-k0s-hcp-1-0-0",
        credential: "demo-nutanix",
        propagateCredentials: false,
        config: clusterConfig(demo, { name: "demo", prismCentral: CENTRAL }),
      },
    });
  });
});

describe("capacity", () => {
  it("counts the workers of a hosted cluster, with their overrides", () => {
    assert.deepEqual(capacity(cluster("demo")), { machines: 2, vcpus: 8, memoryGib: 8, diskGib: 80 });
  });

  it("counts control plane machines too where there are some", () => {
    const edge = capacity(cluster("edge"));
    assert.deepEqual(edge, { machines: 5, vcpus: 3 * 4 + 2 * 2, memoryGib: 3 * 8 + 2 * 4, diskGib: 3 * 80 + 2 * 40 });
    assert.deepEqual(add(NOTHING, edge), edge);
  });
});
