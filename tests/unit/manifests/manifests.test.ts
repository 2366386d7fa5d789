import assert from "node:assert/strict";
import { add, capacity, NOTHING } from "../../../manifests/cluster-capacity.ts";
import { clusterConfig, merge } from "../../../manifests/cluster-config.ts";
import { clusterDeployment } from "../../../manifests/cluster-deployment.ts";
import { capxVariables, credential, credentialsText, resourceTemplate } from "../../../manifests/credential.ts";
import { encryptionConfig } from "../../../manifests/encryption.ts";
import {
  kcmValues,
  management,
  managementConditions,
  nutanixEntry,
  type ProviderEntry,
} from "../../../manifests/management-object.ts";
import type { Manifest } from "../../../manifests/manifest.ts";
import * as names from "../../../manifests/names.ts";
import { evaluateStack, stackManifests } from "../../../manifests/stack-manifests.ts";
import { trustBundle } from "../../../manifests/trust-bundle-object.ts";
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

function classStack(clusterClass: boolean, adopt = false): Stack {
  const input = validInput() as StackFile;
  input["clusters"].demo.clusterClass = clusterClass;
  input["management"].adopt = adopt;
  const { value, violations } = parse(stack, input, { at: "" });
  assert.deepEqual(violations, []);
  return value as Stack;
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

  it("stands in a ClusterDeployment beside template and credential, with the user's labels", () => {
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

describe("kcm's values", () => {
  const CONTROLLER = { controller: { createManagement: false, enableTelemetry: false }, velero: { enabled: false } };
  const REGIONAL = {
    controller: { createManagement: false },
    regional: { telemetry: { mode: "disabled" }, velero: { enabled: false } },
  };
  for (const [version, values] of Object.entries({
    "1.2.0": CONTROLLER,
    "1.4.1": CONTROLLER,
    "1.5.0": REGIONAL,
    "v1.11.4": REGIONAL,
  })) {
    it(`of kcm ${version} switch off telemetry, velero and a Management of kcm's own making, in its words`, () => {
      assert.deepEqual(kcmValues(version), values);
    });
  }

  it("take the user's last", () => {
    const user = { velero: { enabled: true }, replicas: 2 };
    assert.deepEqual(kcmValues("1.2.0", user), { ...CONTROLLER, velero: { enabled: true }, replicas: 2 });
  });
});

describe("Management", () => {
  it("names every provider and carries kcm's values", () => {
    assert.deepEqual(management({ kcmVersion: "1.2.0", kcmValues: { a: 1 }, providers: [{ name: "extra" }] }), {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "Management",
      metadata: { name: "kcm" },
      spec: {
        release: "kcm-1-2-0",
        core: { capi: {}, kcm: { config: { ...kcmValues("1.2.0"), a: 1 } } },
        providers: [
          { name: "cluster-api-provider-k0sproject-k0smotron" },
          { name: "projectsveltos" },
          {
            name: "cluster-api-provider-nutanix",
            template: "cluster-api-provider-nutanix-1-0-0",
            config: { kcmLine: "1.2", version: "v1.7.0" },
          },
          { name: "extra" },
        ],
      },
    });
  });

  it("switches Cluster API's gate on for a cluster by a ClusterClass, and for no other", () => {
    const capi = (clusterClass: boolean) => {
      const manifest = stackManifests(classStack(clusterClass)).find(({ kind }) => kind === "Management");
      return (manifest?.spec as StackFile | undefined)?.["core"].capi;
    };
    assert.deepEqual(capi(true), { config: { manager: { featureGates: { ClusterTopology: true } } } });
    assert.deepEqual(capi(false), {});
  });

  it("of somebody else is left alone, and a cluster by a ClusterClass is warned of with what its owner must set", () => {
    const stack = classStack(true, true);
    assert.equal(
      stackManifests(stack).find(({ kind }) => kind === "Management"),
      undefined,
    );
    assert.deepEqual(evaluateStack(stack, {}).warnings.at(-1), {
      path: "clusters.demo.clusterClass",
      value: true,
      reason:
        "is rejected by Cluster API unless its feature gate ClusterTopology is on, and this stack does not manage Management",
      remedy:
        "ask its owner to set spec.core.capi.config.manager.featureGates.ClusterTopology: true in Management, or remove clusterClass",
    });
    assert.ok(!evaluateStack(classStack(true), {}).warnings.some(({ path }) => path.endsWith(".clusterClass")));
  });

  it("is waited for by its Release and each provider's success, and not by Ready alone", () => {
    const spec = { release: "kcm-1-11-4", providers: [{ name: "a" }, { name: "b-c" }] };
    assert.deepEqual(managementConditions({ apiVersion: "", kind: "Management", metadata: { name: "kcm" }, spec }), [
      "condition=Ready",
      "jsonpath={.status.observedGeneration}",
      "jsonpath={.status.release}=kcm-1-11-4",
      "jsonpath={.status.components.kcm.template}=kcm-1-11-4",
      "jsonpath={.status.components['a'].success}=true",
      "jsonpath={.status.components['b-c'].success}=true",
    ]);
  });
});

describe("credentials", () => {
  it("are the guide's JSON, whatever is in the password", () => {
    const password = `"\\\n'{{x}}`;
    assert.deepEqual(JSON.parse(credentialsText({ username: "admin", password })), [
      { type: "basic_auth", data: { prismCentral: { username: "admin", password }, prismElements: null } },
    ]);
  });

  it("are referred to by a Credential", () => {
    assert.deepEqual(credential("edge"), {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "Credential",
      metadata: { name: "edge-nutanix", namespace: "kcm-system" },
      spec: {
        description: "Prism Central login of edge",
        identityRef: { apiVersion: "v1", kind: "Secret", name: "edge-nutanix-identity", namespace: "kcm-system" },
      },
    });
    assert.equal(resourceTemplate("edge", { ccm: true })?.metadata.name, "edge-nutanix-identity-resource-template");
  });

  it("come to CAPX as variables, without a trust bundle, which would disable verification", () => {
    assert.deepEqual(capxVariables(CENTRAL), {
      NUTANIX_ENDPOINT: "pc.example.com",
      NUTANIX_PORT: "9440",
      NUTANIX_INSECURE: "false",
      NUTANIX_ADDITIONAL_TRUST_BUNDLE: "",
    });
  });
});

describe("a trust bundle", () => {
  it("stands under CAPX's key and under the guide's", () => {
    assert.deepEqual(trustBundle("edge-pc-ca", "PEM").data, { "ca.crt": "PEM", "ca-bundle.crt": "PEM" });
  });
});

describe("the encryption at rest", () => {
  it("has one key, and reads what was written in clear before", () => {
    assert.equal(
      encryptionConfig("seed"),
      "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n  - resources:\n      - secrets\n    providers:\n      - aescbc:\n          keys:\n            - name: key1\n              secret: GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs=\n      - identity: {}\n",
    );
  });
});

function managementEntry({ spec }: Manifest): ProviderEntry | undefined {
  const providers = (spec?.["providers"] ?? []) as readonly ProviderEntry[];
  return providers.find(({ name }) => name === "cluster-api-provider-nutanix");
}

describe("a stack's objects", () => {
  const objects = (change: (file: StackFile) => void = () => undefined) => {
    const input = validInput() as StackFile;
    change(input);
    const { value } = parse(stack, input, { at: "" });
    return stackManifests(value as Stack).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  };
  const CLUSTERS = [
    "Secret/demo-nutanix-identity",
    "Credential/demo-nutanix",
    "ClusterDeployment/demo",
    "Secret/edge-nutanix-identity",
    "Credential/edge-nutanix",
    "Secret/edge-login",
    "Secret/edge-encryption-at-rest",
    "ClusterDeployment/edge",
  ];

  it("are all that is written by the stack itself", () => {
    assert.deepEqual(objects(), ["Secret/nutanix-creds", "Namespace/kcm-system", "Management/kcm", ...CLUSTERS]);
  });

  it("have CAPX trust the bundles of the stack and of its clusters, each once", () => {
    const { value } = parse(stack, validInput(), { at: "" });
    const bundles = { prismCentral: "A", demo: "A", edge: "B" };
    const found = stackManifests(value as Stack, bundles).find(({ kind }) => kind === "Management");
    const entry = found && managementEntry(found);
    assert.deepEqual(entry?.config?.["trustBundles"], { prismCentral: "A", edge: "B" });
  });

  it("have a ConfigMap of CAPX's only where the stack file names it", () => {
    const named = objects((file) => {
      file["clusters"].edge.nutanix.prismCentral.additionalTrustBundleConfigMapName = "edge-ca";
    });
    assert.ok(named.includes("ConfigMap/edge-ca"));
  });

  it("have the charts among them unless a registry has them", () => {
    const served = objects((file) => {
      delete file["capx"].chartRepository;
    });
    assert.deepEqual(served, [
      "Secret/nutanix-creds",
      "ConfigMap/nutanix-charts",
      "Namespace/kcm-system",
      "Management/kcm",
      ...CLUSTERS,
    ]);
  });

  it("leave out what another stack or an adopted kcm brings", () => {
    const adopted = (file: StackFile) => {
      file["management"].adopt = true;
      file["capx"].managedExternally = true;
    };
    assert.deepEqual(objects(adopted), CLUSTERS);
  });
});
