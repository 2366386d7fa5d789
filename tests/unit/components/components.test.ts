import assert from "node:assert/strict";
import k8s from "@pulumi/kubernetes";
import pulumi from "@pulumi/pulumi";
import { Capx } from "../../../components/capx.ts";
import { GeneratedPassword } from "../../../components/internal/generated-password.ts";
import { Kcm } from "../../../components/kcm.ts";
import { Management } from "../../../components/management.ts";
import { ManagementConnection } from "../../../components/management-connection.ts";
import { NutanixCredential } from "../../../components/nutanix-credential.ts";
import { NutanixK0sCluster, type NutanixK0sClusterArgs } from "../../../components/nutanix-k0s-cluster.ts";
import { NutanixPlatform, type NutanixPlatformArgs } from "../../../components/nutanix-platform.ts";
import { TrustBundle } from "../../../components/trust-bundle.ts";
import { encryptionConfig } from "../../../manifests/encryption.ts";
import { kcmValues } from "../../../manifests/management-object.ts";
import { PROVIDER } from "../../../manifests/names.ts";
import { PASSWORDS, pem, type StackFile, validStack } from "../../support/stack-fixture.ts";
import { listOf, type Recorded, record, SEED } from "./recorder.ts";

const STACK = { "k0rdent-nutanix/stack": "k0rdent-nutanix.dev" };
const PC = { address: "pc.example.com" };
const LOGIN = { username: "svc", password: pulumi.secret(PASSWORDS.edge) };

/** Registers what `make` makes, on a provider of its own. */
async function made(make: (opts: pulumi.ComponentResourceOptions) => unknown): Promise<Recorded[]> {
  const { resources, error } = await record(async () => {
    make({ provider: new k8s.Provider("cluster", {}) });
  });
  assert.equal(error, undefined);
  return resources;
}

function named(resources: readonly Recorded[], entry: string): Recorded {
  const found = resources.filter(({ type, name }) => `${type} ${name}` === entry);
  assert.equal(found.length, 1, entry);
  return found[0] as Recorded;
}

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

describe("Kcm", () => {
  it("is the namespace, and the Helm release after it", async () => {
    const resources = await made((opts) => new Kcm("kcm", { values: { replicas: 2 } }, opts));
    assert.deepEqual(listOf(resources), [
      "pulumi:providers:kubernetes cluster",
      "k0rdent-nutanix:index:Kcm kcm",
      "kubernetes:helm.sh/v3:Release kcm",
      "kubernetes:core/v1:Namespace kcm-namespace",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch kcm-release",
    ]);
    const { inputs, dependsOn, timeout } = named(resources, "kubernetes:helm.sh/v3:Release kcm");
    assert.equal(inputs["name"], "kcm");
    assert.equal(inputs["namespace"], "kcm-system");
    assert.equal(inputs["chart"], "oci://ghcr.io/k0rdent/kcm/charts/kcm");
    assert.equal(inputs["version"], "1.2.0");
    assert.deepEqual(inputs["values"], { ...kcmValues("1.2.0"), replicas: 2 });
    assert.equal(inputs["description"], "k0rdent-nutanix k0rdent-nutanix.dev");
    assert.deepEqual([dependsOn, timeout], [["kcm-namespace"], "600s"]);
  });

  it("waits for its Release, which a new version names anew, so that a preview does not ask kcm about it", async () => {
    const resources = await made((opts) => new Kcm("kcm", { version: "1.11.4" }, opts));
    const { inputs, dependsOn } = named(resources, "kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch kcm-release");
    assert.equal(inputs["metadata"].name, "kcm-1-11-4");
    assert.match(inputs["metadata"].annotations["pulumi.com/waitFor"], /jsonpath=\{\.status\.ready\}=true/);
    assert.deepEqual(dependsOn, ["kcm"]);
  });

  it("leaves the version to the chart when that is a folder", async () => {
    const resources = await made((opts) => new Kcm("kcm", { chart: "charts/kcm" }, opts));
    assert.equal("version" in named(resources, "kubernetes:helm.sh/v3:Release kcm").inputs, false);
  });
});

