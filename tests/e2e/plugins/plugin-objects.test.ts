import assert from "node:assert/strict";
import random from "@pulumi/random";
import { WIDGETS, widget } from "./plugin-cluster.ts";
import { assertChanges, k8s, type Program, type TestStack } from "./plugin-stack.ts";
import { pluginSuite } from "./suite.ts";

const SECRET_TEXT = "hunter2-in-plain";

function configMap(name: string, data: Record<string, string>): Program {
  return (provider) =>
    new k8s.core.v1.ConfigMap("object", { metadata: { name, namespace: "default" }, data }, { provider });
}

function secret(password: string): Program {
  return (provider) =>
    new k8s.core.v1.Secret(
      "object",
      { metadata: { name: "password", namespace: "default" }, stringData: { password } },
      { provider },
    );
}

function custom(name: string, spec: object, annotations?: Record<string, string>): Program {
  const annotated = annotations ? { annotations } : {};
  return (provider) =>
    new k8s.apiextensions.CustomResource(
      "object",
      { apiVersion: WIDGETS, kind: "Widget", metadata: { name, namespace: "default", ...annotated }, spec },
      { provider },
    );
}

async function uid(stack: TestStack): Promise<string> {
  const resources = await stack.resources();
  return resources.find((resource) => resource.urn.endsWith("::object")).outputs.metadata.uid;
}

