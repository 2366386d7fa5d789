import assert from "node:assert/strict";
import { WIDGETS, widget } from "./plugin-cluster.ts";
import { assertChanges, k8s, type Program } from "./plugin-stack.ts";
import { pluginSuite } from "./suite.ts";

function custom(kind: string, metadata: object, spec: object): Program {
  return (provider) =>
    new k8s.apiextensions.CustomResource("object", { apiVersion: WIDGETS, kind, metadata, spec }, { provider });
}

pluginSuite("previews", (fixture, kind) => {
  const here = { name: "previewed", namespace: "default" };

  it("say nothing of a missing namespace, a missing CRD, an object that exists", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const silent = [
      custom("Widget", { name: "a", namespace: "nowhere" }, { size: 1 }),
      custom("Nothing", here, { size: 1 }),
      custom("Widget", { name: "exists", namespace: "default" }, { size: 1 }),
    ];
    await cluster.apply(widget("exists", { spec: { size: 1 } }));
    for (const program of silent) {
      const preview = await stack.preview(program);
      assert.equal(preview.error, undefined, preview.output);
      assert.equal(preview.changes["create"], 3);
    }
    await cluster.remove(widget("exists"));
  });

  it("say nothing of a user who may only read, whose up is refused", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: await cluster.readerKubeconfig() });
    const program: Program = (provider) =>
      new k8s.core.v1.ConfigMap("object", { metadata: here, data: {} }, { provider });
    assert.equal((await stack.preview(program)).error, undefined);
    assert.match((await stack.up(program)).output, /forbidden/);
    await stack.destroy();
  });

  it("tell what the schema refuses", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const preview = await stack.preview(custom("Widget", here, { size: "big" }));
    assert.match(preview.output, /spec\.size: Invalid value: "string"/);
    assert.notEqual(preview.error, undefined);
    await stack.up(custom("Widget", here, { size: 1 }));
    const update = await stack.preview(custom("Widget", here, { size: "big" }));
    assert.match(update.output, /\.spec\.size: expected numeric \(int or float\), got string/);
    await stack.destroy();
  });

  it("pass with values that are not known yet", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program: Program = (provider) => {
      const first = new k8s.core.v1.ConfigMap(
        "first",
        { metadata: { name: "first", namespace: "default" }, data: { a: "b" } },
        { provider },
      );
      new k8s.core.v1.ConfigMap(
        "second",
        { metadata: { name: "second", namespace: "default" }, data: { uid: first.metadata.uid } },
        { provider },
      );
    };
    const preview = await stack.preview(program);
    assert.equal(preview.error, undefined, preview.output);
    assertChanges(preview, { create: 4 });
    assert.equal((await stack.up(program)).error, undefined);
    assertChanges(await stack.up(program), {});
    await stack.destroy();
  });

  it("pass with the cluster out of reach, where up, refresh and destroy say so", async () => {
    const { bench, cluster } = fixture();
    const program = custom("Widget", here, { size: 1 });
    const away = cluster.kubeconfig.replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:1");
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig, clusterIdentifier: "the-one" });
    await stack.up(program);
    stack.args = { kubeconfig: away, clusterIdentifier: "the-one" };
    assert.equal((await stack.preview(program)).error, undefined);
    const change = custom("Widget", here, { size: 2 });
    assert.equal((await stack.preview(change)).error, undefined);
    assert.match((await stack.up(change)).output, /configured Kubernetes cluster is unreachable/);
    assert.match((await stack.refresh()).output, /unreachable/);
    stack.args = { kubeconfig: cluster.kubeconfig, clusterIdentifier: "the-one" };
    assert.equal((await stack.up(change)).error, undefined);
    await stack.destroy();
  });

  it("replace everything for another server, and nothing with a cluster identifier", async () => {
    const { bench, cluster } = fixture();
    const program = custom("Widget", here, { size: 1 });
    const plain = await bench.stack({ kubeconfig: cluster.kubeconfig });
    await plain.up(program);
    plain.args = { kubeconfig: cluster.renamedKubeconfig() };
    const replaced = await plain.preview(program);
    assert.equal(replaced.changes["replace"], 2, replaced.output);
    plain.args = { kubeconfig: cluster.kubeconfig };
    await plain.destroy();
    const named = await bench.stack({ kubeconfig: cluster.kubeconfig, clusterIdentifier: "the-one" });
    await named.up(program);
    named.args = { kubeconfig: cluster.renamedKubeconfig(), clusterIdentifier: "the-one" };
    const updated = await named.up(program);
    assert.equal(updated.error, undefined, updated.output);
    assertChanges(updated, { update: 1 });
    await named.destroy();
  });

  if (kind === "stand-in") {
    it("carry the plugin's word that it is a stand-in, once", async () => {
      const { bench, cluster } = fixture();
      const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
      const { output } = await stack.preview(custom("Widget", here, { size: 1 }));
      const diagnostics = output.slice(output.indexOf("Diagnostics:"));
      assert.equal(diagnostics.split("stand-in kubernetes plugin of the sandbox: not for real clusters").length, 2);
      assert.doesNotMatch(output, /warning/);
    });

    it("refuse an API server that is not on this machine", async () => {
      const { bench, cluster } = fixture();
      const kubeconfig = cluster.kubeconfig.replace(/https:\/\/127\.0\.0\.1:\d+/, "https://192.0.2.1:6443");
      const stack = await bench.stack({ kubeconfig });
      const { output, error } = await stack.preview(custom("Widget", here, { size: 1 }));
      assert.notEqual(error, undefined);
      assert.match(output, /https:\/\/192\.0\.2\.1:6443 is not on a loopback address/);
    });
  }
});
