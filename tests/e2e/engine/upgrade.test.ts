import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { type Harness, useHarness } from "./harness.ts";

const K0SMOTRON = "controlplane.cluster.x-k8s.io/v1beta1";
/** Kinds of a cluster's objects, which a rollout of its machines would replace or change. */
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

describe("an upgrade of kcm from 1.2 to 1.11", () => {
  const harness = useHarness("upgrade");
  let made: Record<string, unknown>;

  before(async () => {
    await harness.engine.up();
    made = await parts(harness);
  });

  const setVersion = (version: string) =>
    harness.changeSettings("dev", (settings) => {
      settings["management"].kcm.version = version;
    });

  it("is previewed, although the old kcm has no Release of the new version", async () => {
    setVersion("1.11.4");
    assert.deepEqual((await harness.engine.preview()).touched, [
      "create-replacement kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch platform-kcm-release",
      "replace kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch platform-kcm-release",
      "update kubernetes:helm.sh/v3:Release platform-capx",
      "update kubernetes:k0rdent.mirantis.com/v1beta1:Management platform-management",
      "delete-replaced kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch platform-kcm-release",
    ]);
  });

  it("happens in one run, by kcm's own Release, with the CAPX of that line", async () => {
    const { touched } = await harness.engine.up();
    assert.deepEqual(
      touched.filter((step) => /^update/.test(step)),
      [
        "update kubernetes:helm.sh/v3:Release platform-capx",
        "update kubernetes:k0rdent.mirantis.com/v1beta1:Management platform-management",
      ],
    );
    const { spec, status } = await harness.read("Management", "kcm");
    assert.equal(status?.["release"], "kcm-1-11-4");
    const entries = spec?.["providers"] as { name: string; config?: unknown }[];
    const config = entries.find(({ name }) => name === "cluster-api-provider-nutanix")?.config as Record<string, any>;
    assert.deepEqual([config["kcmLine"], config["version"]], ["1.11", "v1.10.3"]);
    assert.match(config["trustBundles"].prismCentral, /^-----BEGIN CERTIFICATE-----\n/);
    const deployment = await harness.api.get({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "kcm-controller-manager", namespace: "kcm-system" },
    });
    assert.equal(deployment?.metadata.labels?.["app.kubernetes.io/version"], "1.11.4");
    assert.deepEqual(await revisions(harness), ["sh.helm.release.v1.kcm.v1", "sh.helm.release.v1.kcm.v2"]);
  });

  it("replaces and changes no object of the clusters", async () => {
    assert.deepEqual(await parts(harness), made);
    // ClusterTemplates are invalid while kcm upgrades their providers: clusters are ready again shortly after Management.
    for (const name of ["demo", "edge"])
      await eventually(`${name} is ready`, async () => (await harness.readiness(name)) === "True");
  });

  it("leaves nothing to do, even where another chart address is set", async () => {
    await harness.assertUnchanged();
    const file = join(harness.folder, "Pulumi.dev.yaml");
    const text = readFileSync(file, "utf8");
    harness.changeSettings("dev", (settings) => {
      settings["management"].kcm.chart = "oci://registry.example.com/charts/kcm";
    });
    assert.deepEqual((await harness.engine.preview()).touched, []);
    writeFileSync(file, text);
    assert.deepEqual(await revisions(harness), ["sh.helm.release.v1.kcm.v1", "sh.helm.release.v1.kcm.v2"]);
  });

  it("scales a cluster afterwards in place, with the same machine templates", async () => {
    harness.changeSettings("dev", (settings) => {
      settings["clusters"].demo.workersNumber = 3;
    });
    assert.deepEqual((await harness.engine.up()).touched, [
      "update kubernetes:k0rdent.mirantis.com/v1beta1:ClusterDeployment demo",
    ]);
    const uids = (all: Record<string, unknown>) => Object.entries(all).map(([name, [uid]]: any) => `${name} ${uid}`);
    assert.deepEqual(uids(await parts(harness)), uids(made));
  });

  it("cannot be reverted", async () => {
    setVersion("1.2.0");
    await assert.rejects(harness.engine.preview(), /management\.kcm\.version: "1\.2\.0" .*\(kcm-is-not-downgraded\)/);
    setVersion("1.11.4");
  });
});
