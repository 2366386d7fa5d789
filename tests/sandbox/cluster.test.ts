import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse } from "yaml";
import { Api } from "../../sandbox/cluster/api-health.ts";
import { layoutOf, readRecord, writeRecord } from "../../sandbox/cluster/layout.ts";
import { crdFolder, STAND_IN } from "../../sandbox/crds.ts";
import { SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { writeKcmChart } from "../../sandbox/kcm-chart.ts";
import {
  createSandbox,
  deleteSandbox,
  type Sandbox,
  sandboxStatus,
  startApiServer,
  stopApiServer,
  stopSandbox,
} from "../../sandbox/sandbox-cluster.ts";
import { commandOf } from "../../sandbox/tools/process.ts";
import { requireTools, skip } from "../support/skip.ts";

describe("sandbox", function () {
  this.timeout(180_000);
  let folder: string;
  let tools: ToolPaths<SandboxTool>;
  let sandbox: Sandbox;
  const home = process.env.HOME;

  const create = (name: string) =>
    createSandbox({ name, directory: join(folder, name), tools, crds: STAND_IN, controllers: false });

  before(async function () {
    tools = await requireTools(this, SANDBOX_TOOLS);
    folder = mkdtempSync(join(tmpdir(), "sandbox-"));
    process.env.HOME = join(folder, "home");
    mkdirSync(process.env.HOME);
    sandbox = await create("one");
  });

  after(async () => {
    if (home !== undefined) process.env.HOME = home;
    if (!folder) return;
    for (const name of ["one", "two", "three"]) await deleteSandbox(join(folder, name));
    rmSync(folder, { recursive: true, force: true });
  });

  async function call<T>(work: (api: Api) => Promise<T>, kubeconfig = sandbox.kubeconfig): Promise<T> {
    const api = new Api(kubeconfig);
    try {
      return await work(api);
    } finally {
      api.close();
    }
  }

  const get = (path: string) => call(async (api) => JSON.parse((await api.call("GET", path)).body));

  async function until(what: string, done: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 90_000;
    while (!(await done())) {
      assert.ok(Date.now() < end, `${what} within 90 s`);
      await sleep(200);
    }
  }

  it("is a control plane of five processes", async () => {
    assert.equal(sandbox.created, true);
    const { state, components } = await sandboxStatus(sandbox.directory);
    assert.equal(state, "running");
    assert.deepEqual(
      components.filter(({ running }) => running).map(({ name }) => name),
      ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"],
    );
  });

  it("has one node, which takes pods from the first moment", async () => {
    const { items } = await get("/api/v1/nodes");
    const [node, ...others] = items as { spec: { taints?: unknown[] }; status: { conditions: unknown[] } }[];
    assert.deepEqual(others, []);
    assert.deepEqual(node?.spec.taints ?? [], []);
    assert.match(JSON.stringify(node?.status.conditions), /"type":"Ready","status":"True"/);
  });

  it("writes its own kubeconfig, for its user alone, and nothing in the home", () => {
    assert.equal(statSync(sandbox.kubeconfig).mode & 0o777, 0o600);
    assert.equal(parse(readFileSync(sandbox.kubeconfig, "utf8"))["current-context"], "k0rdent-nutanix-one");
    assert.deepEqual(readdirSync(process.env.HOME ?? ""), []);
  });

  it("listens on this machine only", async () => {
    const { components } = parse(readFileSync(join(layoutOf(sandbox.directory).cluster, "kwok.yaml"), "utf8"));
    const all = JSON.stringify(components.map(({ args }: { args: string[] }) => args));
    assert.ok(!all.includes("0.0.0.0"), all);
  });

  it("changes nothing the second time", async () => {
    const before = await sandboxStatus(sandbox.directory);
    const again = await create("one");
    assert.deepEqual(again, { ...sandbox, created: false });
    assert.deepEqual(await sandboxStatus(sandbox.directory), before);
  });

  it("is one when two ask for it at the same time, and stands beside another", async () => {
    const [two, same] = await Promise.all([create("two"), create("two")]);
    assert.deepEqual([two.created, same.created].sort(), [false, true]);
    assert.notEqual(two.server, sandbox.server);
    const [first, second] = await Promise.all(
      [sandbox, two].map(({ kubeconfig }) =>
        call((api) => api.call("GET", "/api/v1/namespaces/kube-system"), kubeconfig),
      ),
    );
    assert.notEqual(JSON.parse(first?.body ?? "").metadata.uid, JSON.parse(second?.body ?? "").metadata.uid);
    await deleteSandbox(two.directory);
  });

  it("keeps its objects when the API server is killed and started again", async () => {
    await call((api) =>
      api.apply("/api/v1/namespaces/kept", { apiVersion: "v1", kind: "Namespace", metadata: { name: "kept" } }),
    );
    await stopApiServer(sandbox.directory);
    assert.equal((await sandboxStatus(sandbox.directory)).state, "degraded");
    await assert.rejects(get("/api/v1/namespaces/kept"), /ECONNREFUSED|ECONNRESET/);
    await startApiServer(sandbox.directory);
    assert.equal((await get("/api/v1/namespaces/kept")).metadata.name, "kept");
  });

  it("does not take another process for its own after a reboot", async () => {
    await stopSandbox(sandbox.directory);
    const { state, components } = await sandboxStatus(sandbox.directory);
    assert.equal(state, "stopped");
    assert.deepEqual(
      components.filter(({ running }) => running),
      [],
    );
    const pids = join(layoutOf(sandbox.directory).cluster, "pids");
    for (const name of ["etcd", "kube-apiserver"]) writeFileSync(join(pids, `${name}.pid`), String(process.pid));
    const again = await create("one");
    assert.deepEqual([again.created, again.server], [false, sandbox.server]);
    assert.equal((await get("/api/v1/namespaces/kept")).metadata.name, "kept");
  });

  it("names the port that somebody else has taken meanwhile", async () => {
    await stopSandbox(sandbox.directory);
    const port = Number(new URL(sandbox.server).port);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    try {
      await assert.rejects(create("one"), {
        name: "SandboxError",
        message: `sandbox: "one" does not start because another process listens on its port ${port}; stop that process, or remove the sandbox (${sandbox.directory}) and make it again`,
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    assert.equal((await create("one")).created, false);
  });

  it("deletes in the foreground, which needs the garbage collector", async () => {
    const labels = { app: "gone" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "none" }] } };
    const path = "/apis/apps/v1/namespaces/kept/deployments/gone";
    const metadata = { name: "gone", namespace: "kept" };
    await call((api) =>
      api.apply(path, {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: { replicas: 2, selector: { matchLabels: labels }, template },
      }),
    );
    await until("an available Deployment", async () => (await get(path)).status?.availableReplicas === 2);
    await call((api) => api.call("DELETE", `${path}?propagationPolicy=Foreground`));
    await until("no Deployment", async () => (await get(path)).code === 404);
    assert.deepEqual((await get("/api/v1/namespaces/kept/pods")).items, []);
  });

  for (const [version, crds] of [
    ["1.2.0", STAND_IN],
    ["1.11.4", STAND_IN],
    ["1.2.0", undefined],
    ["1.11.4", undefined],
  ] as const) {
    const what = crds ?? "released definitions";
    it(`installs and un-installs the kcm chart ${version} with ${what}, and no definition is left`, async function () {
      if (!crds && !crdFolder(version)) skip(this, `no released CRDs of kcm ${version}`);
      const chart = await writeKcmChart({ directory: mkdtempSync(join(folder, "chart-")), version, crds });
      const helm = (...args: string[]) =>
        execa(tools.helm, [...args, "--namespace", "kcm-system"], { env: { KUBECONFIG: sandbox.kubeconfig } });
      await helm(
        ...["install", "kcm", chart.path, "--wait", "--timeout", "60s"],
        ...["--create-namespace", "--set", "controller.createManagement=false"],
      );
      assert.equal((await definitions()).length, chart.count);
      const { items } = await get("/api/v1/namespaces/kcm-system/secrets?fieldSelector=type=helm.sh/release.v1");
      assert.ok(items[0].data.release.length < 2 ** 20 / 2, "half of what a Secret can hold");
      const deployment = await get("/apis/apps/v1/namespaces/kcm-system/deployments/kcm-controller-manager");
      assert.equal(deployment.status.availableReplicas, 1);
      assert.ok(deployment.spec.template.spec.containers[0].args.includes("--create-management=false"));
      await helm("uninstall", "kcm");
      await until("no definition", noDefinition);
    });
  }

  /**
   * A definition that is deleted seconds after it was made can stay for minutes: the API server's own status update collides with
   * the removal of the finalizer, and nothing makes it look again. An annotation does.
   */
  async function noDefinition(): Promise<boolean> {
    const names = await definitions();
    const annotations = { looked: new Date().toISOString() };
    for (const name of names) {
      await call((api) =>
        api.call("PATCH", `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=test`, {
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name, annotations },
        }),
      );
    }
    return names.length === 0;
  }

  async function definitions(): Promise<string[]> {
    const { items } = await get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
    const names: string[] = items.map((item: { metadata: { name: string } }) => item.metadata.name);
    return names.filter((name) => !name.endsWith(".kwok.x-k8s.io"));
  }

  it("begins anew where its creation was interrupted", async () => {
    const three = await create("three");
    const layout = layoutOf(three.directory);
    const record = readRecord(layout);
    assert.ok(record);
    await writeRecord(layout, { ...record, complete: false });
    const before = (await sandboxStatus(three.directory)).components.flatMap(({ pid }) => pid ?? []);
    assert.equal((await create("three")).created, true);
    for (const pid of before) assert.equal(await commandOf(pid), undefined);
    await deleteSandbox(three.directory);
  });

  it("refuses a name that is none", async () => {
    await assert.rejects(
      create("No Name"),
      /^SandboxError: sandbox: "No Name" is wrong because it is no name; use 1 to 40 of a-z/,
    );
  });

  it("does not remove a folder that is no sandbox's", async () => {
    const other = mkdtempSync(join(folder, "other-"));
    writeFileSync(join(other, "file"), "");
    await assert.rejects(deleteSandbox(other), {
      message: `sandbox: "${other}" is wrong because it holds no sandbox.json; name a sandbox's folder`,
    });
    assert.ok(existsSync(join(other, "file")));
  });

  it("leaves no process and no file when it is removed, and can be removed twice", async () => {
    const { components } = await sandboxStatus(sandbox.directory);
    await deleteSandbox(sandbox.directory);
    for (const { pid } of components) assert.equal(pid === undefined ? undefined : await commandOf(pid), undefined);
    assert.ok(!existsSync(sandbox.directory));
    assert.ok(!existsSync(`${sandbox.directory}.lock`));
    await deleteSandbox(sandbox.directory);
    assert.equal((await sandboxStatus(sandbox.directory)).state, "absent");
  });
});
