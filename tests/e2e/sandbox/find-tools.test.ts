import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CLUSTER_API_TOOLS,
  cacheDirectory,
  findTools,
  SANDBOX_TOOLS,
  TOOL_NAMES,
} from "../../../sandbox/ensure-tools.ts";
import { SOURCES } from "../../../sandbox/tools/catalog.ts";
import { digestOf } from "../../../sandbox/tools/download.ts";
import { withLock } from "../../../sandbox/tools/lock.ts";
import { bin, cache, DIGEST, folder, HELM, program, useToolFolders } from "./tool-fixture.ts";

describe("finding tools", () => {
  useToolFolders();

  it("takes a tool from PATH whose version is accepted", async () => {
    program("helm", "echo v4.1.2+g123");
    assert.deepEqual(await findTools(["helm"], { path: bin, cache }), {
      paths: { helm: join(bin, "helm") },
      missing: [],
    });
  });

  for (const [tool, output] of [
    ["pulumi", "v3.249.9"],
    ["pulumi", "v4.0.0"],
    ["helm", "v2.17.0"],
    ["etcd", "etcd Version: 3.4.30"],
    ["helm", "no version at all"],
  ] as const) {
    it(`leaves ${tool} alone when it says ${output}`, async () => {
      program(tool, `echo "${output}"`);
      assert.deepEqual(await findTools([tool], { path: bin, cache }), { paths: {}, missing: [tool] });
    });
  }

  it("leaves a control plane of two minor versions alone", async () => {
    for (const name of ["kube-apiserver", "kube-scheduler"]) program(name, "echo Kubernetes v1.36.1");
    program("kube-controller-manager", "echo Kubernetes v1.35.0");
    const { missing } = await findTools(["kube-apiserver"], { path: bin, cache });
    assert.deepEqual(missing, ["kube-apiserver"]);
  });

  it("finds in the cache what is not on PATH", async () => {
    const tools = join(cache, "tools", `helm-${HELM}`);
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, "helm"), "", { mode: 0o755 });
    assert.deepEqual(await findTools(["helm", "etcd"], { path: bin, cache }), {
      paths: { helm: join(tools, "helm") },
      missing: ["etcd"],
    });
  });

  it("lets K0RDENT_NUTANIX_CACHE name the cache", () => {
    const before = process.env.K0RDENT_NUTANIX_CACHE;
    process.env.K0RDENT_NUTANIX_CACHE = folder;
    try {
      assert.equal(cacheDirectory(), folder);
    } finally {
      if (before === undefined) delete process.env.K0RDENT_NUTANIX_CACHE;
      else process.env.K0RDENT_NUTANIX_CACHE = before;
    }
  });
});

describe("the versions of tools", () => {
  it("pins the version of each Go module that it builds", () => {
    const lines = ["kubernetes", "pulumi", "pulumi-kubernetes", ...CLUSTER_API_TOOLS].flatMap((module) =>
      readFileSync(join("sandbox", "tools", module, "go.mod"), "utf8").split("\n"),
    );
    const modules = {
      pulumi: "pulumi/pkg/v3",
      etcd: "etcd/server/v3",
      kubernetes: "k8s.io/kubernetes",
      kwok: "/kwok",
      helm: "helm/v3",
      "cluster-api-1.10": "sigs.k8s.io/cluster-api",
      "cluster-api-1.13": "sigs.k8s.io/cluster-api",
    };
    for (const [name, module] of Object.entries(modules)) {
      const pinned = `${module} v${SOURCES.find((source) => source.name === name)?.version}`;
      assert.ok(
        lines.some((line) => line.split("//")[0]?.trim().endsWith(pinned)),
        `a go.mod has ${pinned}`,
      );
    }
    const date = SOURCES.find(({ name }) => name === "pulumi-kubernetes")?.build?.date?.replaceAll("-", "");
    assert.ok(lines.some((line) => line.includes(`pulumi-kubernetes/provider/v4 v4.0.0-${date}`)));
    assert.deepEqual(
      SOURCES.flatMap(({ tools }) => tools).toSorted(),
      [...TOOL_NAMES, ...CLUSTER_API_TOOLS, "pulumi-resource-random"].toSorted(),
    );
    assert.deepEqual(
      SANDBOX_TOOLS,
      TOOL_NAMES.filter((name) => !name.startsWith("pulumi")),
    );
  });
});

describe("published digests", () => {
  it("reads every form that is published", () => {
    assert.equal(digestOf("a.tgz", `${"b".repeat(64)}  b.tgz\n${DIGEST}  a.tgz\n`), DIGEST);
    assert.equal(digestOf("a.tgz", `${DIGEST} *a.tgz\n`), DIGEST);
    assert.equal(digestOf("kube-apiserver", `${DIGEST}\n`), DIGEST);
    assert.equal(digestOf("kwok", JSON.stringify({ assets: [{ name: "kwok", digest: `sha256:${DIGEST}` }] })), DIGEST);
  });

  it("takes no other file's digest, and nothing that is none", () => {
    assert.equal(digestOf("a.tgz", `${DIGEST}  b.tgz\n`), undefined);
    assert.equal(digestOf("a.tgz", "not found\n"), undefined);
    assert.equal(digestOf("kwok", JSON.stringify({ assets: [{ name: "kwok", digest: null }] })), undefined);
  });
});

describe("the lock of the cache", () => {
  useToolFolders();

  for (const content of ["999999999\nnode gone\n", "999999999", "", "null\n"])
    it(`takes over what a dead process holds, or no process: ${JSON.stringify(content)}`, async () => {
      const lock = join(folder, "lock");
      writeFileSync(lock, content);
      const signal = AbortSignal.timeout(10_000);
      assert.equal(await withLock(lock, async () => "done", { signal }), "done");
      assert.deepEqual(readdirSync(folder), ["bin"]);
    });

  it("does not wait for what is no file", async () => {
    const lock = join(folder, "lock");
    mkdirSync(lock);
    const signal = AbortSignal.timeout(10_000);
    await assert.rejects(
      withLock(lock, async () => "done", { signal }),
      { code: "EISDIR", path: lock },
    );
    rmSync(lock, { recursive: true });
    symlinkSync(join(folder, "nowhere"), lock);
    await assert.rejects(
      withLock(lock, async () => "done", { signal }),
      { code: "EEXIST", path: lock },
    );
    assert.deepEqual(readdirSync(folder).sort(), ["bin", "lock"]);
  });

  it("takes over what a dead process of the same id and command had, and removes its drafts", async () => {
    const lock = join(folder, "lock");
    const command = readFileSync("/proc/self/cmdline", "utf8").replaceAll("\0", " ").trim();
    for (const content of [`${process.pid}\n${command}\n`, `${process.pid}\nother-boot 1\n`]) {
      writeFileSync(lock, content);
      for (const draft of ["999999999.abc", "stale.999999999"]) writeFileSync(`${lock}.${draft}`, content);
      assert.equal(await withLock(lock, async () => "done"), "done");
      assert.deepEqual(readdirSync(folder), ["bin"]);
    }
  });

  it("lets one in at a time, among many that meet a dead one", async () => {
    const lock = join(folder, "lock");
    writeFileSync(lock, "999999999\nnode gone\n");
    let inside = 0;
    const work = async () => {
      inside += 1;
      assert.equal(inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(lock, work)));
  });
});
