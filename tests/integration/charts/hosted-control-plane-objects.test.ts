import assert from "node:assert/strict";
import { cluster, LINES, needsHelm, only, render, valueFiles } from "./helm-template.ts";

const MIRROR = "registry.example.com/mirror";

describe("the objects of hosted control planes", function () {
  this.timeout(30_000);
  before(needsHelm);

  it("pin the hosted endpoint's address at the load balancer", async () => {
    const older = only(await cluster("hcp", "base", { kcmLine: "1.2" }), "K0smotronControlPlane").spec;
    assert.deepEqual(
      [older.externalAddress, older.service.type, older.service.apiPort],
      ["10.1.1.200", "LoadBalancer", 6443],
    );
    assert.equal(older.service.annotations["metallb.universe.tf/loadBalancerIPs"], "10.1.1.200");
    const newer = only(await cluster("hcp", "service-annotations", { kcmLine: "1.11" }), "K0smotronControlPlane").spec;
    assert.deepEqual(Object.keys(newer.service).sort(), ["apiPort", "konnectivityPort", "type"]);
    assert.deepEqual(newer.patches[0].target, { kind: "Service", component: "control-plane" });
    const content = JSON.parse(newer.patches[0].patch.content);
    assert.equal(content.metadata.annotations["metallb.io/loadBalancerIPs"], "10.1.1.200");
    assert.equal(content.metadata.annotations["metallb.io/address-pool"], "edge");
    assert.equal(content.spec.loadBalancerClass, "example.com/lb");
  });

  it("ask no load balancer for a name", async () => {
    for (const file of ["endpoint-name", "address-not-pinned"]) {
      for (const kcmLine of ["1.2", "1.11"]) {
        const { service, patches } = only(await cluster("hcp", file, { kcmLine }), "K0smotronControlPlane").spec;
        assert.deepEqual([service.annotations, patches], [undefined, undefined]);
      }
    }
  });

  it("delete the volumes of a hosted etcd with the cluster, unless they are to stay", async () => {
    const etcd = async (kcmLine: string, values: object = {}) => {
      const { spec } = only(await cluster("hcp", "global", { kcmLine, ...values }), "K0smotronControlPlane");
      return kcmLine === "1.2" ? spec.etcd : spec.storage.etcd;
    };
    const image = `${MIRROR}/k0sproject/etcd:v3.5.13`;
    for (const line of ["1.2", "1.11"]) {
      assert.deepEqual(await etcd(line), { autoDeletePVCs: true, image });
      assert.deepEqual(await etcd(line, { etcd: { autoDeletePVCs: false } }), { autoDeletePVCs: false, image });
    }
  });

  it("take images, k0s and certificates from where kcm says", async () => {
    const hosted = await cluster("hcp", "global");
    const { image, etcd, mounts, k0sConfig } = only(hosted, "K0smotronControlPlane").spec;
    assert.deepEqual(
      [image, etcd.image, k0sConfig.spec.images],
      [`${MIRROR}/k0sproject/k0s`, `${MIRROR}/k0sproject/etcd:v3.5.13`, { repository: MIRROR }],
    );
    assert.equal(mounts[0].secret.secretName, "registry-cert");
    const worker = only(hosted, "K0sWorkerConfigTemplate").spec.template.spec;
    assert.equal(worker.downloadURL, "https://files.example.com/k0s-v1.32.6+k0s.0-amd64");
    assert.deepEqual(
      worker.files.map(({ path, contentFrom }: NodeFile) => `${path} ${contentFrom.secretRef.name}`),
      [
        "/usr/local/share/ca-certificates/kcm-k0s-url.crt files-cert",
        "/usr/local/share/ca-certificates/kcm-registry.crt registry-cert",
        "/etc/k0s/containerd.d/registry-auth.toml registry-login",
      ],
    );
    const standalone = only(await cluster("standalone", "kube-vip-from-mirror"), "K0sControlPlane").spec.k0sConfigSpec;
    assert.deepEqual(standalone.k0s.spec.images, { repository: MIRROR });
    const { repositories, charts } = standalone.k0s.spec.extensions.helm;
    assert.deepEqual([repositories, charts[0].chartname], [undefined, `oci://${MIRROR}/charts/kube-vip`]);
    assert.match(charts[0].values, /repository: registry\.example\.com\/mirror\/kube-vip\/kube-vip/);
  });

  it("mounts the encryption key into hosted control planes, readable by their user and group alone", async () => {
    const key = "encryption-config.yaml";
    const secret = { secretName: "edge-encryption-at-rest", defaultMode: 0o440, items: [{ key, path: key }] };
    for (const name of ["encryption-at-rest", "cluster-class-and-credential"]) {
      const files = valueFiles("hcp").get(name) ?? [];
      for (const kcmLine of LINES) {
        const objects = await render("nutanix-k0s-hcp", { files, values: { kcmLine } });
        const plane = objects.find(({ kind }) => kind.startsWith("K0smotronControlPlane"));
        const [mount] = (plane?.spec.template ?? plane)?.spec.mounts ?? [];
        assert.deepEqual(mount, { path: "/var/lib/k0s/encryption", secret }, `${name} ${kcmLine}`);
      }
    }
  });
});

interface NodeFile {
  path: string;
  contentFrom: { secretRef: { name: string } };
}
