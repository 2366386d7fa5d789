import assert from "node:assert/strict";
import { capxVariables, credential, credentialsText, resourceTemplate } from "../../../manifests/credential.ts";
import { encryptionConfig } from "../../../manifests/encryption.ts";
import type { ProviderEntry } from "../../../manifests/management-object.ts";
import type { Manifest } from "../../../manifests/manifest.ts";
import { stackManifests } from "../../../manifests/stack-manifests.ts";
import { trustBundle } from "../../../manifests/trust-bundle-object.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack } from "../../../schema/stack.ts";
import { type StackFile, validInput } from "../../support/stack-fixture.ts";

const CENTRAL = { address: "pc.example.com", port: 9440, insecure: false };

function managementEntry({ spec }: Manifest): ProviderEntry | undefined {
  const providers = (spec?.["providers"] ?? []) as readonly ProviderEntry[];
  return providers.find(({ name }) => name === "cluster-api-provider-nutanix");
}

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
  it("has CAPX's key and the guide's", () => {
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
