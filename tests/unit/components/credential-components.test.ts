import assert from "node:assert/strict";
import type pulumi from "@pulumi/pulumi";
import { GeneratedPassword } from "../../../components/internal/generated-password.ts";
import { NutanixCredential } from "../../../components/nutanix-credential.ts";
import { TrustBundle } from "../../../components/trust-bundle.ts";
import { PASSWORDS, pem } from "../../support/stack-fixture.ts";
import { LOGIN, made, named } from "./component-fixture.ts";
import { listOf, type Recorded, SEED } from "./recorder.ts";

describe("NutanixCredential", () => {
  it("holds the CSI driver's login too where the cluster has one, and hands it on with a storage class", async () => {
    const csi = { address: "pc.example.com", port: 9440, storageContainer: "volumes" };
    const args = { cluster: "edge", ...LOGIN, capxSecret: "edge-login", ccm: true, csi };
    const resources = await made((opts) => new NutanixCredential("edge-credential", args, opts));
    const data = (noun: string) => named(resources, `kubernetes:core/v1:Secret edge-credential-${noun}`);
    assert.equal(data("identity").inputs["stringData"].csi, `pc.example.com:9440:svc:${PASSWORDS.edge}`);
    assert.deepEqual(data("identity").secrets, ["stringData"]);
    assert.deepEqual(Object.keys(data("capx-secret").inputs["stringData"]), ["credentials"]);
    const template = named(resources, "kubernetes:core/v1:ConfigMap edge-credential-resource-template").inputs["data"];
    assert.deepEqual(Object.keys(template), ["configmap.yaml", "csi.yaml", "storage-class.yaml"]);
    assert.match(template["csi.yaml"], /name: nutanix-csi-credentials\n {2}namespace: ntnx-system/);
    assert.match(template["storage-class.yaml"], /storageContainer: volumes/);
    assert.doesNotMatch(JSON.stringify(template), new RegExp(PASSWORDS.edge));
  });

  it("is two Secrets of one login, and the Credential", async () => {
    const args = { cluster: "edge", ...LOGIN, capxSecret: "edge-login" };
    const resources = await made((opts) => new NutanixCredential("edge-credential", args, opts));
    assert.deepEqual(listOf(resources), [
      "pulumi:providers:kubernetes cluster",
      "k0rdent-nutanix:index:NutanixCredential edge-credential",
      "kubernetes:k0rdent.mirantis.com/v1beta1:Credential edge-credential",
      "kubernetes:core/v1:Secret edge-credential-capx-secret",
      "kubernetes:core/v1:Secret edge-credential-identity",
    ]);
    for (const [noun, name] of Object.entries({ "capx-secret": "edge-login", identity: "edge-nutanix-identity" })) {
      const { inputs, secrets } = named(resources, `kubernetes:core/v1:Secret edge-credential-${noun}`);
      assert.deepEqual(secrets, ["stringData"]);
      assert.equal(inputs["metadata"].name, name);
      assert.equal(JSON.parse(inputs["stringData"].credentials)[0].data.prismCentral.password, PASSWORDS.edge);
    }
  });

  it("has no Secret for CAPX with the global credentials", async () => {
    const resources = await made(
      (opts) => new NutanixCredential("demo-credential", { cluster: "demo", ...LOGIN }, opts),
    );
    assert.deepEqual(
      listOf(resources).filter((entry) => entry.includes("Secret")),
      ["kubernetes:core/v1:Secret demo-credential-identity"],
    );
  });
});

describe("TrustBundle", () => {
  it("is the ConfigMap that CAPX reads", async () => {
    const resources = await made(
      (opts) => new TrustBundle("edge-trust-bundle", { cluster: "edge", pem: pem("authority") }, opts),
    );
    assert.deepEqual(listOf(resources).slice(1), [
      "k0rdent-nutanix:index:TrustBundle edge-trust-bundle",
      "kubernetes:core/v1:ConfigMap edge-trust-bundle",
    ]);
    const { inputs } = named(resources, "kubernetes:core/v1:ConfigMap edge-trust-bundle");
    assert.equal(inputs["metadata"].name, "edge-pc-ca");
    assert.deepEqual(inputs["data"], { "ca.crt": pem("authority"), "ca-bundle.crt": pem("authority") });
  });
});

describe("GeneratedPassword", () => {
  const names = (resources: readonly Recorded[]) =>
    listOf(resources).filter((entry) => !entry.startsWith("pulumi:providers"));

  it("is the password in use, and the next one ready to be set", async () => {
    assert.deepEqual(names(await made((opts) => new GeneratedPassword("edge-password", { revision: 1 }, opts))), [
      "k0rdent-nutanix:index:GeneratedPassword edge-password",
      "random:index/randomPassword:RandomPassword edge-password-1",
      "random:index/randomPassword:RandomPassword edge-password-2",
    ]);
  });

  it("keeps the former one until the next rotation, each of the requested length, with a character of each sort", async () => {
    let password: GeneratedPassword | undefined;
    const resources = await made((opts) => {
      password = new GeneratedPassword("edge-password", { revision: 3, length: 20 }, opts);
    });
    const lengths = resources.flatMap(({ name, inputs }) => (inputs["length"] ? [[name, inputs["length"]]] : []));
    assert.deepEqual(lengths, [
      ["edge-password-2", 16],
      ["edge-password-3", 16],
      ["edge-password-4", 16],
    ]);
    const { current } = password as unknown as { current: pulumi.Output<string> };
    assert.equal(await (current as unknown as { isSecret: Promise<boolean> }).isSecret, true);
    assert.equal(await new Promise((resolve) => current.apply(resolve)), `${SEED}-aA1`);
  });
});
