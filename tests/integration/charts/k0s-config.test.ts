import assert from "node:assert/strict";
import { parse } from "yaml";
import { LINES, MODES, needsHelm, only, render, VALUES, valueFiles } from "./helm-template.ts";
import { k0sFaults, k0sOf } from "./k0s-rules.ts";
import { instances } from "./topology.ts";

describe("the k0s configuration of the cluster charts", function () {
  this.timeout(30_000);
  before(needsHelm);

  const k0s = async (mode: "hcp" | "standalone", file: string, values: unknown = {}) => {
    const files = valueFiles(mode).get(file);
    assert.ok(files, `${VALUES} has no ${file} for ${mode}`);
    return k0sOf(await render(`nutanix-k0s-${mode}`, { files, values }));
  };

  for (const mode of MODES) {
    for (const [name, files] of valueFiles(mode)) {
      it(`keeps k0s's rules in mode ${mode} with ${name}`, async () => {
        for (const kcmLine of LINES) {
          const objects = await render(`nutanix-k0s-${mode}`, { files, values: { kcmLine } });
          assert.deepEqual(k0sFaults(k0sOf(objects)), []);
        }
      });
    }
  }

  it("holds the endpoint with k0s's own balancer", async () => {
    const { config, args } = await k0s("standalone", "base");
    assert.deepEqual(config.spec.network, {
      provider: "calico",
      calico: { mode: "vxlan" },
      nodeLocalLoadBalancing: { enabled: true, type: "EnvoyProxy" },
      controlPlaneLoadBalancing: {
        enabled: true,
        type: "Keepalived",
        keepalived: { vrrpInstances: [{ virtualIPs: ["10.1.1.201/32"], virtualRouterID: 201, authPass: "k3j4h5g6" }] },
      },
    });
    assert.deepEqual(config.spec.api, { port: 6443, sans: ["10.1.1.201"] });
    assert.deepEqual(args, ["--enable-worker", "--disable-components=konnectivity-server"]);
  });

  it("holds the endpoint with kube-vip on the control plane nodes", async () => {
    const { config } = await k0s("standalone", "kube-vip");
    const chart = config.spec.extensions?.helm.charts?.[0] as { values: string } | undefined;
    assert.match(chart?.values ?? "", /address: 10\.1\.1\.201/);
    assert.match(chart?.values ?? "", /node-role\.kubernetes\.io\/control-plane: "true"/);
    assert.equal(config.spec.network.controlPlaneLoadBalancing, undefined);
    assert.equal(config.spec.network.nodeLocalLoadBalancing?.enabled, true);
  });

  it("leaves the endpoint alone when its balancer is external", async () => {
    const { config } = await k0s("standalone", "external");
    assert.deepEqual(config.spec, {
      api: { sans: ["edge.example.com"] },
      network: { provider: "calico", calico: { mode: "vxlan" } },
    });
  });

  it("listens on the endpoint's port where the controllers hold the endpoint", async () => {
    assert.equal((await k0s("standalone", "endpoint-port")).config.spec.api?.port, 8443);
  });

  it("lets pods onto control plane nodes when there are no workers", async () => {
    assert.ok((await k0s("standalone", "no-workers")).args.includes("--no-taints"));
  });

  it("joins the user's Helm extensions to its own", async () => {
    const { config } = await k0s("standalone", "kube-vip-and-extensions");
    const helmExtensions = config.spec.extensions?.helm;
    assert.deepEqual(
      helmExtensions?.repositories?.map(({ name }) => name),
      ["kube-vip", "nutanix"],
    );
    assert.deepEqual(
      helmExtensions?.charts?.map(({ chartname }) => chartname),
      ["kube-vip/kube-vip", "nutanix/nutanix-cloud-provider"],
    );
  });

  const addon = async (mode: "hcp" | "standalone", file: string, name: string) => {
    const { config, args } = await k0s(mode, file);
    const charts = config.spec.extensions?.helm.charts ?? [];
    const chart = charts.find((each) => each.name === name);
    return {
      args,
      chart,
      values: parse(chart?.values ?? "{}"),
      repositories: config.spec.extensions?.helm.repositories,
    };
  };

  it("installs the cloud controller manager where control plane nodes are, and makes every kubelet wait for it", async () => {
    const { args, chart, values, repositories } = await addon("standalone", "ccm", "nutanix-ccm");
    assert.deepEqual(repositories, [{ name: "nutanix-ccm", url: "https://nutanix.github.io/helm/", insecure: false }]);
    assert.equal(chart?.chartname, "nutanix-ccm/nutanix-cloud-provider");
    assert.deepEqual(values, {
      createSecret: false,
      secretName: "nutanix-creds",
      prismCentralEndPoint: "pc.example.com",
      prismCentralPort: 9440,
      prismCentralInsecure: false,
      ignoredNodeIPs: ["10.1.1.201"],
      nodeSelector: { "node-role.kubernetes.io/control-plane": "true" },
    });
    assert.deepEqual(args.slice(-2), ["--enable-cloud-provider", "--kubelet-extra-args=--cloud-provider=external"]);
  });

  it("lets the cloud controller manager of a hosted control plane run on any node", async () => {
    const { args, values } = await addon("hcp", "ccm", "nutanix-ccm");
    assert.equal(values.nodeSelector, null);
    assert.deepEqual(args, ["--enable-cloud-provider=true"]);
  });

  it("gives the cloud controller manager the CA certificates, and all addresses that are no node's", async () => {
    const { values } = await addon("hcp", "ccm-and-trust-bundle", "nutanix-ccm");
    assert.deepEqual(values.ignoredNodeIPs, ["10.1.1.200", "10.1.1.210", "10.1.2.0/28"]);
    const bundle = Buffer.from(values.prismCentralAdditionalTrustBundle, "base64").toString();
    assert.match(bundle, /^-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n$/);
  });

  it("ignores no name among the nodes' addresses", async () => {
    assert.deepEqual((await addon("standalone", "ccm-and-external", "nutanix-ccm")).values.ignoredNodeIPs, []);
  });

  it("installs the CSI driver at k0s's folder, with a login that no chart writes", async () => {
    for (const mode of MODES) {
      const { args, values, repositories } = await addon(mode, "csi", "nutanix-csi");
      assert.equal(repositories?.[0]?.url, "https://nutanix.github.io/helm-releases/");
      assert.deepEqual(values, {
        createPrismCentralSecret: false,
        createSecret: false,
        createVolumeSnapshotClass: false,
        pcSecretName: "nutanix-csi-credentials",
        kubeletDir: "/var/lib/k0s/kubelet",
      });
      assert.ok(!args.some((arg) => arg.includes("cloud-provider")));
    }
  });

  it("leaves addons that are services to kcm, with the same values in a ConfigMap, and lets the nodes wait all the same", async () => {
    for (const mode of MODES) {
      const installed = await addon(mode, "ccm", "nutanix-ccm");
      const files = valueFiles(mode).get("ccm") ?? [];
      const values = { addons: { ccm: { via: "service" }, csi: { enabled: true, via: "service" } } };
      const objects = await render(`nutanix-k0s-${mode}`, { files, values });
      const { config, args } = k0sOf(objects);
      assert.deepEqual(config.spec.extensions?.helm.charts ?? [], []);
      assert.deepEqual(args, installed.args);
      const maps = objects.filter(({ kind }) => kind === "ConfigMap");
      assert.deepEqual(
        maps.map(({ metadata }) => metadata.name),
        ["edge-ccm-values", "edge-csi-values"],
      );
      assert.deepEqual(parse(maps[0]?.["data"]["values.yaml"]), installed.values);
    }
  });

  it("takes Nutanix's charts from kcm's mirror or from another registry", async () => {
    const mirrored = await addon("hcp", "addons-from-mirror", "nutanix-ccm");
    assert.equal(mirrored.chart?.chartname, "oci://registry.example.com/mirror/charts/nutanix-cloud-provider");
    assert.equal(
      mirrored.values.image.repository,
      "registry.example.com/mirror/nutanix-cloud-native/cloud-provider-nutanix/controller",
    );
    const own = await addon("hcp", "addons-from-registry", "nutanix-ccm");
    assert.equal(own.chart?.chartname, "oci://registry.example.com/charts/nutanix-cloud-provider");
    assert.deepEqual(
      own.repositories?.map(({ name }) => name),
      ["nutanix-csi"],
    );
  });

  it("has certificates of the user's repositories checked unless they say otherwise", async () => {
    const extensions = { helm: { repositories: [{ name: "a", url: "https://a.example.com" }] } };
    const { config } = await k0s("hcp", "base", { k0s: { config: { spec: { extensions } } } });
    assert.deepEqual(config.spec.extensions?.helm.repositories, [
      { name: "a", url: "https://a.example.com", insecure: false },
    ]);
  });

  it("merges k0s.config over what encryption at rest needs", async () => {
    for (const mode of MODES) {
      const { config } = await k0s(mode, "encryption-and-k0s-config");
      const path = "/var/lib/k0s/encryption/encryption-config.yaml";
      assert.deepEqual(config.spec.api?.extraArgs, { "encryption-provider-config": path, profiling: "false" });
    }
  });

  it("brings the encryption key from the Secret, readable by the API server alone", async () => {
    const files = valueFiles("standalone").get("encryption-at-rest") ?? [];
    for (const [kcmLine, commands] of [
      ["1.2", "preStartCommands"],
      ["1.11", "preK0sCommands"],
    ] as const) {
      const { spec } = only(await render("nutanix-k0s-standalone", { files, values: { kcmLine } }), "K0sControlPlane");
      const path = "/var/lib/k0s/encryption/encryption-config.yaml";
      const secretRef = { name: "edge-encryption-at-rest", key: "encryption-config.yaml" };
      assert.deepEqual(spec.k0sConfigSpec.files, [{ path, permissions: "0400", contentFrom: { secretRef } }]);
      assert.match(spec.k0sConfigSpec[commands].at(-1), /^chown kube-apiserver \/var\/lib\/k0s\/encryption\//);
    }
  });

  it("brings the encryption key through a ClusterClass by a patch of the control plane that Cluster API makes", async () => {
    const files = valueFiles("standalone").get("cluster-class-and-credential") ?? [];
    for (const kcmLine of LINES) {
      const objects = await render("nutanix-k0s-standalone", { files, values: { kcmLine } });
      const template = only(objects, "K0sControlPlaneTemplate").spec.template.spec;
      assert.equal(template.k0sConfigSpec.preStartCommands, undefined, "k0smotron 2 does not store it");
      const { apiVersion, spec } = only(instances(objects), "K0sControlPlane");
      assert.equal(apiVersion, "controlplane.cluster.x-k8s.io/v1beta1");
      assert.match(spec.k0sConfigSpec.preStartCommands.at(-1), /^chown kube-apiserver \/var\/lib\/k0s\/encryption\//);
    }
  });

  it("starts workers with the profile of their pool, else with the one of all workers", async () => {
    for (const mode of MODES) {
      const files = valueFiles(mode).get("worker-profiles") ?? [];
      for (const kcmLine of LINES) {
        const [plain, classed] = await Promise.all(
          [false, true].map((clusterClass) =>
            render(`nutanix-k0s-${mode}`, { files, values: { kcmLine, clusterClass } }),
          ),
        );
        for (const objects of [plain ?? [], instances(classed ?? [])]) {
          const templates = objects.filter(({ kind }) => kind === "K0sWorkerConfigTemplate");
          assert.deepEqual(templates.map(({ spec }) => spec.template.spec.args).sort(), [
            ["--labels=tier=gpu", "--profile=gpu"],
            ["--profile=small"],
            ["--profile=small"],
          ]);
        }
      }
    }
  });
});
