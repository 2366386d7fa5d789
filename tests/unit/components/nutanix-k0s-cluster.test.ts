import assert from "node:assert/strict";
import pulumi from "@pulumi/pulumi";
import { Capx } from "../../../components/capx.ts";
import { Kcm } from "../../../components/kcm.ts";
import { ManagementConnection } from "../../../components/management-connection.ts";
import { NutanixCredential } from "../../../components/nutanix-credential.ts";
import { NutanixK0sCluster, type NutanixK0sClusterArgs } from "../../../components/nutanix-k0s-cluster.ts";
import { NutanixPlatform, type NutanixPlatformArgs } from "../../../components/nutanix-platform.ts";
import { TrustBundle } from "../../../components/trust-bundle.ts";
import { encryptionConfig } from "../../../manifests/encryption.ts";
import { PROVIDER } from "../../../manifests/names.ts";
import { pem, type StackFile, validStack } from "../../support/stack-fixture.ts";
import { LOGIN, made, named, PC, STACK } from "./component-fixture.ts";
import { listOf, record, SEED } from "./recorder.ts";

function platform(more: Partial<NutanixPlatformArgs> = {}) {
  const connection = new ManagementConnection({ kubeconfig: "" });
  return (opts: pulumi.ComponentResourceOptions) =>
    new NutanixPlatform(
      "platform",
      { connection, prismCentral: PC, login: LOGIN, trustBundles: TRUSTED, ...more },
      opts,
    );
}

const TRUSTED = { edge: pem("second-authority") };

/** The cluster edge on a platform. */
function cluster(
  change: (spec: StackFile) => void = () => undefined,
  more: Partial<NutanixK0sClusterArgs> = { login: LOGIN },
  settings?: NutanixPlatformArgs["settings"],
) {
  const spec = validStack()["clusters"].edge;
  spec.nutanix.prismCentral.trustBundle = { pem: pem("second-authority") };
  change(spec);
  return (opts: pulumi.ComponentResourceOptions) =>
    new NutanixK0sCluster(
      "edge",
      { spec: spec as never, platform: platform(settings && { settings })(opts), ...more },
      opts,
    );
}

const K0RDENT = "kubernetes:k0rdent.mirantis.com/v1beta1";
const DEPLOYMENT = `${K0RDENT}:ClusterDeployment edge`;

describe("NutanixK0sCluster", () => {
  it("is the ClusterDeployment, and the key that its Secrets are encrypted with", async () => {
    const resources = await made(cluster());
    assert.deepEqual(
      listOf(resources).filter((entry) => / edge/.test(entry)),
      [
        "k0rdent-nutanix:index:NutanixK0sCluster edge",
        DEPLOYMENT,
        `${K0RDENT}:Credential edge-credential`,
        "kubernetes:core/v1:Secret edge-credential-capx-secret",
        "kubernetes:core/v1:Secret edge-credential-identity",
        "kubernetes:core/v1:Secret edge-encryption-at-rest",
        "random:index/randomPassword:RandomPassword edge-encryption-seed",
      ],
    );
    const { inputs, dependsOn, timeout } = named(resources, DEPLOYMENT);
    assert.deepEqual(inputs["metadata"].labels, STACK);
    assert.equal(inputs["metadata"].annotations["pulumi.com/waitFor"], '["condition=Ready"]');
    assert.equal(timeout, "3600s");
    assert.ok(dependsOn.includes("edge-credential") && dependsOn.includes("edge-encryption-at-rest"));
    assert.deepEqual(named(resources, "random:index/randomPassword:RandomPassword edge-encryption-seed").inputs, {
      length: 64,
      special: false,
    });
    const secret = named(resources, "kubernetes:core/v1:Secret edge-encryption-at-rest");
    assert.equal(secret.inputs["stringData"]["encryption-config.yaml"], encryptionConfig(SEED));
    assert.equal(JSON.stringify(secret.inputs).includes(SEED), false);
    assert.equal("encryption-config.yaml" in inputs, false);
  });

  it("has CAPX trust the CA of its Prism Central, and gives its NutanixCluster no bundle, which would disable verification", async () => {
    const resources = await made(cluster());
    const { inputs } = named(resources, `${K0RDENT}:Management platform-management`);
    const { config } = inputs["spec"].providers.find(({ name }: { name: string }) => name === PROVIDER);
    assert.deepEqual(config.trustBundles, TRUSTED);
    const central = named(resources, DEPLOYMENT).inputs["spec"].config.nutanix.prismCentral;
    assert.equal("additionalTrustBundleConfigMapName" in central, false);
  });

  it("is rejected with certificates that its platform does not have CAPX trust", async () => {
    const other = cluster((spec) => {
      spec["nutanix"].prismCentral.trustBundle = { pem: pem("authority") };
    });
    await assert.rejects(
      made(other),
      /clusters\.edge\.nutanix\.prismCentral\.trustBundle: is not among the certificates that CAPX trusts; add it to trustBundles of the NutanixPlatform/,
    );
  });

  it("has a ConfigMap for CAPX only where its spec names it", async () => {
    const resources = await made(
      cluster(
        (spec) => {
          spec["nutanix"].prismCentral.additionalTrustBundleConfigMapName = "edge-ca";
        },
        { login: LOGIN },
        { environment: "dev" },
      ),
    );
    const { inputs } = named(resources, "kubernetes:core/v1:ConfigMap edge-trust-bundle");
    assert.equal(inputs["metadata"].name, "edge-ca");
    assert.ok(named(resources, DEPLOYMENT).dependsOn.includes("edge-trust-bundle"));
  });

  it("is not waited for when waitForReady is false", async () => {
    const resources = await made(
      cluster((spec) => {
        spec["waitForReady"] = false;
      }),
    );
    assert.equal("annotations" in named(resources, DEPLOYMENT).inputs["metadata"], false);
  });

  it("has no key when its Secrets are not encrypted", async () => {
    const resources = await made(
      cluster((spec) => {
        spec["encryptionAtRest"] = false;
      }),
    );
    assert.equal(
      listOf(resources).some((entry) => entry.includes("encryption")),
      false,
    );
  });

  it("is protected outside dev, unless its spec says otherwise", async () => {
    const isProtected = async (environment: "dev" | "staging" | "production", protect?: boolean) => {
      const change = (spec: StackFile) => {
        if (protect !== undefined) spec["protect"] = protect;
      };
      return named(await made(cluster(change, { login: LOGIN }, { environment })), DEPLOYMENT).protect;
    };
    assert.deepEqual(
      [
        await isProtected("production"),
        await isProtected("dev"),
        await isProtected("staging", false),
        await isProtected("dev", true),
      ],
      [true, false, false, true],
    );
  });
});

