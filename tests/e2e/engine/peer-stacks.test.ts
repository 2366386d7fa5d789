import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { providerObjects } from "../../../manifests/capx-release.ts";
import { eventually } from "../../support/eventually.ts";
import { Harness, useHarness } from "./harness.ts";

const MANAGEMENT = {
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "Management",
  metadata: { name: "kcm" },
} as const;

describe("a management cluster that several stacks share", () => {
  const harness = useHarness("peer-stacks");

  before(async () => {
    await harness.engine.up();
  });

  const other = (settings: Record<string, any>) => {
    settings["management"].adopt = true;
    settings["capx"] = { managedExternally: true };
    const { edge } = settings["clusters"];
    settings["clusters"] = {
      other: { ...edge, nutanix: { ...edge.nutanix, controlPlaneEndpoint: { host: "10.1.3.10" } } },
    };
    settings["credentials"].other = settings["credentials"].edge;
  };

  it("keeps two stacks apart", async function () {
    this.timeout(240_000);
    harness.changeSettings("second", other);
    const second = await harness.open("second");
    await second.up();
    assert.equal(
      (await harness.read("ClusterDeployment", "other")).metadata.labels?.["k0rdent-nutanix/stack"],
      "k0rdent-nutanix.second",
    );
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);

    // The second stack's cluster depends on the first one's kcm and CAPX: those remain, and the rest of the first stack is deleted.
    await assert.rejects(harness.engine.destroy(), (error: Error) => {
      assert.match(
        error.message,
        /Management kcm, CAPX and kcm are not deleted, because objects that this stack does not manage need them: ClusterDeployment kcm-system\/other of the stack k0rdent-nutanix\.second, Credential kcm-system\/other-nutanix of the stack k0rdent-nutanix\.second; delete those first/,
      );
      assert.match(error.message, /denied the request: management deletion is forbidden/);
      return true;
    });
    assert.ok(await harness.api.get(MANAGEMENT));
    const deployments = await harness.api.list({ apiVersion: "apps/v1", kind: "Deployment", namespace: "kcm-system" });
    assert.deepEqual(
      deployments.map(({ metadata }) => metadata.name).filter((name) => /^(kcm-controller|nutanix-charts)/.test(name))
        .length,
      2,
      deployments.map(({ metadata }) => metadata.name).join(),
    );
    assert.equal((await harness.read("ClusterDeployment", "other")).metadata.deletionTimestamp, undefined);
    await harness.engine.up();
    // The second stack left the annotations that these patches wait for: the plugin may record one as it was before the patch.
    const { touched } = await harness.engine.up();
    assert.deepEqual(
      touched.filter((one) => !/^update \w+Patch /.test(one)),
      [],
    );

    const before = await harness.read("ClusterDeployment", "edge");
    await second.destroy();
    await assert.rejects(harness.read("ClusterDeployment", "other"));
    assert.deepEqual((await harness.read("ClusterDeployment", "edge")).metadata, before.metadata);
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);
  });

  it("rejects an endpoint of a peer stack, in a preview already", async () => {
    const asking = (host: string) => (settings: Record<string, any>) => {
      other(settings);
      settings["peerStacks"] = ["dev"];
      settings["clusters"].other.nutanix.controlPlaneEndpoint.host = host;
    };
    harness.changeSettings("beside", asking("10.1.1.200"));
    const beside = await harness.open("beside");
    const fault =
      'clusters.other.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of the cluster demo in the stack organization/k0rdent-nutanix/dev (endpoint-is-not-used-by-peer-stacks); reserve an address for each cluster';
    for (const run of [() => beside.preview(), () => beside.up()]) {
      await assert.rejects(run(), (error: Error) => {
        assert.ok(error.message.includes(`endpoints used by other stacks:\n  - ${fault}`), error.message);
        return true;
      });
    }
    await assert.rejects(harness.read("ClusterDeployment", "other"));
    harness.changeSettings("free", asking("10.1.3.11"));
    assert.ok(((await (await harness.open("free")).preview()).changes.create ?? 0) > 5);
  });

  it("rejects an endpoint of a peer stack that is newer than the cluster, where nothing is created", async () => {
    const program = async () => ({ clusters: { copy: { endpoint: "10.1.1.200:6443" } } });
    harness.changeSettings("newer", () => undefined);
    const newer = await harness.open("newer", program);
    await newer.up();
    try {
      harness.changeSettings("dev", (settings) => {
        settings["peerStacks"] = ["newer"];
      });
      for (const run of [harness.engine.preview, harness.engine.up]) {
        await assert.rejects(run(), (error: Error) => {
          assert.match(
            error.message,
            /endpoints used by other stacks:\n {2}- clusters\.demo\..* of the cluster copy in the stack/,
          );
          return true;
        });
      }
      harness.changeSettings("dev", (settings) => {
        settings["peerStacks"] = ["missing"];
      });
      await assert.rejects(harness.engine.preview(), /missing/);
    } finally {
      harness.changeSettings("dev", (settings) => {
        settings["peerStacks"] = undefined;
      });
      await newer.destroy();
    }
    await harness.engine.up();
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);
  });

  it("rejects another stack's objects before it writes", async () => {
    harness.changeSettings("third", (settings) => {
      other(settings);
      const { other: cluster } = settings["clusters"];
      settings["clusters"] = { edge: cluster };
    });
    const third = await harness.open("third");
    await assert.rejects(third.up(), (error: Error) => {
      assert.match(
        error.message,
        /ClusterDeployment\/edge: is managed by the stack k0rdent-nutanix\.dev; use another name/,
      );
      assert.match(error.message, /Secret\/edge-nutanix-identity: is managed by the stack k0rdent-nutanix\.dev/);
      return true;
    });
  });

  it("rejects a kubeconfig of another cluster before it writes", async function () {
    const elsewhere = new Harness("elsewhere");
    try {
      await elsewhere.start(this);
      harness.changeSettings("dev", (settings) => {
        settings["management"].kubeconfig = elsewhere.sandbox.kubeconfig;
      });
      await assert.rejects(
        harness.engine.up(),
        /management\.kubeconfig: leads to the cluster whose namespace kube-system has UID \S+, but this stack was applied to \S+;/,
      );
      assert.equal(
        await elsewhere.api.get({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kcm-system" } }),
        undefined,
      );
    } finally {
      harness.changeSettings("dev", (settings) => {
        settings["management"].kubeconfig = harness.sandbox.kubeconfig;
      });
      await elsewhere.close();
    }
  });

  it("replaces nothing where the kubeconfig has another server name", async () => {
    const renamed = join(harness.folder, "renamed-kubeconfig");
    writeFileSync(
      renamed,
      readFileSync(harness.sandbox.kubeconfig, "utf8").replaceAll("https://127.0.0.1:", "https://localhost:"),
    );
    harness.changeSettings("dev", (settings) => {
      settings["management"].kubeconfig = renamed;
    });
    const { changes } = await harness.engine.preview();
    assert.equal(changes.replace, undefined);
    assert.equal(changes["create-replacement" as "create"], undefined);
    harness.changeSettings("dev", (settings) => {
      settings["management"].kubeconfig = harness.sandbox.kubeconfig;
    });
  });

  it("is emptied by its stack", async () => {
    await harness.destroyAll();
  });

  it("adopts an installed kcm, and keeps its providers, also after a destroy", async () => {
    const helm = (...words: string[]) =>
      execa(harness.tools.helm, [...words, "--kubeconfig", harness.sandbox.kubeconfig, "--namespace", "kcm-system"]);
    await helm("install", "kcm", harness.sandbox.kcmChart, "--create-namespace", "--wait");
    const providers = async () =>
      ((await harness.api.get(MANAGEMENT))?.spec?.["providers"] as { name: string }[] | undefined)?.map(
        ({ name }) => name,
      );
    const theirs = await eventually("providers of Management", providers);
    assert.ok(theirs.length > 0 && !theirs.includes("cluster-api-provider-nutanix"), theirs.join());
    await assert.rejects(
      harness.engine.up(),
      /Management\/kcm: exists and is not managed by this stack; set management\.adopt: true/,
    );
    harness.changeSettings("dev", (settings) => {
      settings["management"].adopt = true;
    });

    await harness.engine.up();
    assert.deepEqual(await providers(), [...theirs, "cluster-api-provider-nutanix"]);
    assert.deepEqual(Object.keys((await harness.engine.up()).changes), ["same"]);
    await harness.engine.destroy();
    assert.deepEqual(await providers(), theirs);
  });

  it("takes ownership of existing objects where capx.takeOwnership is set", async () => {
    const repository = providerObjects(undefined).find(({ kind }) => kind === "HelmRepository");
    assert.ok(repository);
    const spec = { url: "https://charts.example.com", interval: "10m0s" };
    await harness.api.create(Object.assign({}, repository, { spec }));
    await assert.rejects(harness.engine.up(), /invalid ownership metadata|cannot be imported into the current release/);
    harness.changeSettings("dev", (settings) => {
      settings["capx"] = { takeOwnership: true };
    });
    await harness.engine.up();
    const taken = await harness.api.get(repository);
    assert.equal(taken?.metadata.annotations?.["meta.helm.sh/release-name"], "nutanix-capx");
    await harness.engine.destroy();
  });
});
