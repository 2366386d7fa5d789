import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { providerObjects } from "../../manifests/capx-release.ts";
import { type Harness, live, startHarness } from "./harness.ts";

const MANAGEMENT = {
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "Management",
  metadata: { name: "kcm" },
} as const;

describe("a management cluster that is not this stack's alone", () => {
  let rig: Harness;

  before(async function () {
    rig = await startHarness(this, "peer-stacks");
    await rig.engine.up();
  });
  after(async () => rig?.close());

  const other = (settings: Record<string, any>) => {
    settings["management"].adopt = true;
    settings["capx"] = { managedExternally: true };
    const { edge } = settings["clusters"];
    settings["clusters"] = {
      other: { ...edge, nutanix: { ...edge.nutanix, controlPlaneEndpoint: { host: "10.1.3.10" } } },
    };
    settings["credentials"].other = settings["credentials"].edge;
  };

  it("two stacks on one management cluster do not touch each other's objects", async function () {
    this.timeout(240_000);
    rig.changeSettings("second", other);
    const second = await rig.open("second");
    await second.up();
    assert.equal(
      (await live(rig.api, "ClusterDeployment", "other")).metadata.labels?.["k0rdent-nutanix/stack"],
      "k0rdent-nutanix.second",
    );
    assert.deepEqual(Object.keys((await rig.engine.up()).changes), ["same"]);

    // The second stack's cluster lives by the first one's kcm and CAPX: those stay, and what is the first one's own goes.
    await assert.rejects(rig.engine.destroy(), (error: Error) => {
      assert.match(
        error.message,
        /Management kcm, CAPX and kcm stay, because somebody else's objects need them: ClusterDeployment kcm-system\/other of the stack k0rdent-nutanix\.second, Credential kcm-system\/other-nutanix of the stack k0rdent-nutanix\.second; delete those first/,
      );
      assert.match(error.message, /denied the request: management deletion is forbidden/);
      return true;
    });
    assert.ok(await rig.api.get(MANAGEMENT));
    const standing = await rig.api.list({ apiVersion: "apps/v1", kind: "Deployment", namespace: "kcm-system" });
    assert.deepEqual(
      standing.map(({ metadata }) => metadata.name).filter((name) => /^(kcm-controller|nutanix-charts)/.test(name))
        .length,
      2,
      standing.map(({ metadata }) => metadata.name).join(),
    );
    assert.equal((await live(rig.api, "ClusterDeployment", "other")).metadata.deletionTimestamp, undefined);
    await rig.engine.up();
    // The second stack kept the marks that these patches wait for: the plugin may note one as it was before it was patched again.
    const { touched } = await rig.engine.up();
    assert.deepEqual(
      touched.filter((one) => !/^update \w+Patch /.test(one)),
      [],
    );

    const before = await live(rig.api, "ClusterDeployment", "edge");
    await second.destroy();
    await assert.rejects(live(rig.api, "ClusterDeployment", "other"));
    assert.deepEqual((await live(rig.api, "ClusterDeployment", "edge")).metadata, before.metadata);
    assert.deepEqual(Object.keys((await rig.engine.up()).changes), ["same"]);
  });

  it("a stack that names another one as a peer takes none of its endpoints, as a preview says already", async () => {
    const asking = (host: string) => (settings: Record<string, any>) => {
      other(settings);
      settings["peerStacks"] = ["dev"];
      settings["clusters"].other.nutanix.controlPlaneEndpoint.host = host;
    };
    rig.changeSettings("beside", asking("10.1.1.200"));
    const beside = await rig.open("beside");
    const fault =
      'clusters.other.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of the cluster demo in the stack organization/k0rdent-nutanix/dev (endpoint-is-not-used-by-peer-stacks); reserve an address for each cluster';
    for (const run of [() => beside.preview(), () => beside.up()]) {
      await assert.rejects(run(), (error: Error) => {
        assert.ok(error.message.includes(`other stacks are in the way:\n  - ${fault}`), error.message);
        return true;
      });
    }
    await assert.rejects(live(rig.api, "ClusterDeployment", "other"));
    rig.changeSettings("free", asking("10.1.3.11"));
    assert.ok(((await (await rig.open("free")).preview()).changes.create ?? 0) > 5);
  });

  it("a stack that names another stack's objects is refused before it writes", async () => {
    rig.changeSettings("third", (settings) => {
      other(settings);
      const { other: cluster } = settings["clusters"];
      settings["clusters"] = { edge: cluster };
    });
    const third = await rig.open("third");
    await assert.rejects(third.up(), (error: Error) => {
      assert.match(
        error.message,
        /ClusterDeployment\/edge: is managed by the stack k0rdent-nutanix\.dev; choose another name/,
      );
      assert.match(error.message, /Secret\/edge-nutanix-identity: is managed by the stack k0rdent-nutanix\.dev/);
      return true;
    });
  });

  it("a kubeconfig that leads to another cluster is refused before anything is written", async () => {
    const elsewhere = await startHarness({ skip: () => undefined } as never, "elsewhere");
    try {
      rig.changeSettings("dev", (settings) => {
        settings["management"].kubeconfig = elsewhere.sandbox.kubeconfig;
      });
      await assert.rejects(
        rig.engine.up(),
        /management\.kubeconfig: leads to the cluster whose namespace kube-system has UID \S+, but this stack was applied to \S+;/,
      );
      assert.equal(
        await elsewhere.api.get({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kcm-system" } }),
        undefined,
      );
    } finally {
      rig.changeSettings("dev", (settings) => {
        settings["management"].kubeconfig = rig.sandbox.kubeconfig;
      });
      await elsewhere.close();
    }
  });

  it("another server name in the kubeconfig replaces nothing", async () => {
    const renamed = join(rig.folder, "renamed-kubeconfig");
    writeFileSync(
      renamed,
      readFileSync(rig.sandbox.kubeconfig, "utf8").replaceAll("https://127.0.0.1:", "https://localhost:"),
    );
    rig.changeSettings("dev", (settings) => {
      settings["management"].kubeconfig = renamed;
    });
    const { changes } = await rig.engine.preview();
    assert.equal(changes.replace, undefined);
    assert.equal(changes["create-replacement" as "create"], undefined);
    rig.changeSettings("dev", (settings) => {
      settings["management"].kubeconfig = rig.sandbox.kubeconfig;
    });
  });

  it("is left empty by its own stack", async () => {
    await rig.destroyAll();
  });

  it("an installed kcm is adopted, its other providers kept, and kept when the stack goes", async () => {
    const helm = (...words: string[]) =>
      execa(rig.tools.helm, [...words, "--kubeconfig", rig.sandbox.kubeconfig, "--namespace", "kcm-system"]);
    await helm("install", "kcm", rig.sandbox.kcmChart, "--create-namespace", "--wait");
    const providers = async () =>
      ((await rig.api.get(MANAGEMENT))?.spec?.["providers"] as { name: string }[] | undefined)?.map(({ name }) => name);
    const until = Date.now() + 30_000;
    while ((await providers()) === undefined && Date.now() < until) await sleep(200);
    const theirs = (await providers()) ?? [];
    assert.ok(theirs.length > 0 && !theirs.includes("cluster-api-provider-nutanix"), theirs.join());
    await assert.rejects(
      rig.engine.up(),
      /Management\/kcm: exists and is not managed by this stack; set management\.adopt: true/,
    );
    rig.changeSettings("dev", (settings) => {
      settings["management"].adopt = true;
    });

    await rig.engine.up();
    assert.deepEqual(await providers(), [...theirs, "cluster-api-provider-nutanix"]);
    assert.deepEqual(Object.keys((await rig.engine.up()).changes), ["same"]);
    await rig.engine.destroy();
    assert.deepEqual(await providers(), theirs);
  });

  it("objects that are there already are taken into the release when it is told to", async () => {
    const repository = providerObjects(undefined).find(({ kind }) => kind === "HelmRepository");
    assert.ok(repository);
    const manifest = join(rig.folder, "repository.json");
    writeFileSync(
      manifest,
      JSON.stringify({ ...repository, spec: { url: "https://charts.example.com", interval: "10m0s" } }),
    );
    await rig.createFromFile(manifest);
    await assert.rejects(rig.engine.up(), /invalid ownership metadata|cannot be imported into the current release/);
    rig.changeSettings("dev", (settings) => {
      settings["capx"] = { takeOwnership: true };
    });
    await rig.engine.up();
    const taken = await rig.api.get(repository);
    assert.equal(taken?.metadata.annotations?.["meta.helm.sh/release-name"], "nutanix-capx");
    await rig.engine.destroy();
  });
});