describe("every component", () => {
  it("registers each child below itself, on the provider that it was given", async () => {
    const resources = await made((opts) => {
      cluster()(opts);
      new TrustBundle("bundle", { cluster: "edge", pem: pem("authority") }, opts);
      new NutanixCredential("login", { cluster: "other", ...LOGIN }, opts);
    });
    const components = resources.filter(({ type }) => type.startsWith("k0rdent-nutanix:")).map(({ name }) => name);
    assert.equal(components.length, 7);
    const top = ["bundle", "edge", "login", "platform"];
    for (const { type, name, parent, provider } of resources) {
      if (/^pulumi:(pulumi|providers):/.test(type)) continue;
      if (top.includes(name) && type.startsWith("k0rdent-nutanix:")) assert.equal(parent, "k0rdent-nutanix-dev", name);
      else assert.ok(components.includes(parent) && name.startsWith(parent), name);
      if (type.startsWith("kubernetes:")) assert.match(provider, /::cluster::/, name);
    }
  });

  const REFUSED: Readonly<Record<string, (opts: pulumi.ComponentResourceOptions) => unknown>> = {
    Kcm: (opts) => new Kcm("kcm", { version: "9.9.9" }, opts),
    Capx: (opts) => new Capx("nutanix", { prismCentral: PC, capxVersion: "9.9.9", ...LOGIN }, opts),
    "Capx, of its configuration,": (opts) => new Capx("nutanix", { prismCentral: { address: "" }, ...LOGIN }, opts),
    TrustBundle: (opts) => new TrustBundle("bundle", { cluster: "edge", pem: pem("expired") }, opts),
  };
  for (const [name, make] of Object.entries(REFUSED)) {
    it(`registers nothing when its arguments are invalid: ${name}`, async () => {
      const { resources, error } = await record(async () => {
        make({});
      });
      assert.ok(pulumi.RunError.isInstance(error), String(error));
      assert.deepEqual(listOf(resources), []);
    });
  }

  it("registers nothing when its arguments are invalid: NutanixK0sCluster", async () => {
    for (const change of [
      (spec: StackFile) => {
        spec["controlPlaneNumber"] = 2;
      },
      (spec: StackFile) => {
        spec["mod"] = "hcp";
      },
      (spec: StackFile) => {
        spec["worker"] = { failureDomains: ["rack-a"] };
      },
    ]) {
      const { resources, error } = await record(async () => {
        cluster(change)({});
      });
      assert.ok(pulumi.RunError.isInstance(error), String(error));
      assert.deepEqual(
        listOf(resources).filter((entry) => entry.includes("edge")),
        [],
      );
    }
  });
});