describe("Capx", () => {
  const args = { prismCentral: PC, ...LOGIN };

  it("is CAPX's variables, the charts, and the release after both", async () => {
    const resources = await made((opts) => new Capx("nutanix", args, opts));
    assert.deepEqual(listOf(resources), [
      "pulumi:providers:kubernetes cluster",
      "k0rdent-nutanix:index:Capx nutanix",
      "kubernetes:helm.sh/v3:Release nutanix",
      "kubernetes:core/v1:ConfigMap nutanix-charts",
      "kubernetes:core/v1:Secret nutanix-variables",
    ]);
    const variables = named(resources, "kubernetes:core/v1:Secret nutanix-variables");
    assert.deepEqual(variables.secrets, ["stringData"]);
    assert.deepEqual(variables.inputs["metadata"], {
      name: "nutanix-creds",
      namespace: "kcm-system",
      labels: { "cluster.x-k8s.io/provider": "infrastructure-nutanix", ...STACK },
    });
    assert.deepEqual(variables.inputs["stringData"], {
      NUTANIX_ENDPOINT: "pc.example.com",
      NUTANIX_PORT: "9440",
      NUTANIX_INSECURE: "false",
      NUTANIX_ADDITIONAL_TRUST_BUNDLE: "",
      NUTANIX_USER: "svc",
      NUTANIX_PASSWORD: JSON.stringify(PASSWORDS.edge).slice(1, -1),
      credentials: JSON.stringify([
        {
          type: "basic_auth",
          data: { prismCentral: { username: "svc", password: PASSWORDS.edge }, prismElements: null },
        },
      ]),
    });
    const release = named(resources, "kubernetes:helm.sh/v3:Release nutanix");
    assert.deepEqual(release.dependsOn, ["nutanix-charts", "nutanix-variables"]);
    assert.equal(JSON.stringify(release.inputs).includes("canary"), false);
  });

  it("serves no charts when a registry has them", async () => {
    const resources = await made(
      (opts) => new Capx("nutanix", { ...args, chartRepository: "oci://r.example.com/c" }, opts),
    );
    assert.equal(
      listOf(resources).some((entry) => entry.includes("ConfigMap")),
      false,
    );
    const { values } = named(resources, "kubernetes:helm.sh/v3:Release nutanix").inputs;
    assert.deepEqual(values.charts, { repository: "oci://r.example.com/c" });
  });

  it("installs another chart as it is, and serves none", async () => {
    const chart = "oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx";
    const other = { ...args, chart, chartVersion: "0.2.0" };
    const resources = await made((opts) => new Capx("nutanix", other, opts));
    assert.deepEqual(listOf(resources).slice(2), [
      "kubernetes:helm.sh/v3:Release nutanix",
      "kubernetes:core/v1:Secret nutanix-variables",
    ]);
    const { inputs } = named(resources, "kubernetes:helm.sh/v3:Release nutanix");
    assert.deepEqual([inputs["chart"], inputs["version"], inputs["values"]], [chart, "0.2.0", {}]);
  });
});

describe("Management", () => {
  it("is the object, and a wait for each ClusterTemplate after it", async () => {
    const resources = await made((opts) => new Management("management", {}, opts));
    assert.deepEqual(listOf(resources), [
      "pulumi:providers:kubernetes cluster",
      "k0rdent-nutanix:index:Management management",
      "kubernetes:k0rdent.mirantis.com/v1beta1:Management management",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-hcp-template",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-standalone-template",
    ]);
    const { inputs, timeout } = named(resources, "kubernetes:k0rdent.mirantis.com/v1beta1:Management management");
    assert.equal(timeout, "300s");
    assert.deepEqual(JSON.parse(inputs["metadata"].annotations["pulumi.com/waitFor"]), [
      "condition=Ready",
      "jsonpath={.status.observedGeneration}",
      "jsonpath={.status.release}=kcm-1-2-0",
      "jsonpath={.status.components.kcm.template}=kcm-1-2-0",
      "jsonpath={.status.components['cluster-api-provider-k0sproject-k0smotron'].success}=true",
      "jsonpath={.status.components['projectsveltos'].success}=true",
      "jsonpath={.status.components['cluster-api-provider-nutanix'].success}=true",
    ]);
    for (const mode of ["hcp", "standalone"]) {
      const patch = named(
        resources,
        `kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-${mode}-template`,
      );
      assert.deepEqual([patch.dependsOn, patch.timeout], [["management"], "180s"]);
      const { "pulumi.com/waitFor": waits, ...marks } = patch.inputs["metadata"].annotations;
      assert.equal(marks["k0rdent-nutanix/waited-for"], "true");
      assert.deepEqual(JSON.parse(waits), [
        "jsonpath={.status.valid}=true",
        "jsonpath={.metadata.annotations['k0rdent-nutanix/waited-for']}=true",
      ]);
    }
  });

  it("names no provider of this project's where another chart brings CAPX, and waits for that chart's templates", async () => {
    const resources = await made((opts) => new Management("management", { chartSource: "custom" }, opts));
    const { inputs } = named(resources, "kubernetes:k0rdent.mirantis.com/v1beta1:Management management");
    assert.deepEqual(
      inputs["spec"].providers.map(({ name }: { name: string }) => name),
      ["cluster-api-provider-k0sproject-k0smotron", "projectsveltos"],
    );
    const patch = `kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-hcp-template`;
    assert.equal(named(resources, patch).inputs["metadata"].name, "nutanix-k0s-hcp");
  });

  it("only waits where another stack manages the provider", async () => {
    const resources = await made((opts) => new Management("management", { ownership: "none" }, opts));
    assert.deepEqual(listOf(resources).slice(2), [
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-hcp-template",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-standalone-template",
    ]);
  });
});

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
    it(`registers nothing when it is refused: ${name}`, async () => {
      const { resources, error } = await record(async () => {
        make({});
      });
      assert.ok(pulumi.RunError.isInstance(error), String(error));
      assert.deepEqual(listOf(resources), []);
    });
  }

  it("registers nothing when it is refused: NutanixK0sCluster", async () => {
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

  it("keeps the former one until the next rotation, each as long as it is asked for, with a character of each sort", async () => {
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