pluginSuite("objects", (fixture) => {
  const mutable = () => ({
    kubeconfig: fixture().cluster.kubeconfig,
    enableSecretMutable: true,
    enableConfigMapMutable: true,
  });

  it("are created, left alone, updated in place, replaced for a new name, and deleted", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const created = await stack.up(custom("first", { size: 1, color: "red" }));
    assert.equal(created.error, undefined);
    assertChanges(created, { create: 3 });
    const firstUid = await uid(stack);
    assertChanges(await stack.up(custom("first", { size: 1, color: "red" })), {});
    assertChanges(await stack.up(custom("first", { size: 2, color: "red" })), { update: 1 });
    assert.equal(await uid(stack), firstUid);
    const live = await cluster.get(widget("first"));
    assert.deepEqual(live.spec, { size: 2, color: "red" });
    assertChanges(await stack.up(custom("first", { size: 2 })), { update: 1 });
    assert.deepEqual((await cluster.get(widget("first"))).spec, { size: 2 });
    assertChanges(await stack.up(custom("second", { size: 2 })), { replace: 1 });
    assert.equal(await cluster.get(widget("first")), undefined);
    assert.equal((await stack.destroy()).error, undefined);
    assert.equal(await cluster.get(widget("second")), undefined);
  });

  it("without a name get one that stays, with a mark", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program: Program = (provider) => {
      const made = new k8s.core.v1.ConfigMap("nameless", { data: { a: "b" } }, { provider });
      return { name: made.metadata.name, annotations: made.metadata.annotations };
    };
    assert.equal((await stack.up(program)).error, undefined);
    const resources = await stack.resources();
    const { name, annotations, namespace } = resources.at(-1).outputs.metadata;
    assert.match(name, /^nameless-[0-9a-f]{8}$/);
    assert.equal(namespace, "default");
    assert.deepEqual(annotations, { "pulumi.com/autonamed": "true" });
    assertChanges(await stack.up(program), {});
    await stack.destroy();
  });

  it("of kind Secret show nothing in the state, and a new password replaces them by default", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    await stack.up(secret(SECRET_TEXT));
    const text = stack.stored();
    assert.equal(text.includes(SECRET_TEXT), false);
    assert.equal(text.includes(Buffer.from(SECRET_TEXT).toString("base64")), false);
    const live = await cluster.get({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "password", namespace: "default" },
    });
    assert.equal(Buffer.from(live.data.password, "base64").toString(), SECRET_TEXT);
    assertChanges(await stack.up(secret(`${SECRET_TEXT}-2`)), { replace: 1 });
    await stack.destroy();
  });

  it("of kinds Secret and ConfigMap change in place when the provider says so", async () => {
    const { bench } = fixture();
    const stack = await bench.stack(mutable());
    await stack.up(secret("one"));
    const first = await uid(stack);
    assertChanges(await stack.up(secret("two")), { update: 1 });
    assert.equal(await uid(stack), first);
    await stack.destroy();
    const other = await bench.stack(mutable());
    await other.up(configMap("mutable", { a: "1" }));
    assertChanges(await other.up(configMap("mutable", { a: "2" })), { update: 1 });
    await other.destroy();
  });

  it("that exist are refused, and taken over when the provider upserts", async () => {
    const { bench, cluster } = fixture();
    await cluster.apply(widget("there", { spec: { color: "blue" } }));
    const refusing = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const refused = await refusing.up(custom("there", { size: 3 }));
    assert.match(refused.output, /widgets\.suite\.example "there" already exists/);
    assert.match(refused.output, /upsertExistingObjects/);
    const upserting = await bench.stack({ kubeconfig: cluster.kubeconfig, upsertExistingObjects: true });
    assert.equal((await upserting.up(custom("there", { size: 3 }))).error, undefined);
    assert.deepEqual((await cluster.get(widget("there"))).spec, { color: "blue", size: 3 });
    await upserting.destroy();
    await refusing.destroy();
  });

  it("of another manager conflict by name, and are forced only when asked", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    await stack.up(custom("shared", { size: 1 }));
    await cluster.apply(widget("shared", { spec: { size: 5 } }), "rival");
    const conflict = await stack.up(custom("shared", { size: 2 }));
    assert.match(conflict.output, /conflict with "rival"/);
    assert.match(conflict.output, /\.spec\.size/);
    const forced = await stack.up(custom("shared", { size: 2 }, { "pulumi.com/patchForce": "true" }));
    assert.equal(forced.error, undefined);
    const live = await cluster.get(widget("shared"));
    assert.equal(live.spec.size, 2);
    assert.equal(live.metadata.annotations["pulumi.com/patchForce"], "true");
    await stack.destroy();
  });

  it("are patched without being owned, and given back on destroy", async () => {
    const { bench, cluster } = fixture();
    await cluster.apply(widget("patched", { spec: { color: "green" } }), "owner");
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const patch =
      (size: number): Program =>
      (provider) => {
        new k8s.apiextensions.CustomResourcePatch(
          "patch",
          { apiVersion: WIDGETS, kind: "Widget", metadata: { name: "patched", namespace: "default" }, spec: { size } },
          { provider },
        );
      };
    assert.equal((await stack.up(patch(1))).error, undefined);
    assert.deepEqual((await cluster.get(widget("patched"))).spec, { color: "green", size: 1 });
    assertChanges(await stack.up(patch(1)), {});
    assertChanges(await stack.up(patch(2)), { update: 1 });
    assert.equal((await stack.destroy()).error, undefined);
    assert.deepEqual((await cluster.get(widget("patched"))).spec, { color: "green" });
    await cluster.remove(widget("patched"));
  });

  it("keep what ignoreChanges names", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program =
      (size: number, color: string): Program =>
      (provider) => {
        new k8s.apiextensions.CustomResource(
          "object",
          {
            apiVersion: WIDGETS,
            kind: "Widget",
            metadata: { name: "ignoring", namespace: "default" },
            spec: { size, color },
          },
          { provider, ignoreChanges: ["spec.size"] },
        );
      };
    await stack.up(program(1, "red"));
    assertChanges(await stack.up(program(2, "red")), {});
    assertChanges(await stack.up(program(2, "blue")), { update: 1 });
    assert.deepEqual((await cluster.get(widget("ignoring"))).spec, { size: 1, color: "blue" });
    await stack.destroy();
  });

  it("stay quiet in a refresh after somebody wrote status and other fields, and show drift of ours", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program = custom("drifting", { size: 1 });
    await stack.up(program);
    await cluster.setStatus(widget("drifting"), { ready: true });
    await cluster.apply(
      widget("drifting", {
        spec: { color: "grey" },
        metadata: { name: "drifting", namespace: "default", labels: { a: "b" } },
      }),
    );
    await stack.refresh();
    assertChanges(await stack.preview(program), {});
    await cluster.apply(widget("drifting", { spec: { size: 7 } }), "rival");
    assertChanges(await stack.preview(program), {});
    await stack.refresh();
    assertChanges(await stack.preview(program), { update: 1 });
    await cluster.remove(widget("drifting"));
    assertChanges(await stack.refresh(), { delete: 1 });
    assertChanges(await stack.preview(program), { create: 1 });
    await stack.destroy();
  });

  it("that have gone already are deleted without complaint", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    await stack.up(custom("gone", { size: 1 }));
    await cluster.remove(widget("gone"));
    assert.equal((await stack.destroy()).error, undefined);
  });

  it("of kind RandomPassword are made once, secret, and made anew for another length", async () => {
    const { bench, cluster } = fixture();
    const stack = await bench.stack({ kubeconfig: cluster.kubeconfig });
    const program =
      (length: number): Program =>
      () => ({ password: new random.RandomPassword("password", { length, special: false }).result });
    await stack.up(program(32));
    const first = await stack.outputs();
    assert.equal(first["password"]?.secret, true);
    const value = String(first["password"]?.value);
    assert.match(value, /^[A-Za-z0-9]{32}$/);
    assert.equal(stack.stored().includes(value), false);
    assertChanges(await stack.up(program(32)), {});
    assert.equal((await stack.outputs())["password"]?.value, value);
    assertChanges(await stack.refresh(), {});
    assertChanges(await stack.up(program(16)), { replace: 1 });
    assert.equal((await stack.destroy()).error, undefined);
  });
});
