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
import { execa } from "execa";
import { parse } from "yaml";
import { conditionOf } from "../../../kubernetes/conditions.ts";
import { KINDS } from "../../../kubernetes/kinds.ts";
import { layoutOf, readRecord, writeRecord } from "../../../sandbox/cluster/layout.ts";
import { connectSandbox } from "../../../sandbox/cluster/settle.ts";
import { crdFolder, STAND_IN } from "../../../sandbox/crds.ts";
import { SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { writeKcmChart } from "../../../sandbox/kcm-chart.ts";
import {
  createSandbox,
  deleteSandbox,
  type Sandbox,
  sandboxStatus,
  startApiServer,
  stopApiServer,
  stopSandbox,
} from "../../../sandbox/sandbox-cluster.ts";
import { commandOf } from "../../../sandbox/tools/process.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools, skip } from "../../support/skip.ts";

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

  const connect = (kubeconfig = sandbox.kubeconfig) => connectSandbox(kubeconfig);
  const get = async (path: string) => (await connect()).get<any>(path);
  const until = (what: string, check: () => Promise<boolean>) => eventually(what, check, { limit: 90_000 });

  it("is a control plane of five processes", async () => {
    assert.equal(sandbox.created, true);
    const { state, components } = await sandboxStatus(sandbox.directory);
    assert.equal(state, "running");
    assert.deepEqual(
      components.filter(({ running }) => running).map(({ name }) => name),
      ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"],
    );
  });

  it("has one node, which takes pods at once", async () => {
    const [node, ...others] = await (await connect()).list(KINDS.Node);
    assert.deepEqual(others, []);
    assert.deepEqual(node?.spec?.["taints"] ?? [], []);
    assert.equal(node && conditionOf(node, "Ready")?.status, "True");
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

  it("is not changed by a second creation", async () => {
    const before = await sandboxStatus(sandbox.directory);
    const again = await create("one");
    assert.deepEqual(again, { ...sandbox, created: false });
    assert.deepEqual(await sandboxStatus(sandbox.directory), before);
  });

  it("is created once by two calls at the same time, and runs beside another", async () => {
    const [two, same] = await Promise.all([create("two"), create("two")]);
    assert.deepEqual([two.created, same.created].sort(), [false, true]);
    assert.notEqual(two.server, sandbox.server);
    const [first, second] = await Promise.all(
      [sandbox, two].map(async ({ kubeconfig }) => (await connect(kubeconfig)).get("/api/v1/namespaces/kube-system")),
    );
    assert.notEqual(first?.metadata.uid, second?.metadata.uid);
    await deleteSandbox(two.directory);
  });

  it("keeps its objects when the API server is killed and started again", async () => {
    await (await connect()).apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kept" } });
    await stopApiServer(sandbox.directory);
    assert.equal((await sandboxStatus(sandbox.directory)).state, "degraded");
    await assert.rejects(get("/api/v1/namespaces/kept"), /does not answer/);
    await startApiServer(sandbox.directory);
    assert.equal((await get("/api/v1/namespaces/kept")).metadata.name, "kept");
  });

  it("ignores other processes with its recorded ids, as after a reboot", async () => {
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

  it("names a port that another process uses", async () => {
    await stopSandbox(sandbox.directory);
    const port = Number(new URL(sandbox.server).port);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    try {
      await assert.rejects(create("one"), {
        name: "SandboxError",
        message: `sandbox: "one" does not start because another process listens on its port ${port}; stop that process, or delete ${sandbox.directory} and start the sandbox again`,
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
    const spec = { replicas: 2, selector: { matchLabels: labels }, template };
    const client = await connect();
    const metadata = { name: "gone", namespace: "kept" };
    await client.apply(Object.assign({ apiVersion: "apps/v1", kind: "Deployment", metadata }, { spec }));
    await until("an available Deployment", async () => (await get(path))?.status?.availableReplicas === 2);
    await client.request({ method: "DELETE", path: `${path}?propagationPolicy=Foreground` });
    await until("no Deployment", async () => (await get(path)) === undefined);
    assert.deepEqual((await get("/api/v1/namespaces/kept/pods")).items, []);
  });

  for (const [version, crds] of [
    ["1.2.0", STAND_IN],
    ["1.11.4", STAND_IN],
    ["1.2.0", undefined],
    ["1.11.4", undefined],
  ] as const) {
    const what = crds ?? "released definitions";
    it(`installs and uninstalls the kcm chart ${version} with ${what}, and no definition is left`, async function () {
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
   * A definition that is deleted seconds after its creation can remain for minutes: the API server's own status update conflicts with
   * the removal of the finalizer, and nothing triggers another attempt. An annotation does.
   */
  async function noDefinition(): Promise<boolean> {
    const names = await definitions();
    const annotations = { checked: new Date().toISOString() };
    const client = await connect();
    for (const name of names)
      await client
        .merge({ ...KINDS.CustomResourceDefinition, metadata: { name } }, { metadata: { annotations } })
        .catch(() => undefined);
    return names.length === 0;
  }

  async function definitions(): Promise<string[]> {
    const items = await (await connect()).list(KINDS.CustomResourceDefinition);
    return items.map(({ metadata }) => metadata.name).filter((name) => !name.endsWith(".kwok.x-k8s.io"));
  }

  it("starts over where its creation was interrupted", async () => {
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

  it("rejects an invalid name", async () => {
    await assert.rejects(
      create("No Name"),
      /^SandboxError: sandbox: "No Name" is not a valid name; use 1 to 40 of a-z/,
    );
  });

  it("does not delete a folder that is not a sandbox", async () => {
    const other = mkdtempSync(join(folder, "other-"));
    writeFileSync(join(other, "file"), "");
    await assert.rejects(deleteSandbox(other), {
      message: `sandbox: "${other}" contains no sandbox.json; set the folder of a sandbox`,
    });
    assert.ok(existsSync(join(other, "file")));
  });

  it("leaves no process and no file after its deletion, and can be deleted twice", async () => {
    const { components } = await sandboxStatus(sandbox.directory);
    await deleteSandbox(sandbox.directory);
    for (const { pid } of components) assert.equal(pid === undefined ? undefined : await commandOf(pid), undefined);
    assert.ok(![sandbox.directory, `${sandbox.directory}.lock`].some((path) => existsSync(path)));
    await deleteSandbox(sandbox.directory);
    assert.equal((await sandboxStatus(sandbox.directory)).state, "absent");
  });
});
