import assert from "node:assert/strict";
import type { ValueMap } from "../../../sandbox/plugins/property-values.ts";
import { startApiServer, stopApiServer } from "../../../sandbox/sandbox-cluster.ts";
import { WIDGETS, widget, widgetCrd } from "./plugin-cluster.ts";
import { assertChanges, k8s, type Program } from "./plugin-stack.ts";
import { pluginSuite } from "./suite.ts";

interface Waiting {
  name: string;
  waitFor: string;
  size?: number;
  seconds?: number;
}

function waiting({ name, waitFor, size = 1, seconds = 60 }: Waiting): Program {
  const metadata = { name, namespace: "default", annotations: { "pulumi.com/waitFor": waitFor } };
  const timeout = `${seconds}s`;
  return (provider) =>
    new k8s.apiextensions.CustomResource(
      "object",
      { apiVersion: WIDGETS, kind: "Widget", metadata, spec: { size } },
      { provider, customTimeouts: { create: timeout, update: timeout } },
    );
}

function ready(observedGeneration: number, status = "True"): ValueMap {
  return { observedGeneration, conditions: [{ type: "Ready", status, reason: "Suite", message: "said the suite" }] };
}

pluginSuite("waits", (fixture) => {
  it("end when the condition and every path hold, for the generation", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const parts = [
      "condition=Ready",
      "jsonpath={.status.components['with-dash'].success}=true",
      "jsonpath={.status.items[?(@.type=='a')].size}=3",
    ];
    const target = widget("waited");
    const up = stack.up(waiting({ name: "waited", waitFor: JSON.stringify(parts) }));
    await cluster.until(async () => (await cluster.get(target)) !== undefined);
    await cluster.setStatus(target, ready(1));
    await cluster.setStatus(target, {
      components: { "with-dash": { success: false } },
      items: [{ type: "a", size: 3 }],
    });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await cluster.setStatus(target, { components: { "with-dash": { success: true } } });
    assert.equal((await up).error, undefined);
    const [object] = (await stack.resources()).slice(-1);
    assert.equal(object.outputs.status.components["with-dash"].success, true);

    // An old verdict does not count for a new generation.
    const change = stack.up(waiting({ name: "waited", waitFor: "condition=Ready", size: 2 }));
    await cluster.until(async () => (await cluster.get(target)).metadata.generation === 2);
    let over = false;
    change.then(() => {
      over = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(over, false);
    await cluster.setStatus(target, ready(2));
    const changed = await change;
    assert.equal(changed.error, undefined);
    assertChanges(changed, { update: 1 });
    await stack.destroy();
  });

  it("that run out leave the object in the state, and the next up waits again", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program = waiting({ name: "late", waitFor: "condition=Ready", seconds: 3 });
    const late = await stack.up(program);
    assert.match(late.output, /timed out waiting for the condition/);
    assert.match(
      late.output,
      /was successfully created, but the Kubernetes API server reported that it failed to fully initialize/,
    );
    assert.equal((await stack.resources()).at(-1).id, "default/late");
    const again = await stack.up(program);
    assert.match(
      again.output,
      /"default\/late" failed to fully initialize or become live: timed out waiting for the condition/,
    );
    await cluster.setStatus(widget("late"), ready(1));
    const resumed = await stack.up(program);
    assert.equal(resumed.error, undefined);
    assertChanges(resumed, { update: 1 });
    assertChanges(await stack.up(program), {});
    await stack.destroy();
  });

  it("that cannot be read fail after the object was made, outside the state", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const dotted = await stack.up(waiting({ name: "unreadable", waitFor: "jsonpath={.status.with-dash}=true" }));
    assert.match(dotted.output, /was not successfully created/);
    assert.notEqual(await cluster.get(widget("unreadable")), undefined);
    assert.equal(
      (await stack.resources()).some((resource) => resource.id === "default/unreadable"),
      false,
    );
    await cluster.remove(widget("unreadable"));
    await stack.destroy();
  });

  it("for a Deployment end when it is available, and run out when it is not", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program: Program = (provider) => {
      const labels = { app: "stuck" };
      const spec = { nodeSelector: { no: "where" }, containers: [{ name: "c", image: "none" }] };
      new k8s.apps.v1.Deployment(
        "object",
        {
          metadata: { name: "stuck", namespace: "default" },
          spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
        },
        { provider, customTimeouts: { create: "4s" } },
      );
    };
    const stuck = await stack.up(program);
    assert.match(stuck.output, /failed to fully initialize or become live/);
    assert.equal((await stack.resources()).at(-1).id, "default/stuck");
    assert.equal((await stack.destroy()).error, undefined);
  });

  it("for a CRD that the same up brings are patient", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program: Program = (provider) => {
      new k8s.apiextensions.CustomResource(
        "object",
        { apiVersion: WIDGETS, kind: "Gadget", metadata: { name: "g", namespace: "default" }, spec: { size: 1 } },
        { provider },
      );
      new k8s.apiextensions.v1.CustomResourceDefinition("crd", widgetCrd("gadgets", "Gadget") as any, { provider });
    };
    assert.equal((await stack.preview(program)).error, undefined);
    assert.equal((await stack.up(program)).error, undefined);
    assertChanges(await stack.up(program), {});
    assert.equal((await stack.destroy()).error, undefined);
  });

  it("outlive an API server that is killed and started again", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program = waiting({ name: "survivor", waitFor: "condition=Ready", seconds: 90 });
    const up = stack.up(program);
    await cluster.until(async () => (await cluster.get(widget("survivor"))) !== undefined);
    await stopApiServer(cluster.sandbox.directory);
    // The port of a killed server can stay taken for a moment.
    await cluster.until(() => startApiServer(cluster.sandbox.directory).then(() => true));
    await cluster.until(async () => cluster.setStatus(widget("survivor"), ready(1)).then(() => true));
    const first = await up;
    const second = await stack.up(program);
    assert.equal(second.error, undefined, `${first.output}\n${second.output}`);
    assertChanges(await stack.up(program), {});
    await stack.destroy();
  });
});
