import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Harness, live, readiness, startHarness } from "./harness.ts";

const K0SMOTRON = "controlplane.cluster.x-k8s.io/v1beta1";
/** What a cluster is made of, and what a roll of its machines would make anew or change. */
const PARTS = [
  ["k0rdent.mirantis.com/v1beta1", "ClusterDeployment"],
  ["cluster.x-k8s.io/v1beta1", "Cluster"],
  ["cluster.x-k8s.io/v1beta1", "MachineDeployment"],
  ["infrastructure.cluster.x-k8s.io/v1beta1", "NutanixCluster"],
  ["infrastructure.cluster.x-k8s.io/v1beta1", "NutanixMachineTemplate"],
  ["bootstrap.cluster.x-k8s.io/v1beta1", "K0sWorkerConfigTemplate"],
  [K0SMOTRON, "K0sControlPlane"],
  [K0SMOTRON, "K0smotronControlPlane"],
] as const;

/** UIDs of the clusters' parts, and the generation of each, which a change of its spec raises. */
async function parts({ api }: Harness): Promise<Record<string, unknown>> {
  const lists = await Promise.all(PARTS.map(([apiVersion, kind]) => api.list({ apiVersion, kind })));
  return Object.fromEntries(
    lists.flat().map(({ kind, metadata }) => {
      const { uid, generation } = metadata as { uid?: string; generation?: number };
      return [`${kind} ${metadata.name}`, [uid, generation]];
    }),
  );
}

/** Revisions of kcm's Helm release, by the Secrets that Helm keeps them in. */
async function revisions({ api }: Harness): Promise<string[]> {
  const kind = { apiVersion: "v1", kind: "Secret", namespace: "kcm-system" };
  return (await api.list(kind, { labelSelector: "owner=helm,name=kcm" })).map(({ metadata }) => metadata.name).sort();
}

describe("a living stack whose kcm goes from 1.2 to 1.11", () => {
  let rig: Harness;
  let made: Record<string, unknown>;

  before(async function () {
    rig = await startHarness(this, "upgrade");
    await rig.engine.up();
    made = await parts(rig);
  });
  after(async () => rig?.close());

  const setVersion = (version: string) =>
    rig.changeSettings("dev", (settings) => {
      settings["management"].kcm.version = version;
    });

  it("is previewed, though a kcm of the old version knows no Release of the new one", async () => {
    setVersion("1.11.4");
    assert.deepEqual((await rig.engine.preview()).touched, [
      "create-replacement kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch kcm-release",
      "replace kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch kcm-release",
      "update kubernetes:helm.sh/v3:Release nutanix",
      "update kubernetes:k0rdent.mirantis.com/v1beta1:Management management",
      "delete-replaced kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch kcm-release",
    ]);
  });

  it("becomes the new version in one run, by kcm's own Release, with the CAPX that goes with it", async () => {
    const { touched } = await rig.engine.up();
    assert.deepEqual(
      touched.filter((step) => /^update/.test(step)),
      [
        "update kubernetes:helm.sh/v3:Release nutanix",
        "update kubernetes:k0rdent.mirantis.com/v1beta1:Management management",
      ],
    );
    const { spec, status } = await live(rig.api, "Management", "kcm");
    assert.equal(status?.["release"], "kcm-1-11-4");
    const entries = spec?.["providers"] as { name: string; config?: unknown }[];
    assert.deepEqual(entries.find(({ name }) => name === "cluster-api-provider-nutanix")?.config, {
      kcmLine: "1.11",
      version: "v1.10.3",
    });
    const deployment = await rig.api.get({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "kcm-controller-manager", namespace: "kcm-system" },
    });
    assert.equal(deployment?.metadata.labels?.["app.kubernetes.io/version"], "1.11.4");
    assert.deepEqual(await revisions(rig), ["sh.helm.release.v1.kcm.v1", "sh.helm.release.v1.kcm.v2"]);
  });

  it("leaves both clusters as they were: same objects, not one of them changed", async () => {
    assert.deepEqual(await parts(rig), made);
    for (const name of ["demo", "edge"]) {
      assert.equal(readiness(await live(rig.api, "ClusterDeployment", name)), "True", name);
    }
  });

  it("has nothing left to do, in an up, after a refresh, and where the chart is named anew too", async () => {
    assert.deepEqual((await rig.engine.up()).touched, []);
    assert.deepEqual(Object.keys((await rig.engine.refresh()).changes), ["same"]);
    const file = join(rig.folder, "Pulumi.dev.yaml");
    const text = readFileSync(file, "utf8");
    rig.changeSettings("dev", (settings) => {
      settings["management"].kcm.chart = "oci://registry.example.com/charts/kcm";
    });
    assert.deepEqual((await rig.engine.preview()).touched, []);
    writeFileSync(file, text);
    assert.deepEqual(await revisions(rig), ["sh.helm.release.v1.kcm.v1", "sh.helm.release.v1.kcm.v2"]);
  });

  it("scales a cluster afterwards in place, on the machine templates that it has", async () => {
    rig.changeSettings("dev", (settings) => {
      settings["clusters"].demo.workersNumber = 3;
    });
    assert.deepEqual((await rig.engine.up()).touched, [
      "update kubernetes:k0rdent.mirantis.com/v1beta1:ClusterDeployment demo",
    ]);
    const uids = (all: Record<string, unknown>) => Object.entries(all).map(([name, [uid]]: any) => `${name} ${uid}`);
    assert.deepEqual(uids(await parts(rig)), uids(made));
  });

  it("does not go back", async () => {
    setVersion("1.2.0");
    await assert.rejects(
      rig.engine.preview(),
      /management\.kcm\.version: "1\.2\.0" is older than 1\.11\.4, which the management cluster runs \(kcm-is-not-downgraded\); write 1\.11\.4 again, or a newer one/,
    );
    setVersion("1.11.4");
  });
});
