import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CLUSTER_API_TOOLS,
  ensureTools,
  SANDBOX_TOOLS,
  type TOOL_NAMES,
  type ToolError,
} from "../../../sandbox/ensure-tools.ts";
import { MANIFESTS } from "../../../sandbox/tools/build.ts";
import { cache, folder, GO, leftovers, path, program, useToolFolders } from "./tool-fixture.ts";

describe("building tools", () => {
  useToolFolders();

  /** A host that refuses at once. */
  const mirror = "http://127.0.0.1:9";
  const get = (names: readonly (typeof TOOL_NAMES)[number][], signal?: AbortSignal) =>
    ensureTools(names, { path: path(), cache, mirror, digests: {}, ...(signal ? { signal } : {}) });

  it("builds everything in one run, and the three parts of the control plane as one binary", async () => {
    program("go", GO);
    const paths = await get(SANDBOX_TOOLS);
    for (const file of Object.values(paths)) assert.equal(readFileSync(file, "utf8"), "built\n");
    assert.equal(readlinkSync(paths["kube-scheduler"]), "control-plane");
    assert.equal(readFileSync(join(folder, "calls"), "utf8").trim().split("\n").length, 1);
  });

  it("keeps the manifests of Cluster API's module beside its controller", async () => {
    mkdirSync(join(folder, "config", "crd", "bases"), { recursive: true });
    mkdirSync(join(folder, "config", "webhook"));
    writeFileSync(join(folder, "config", "crd", "bases", "one.yaml"), "---\nkind: CustomResourceDefinition\n");
    writeFileSync(join(folder, "config", "webhook", "manifests.yaml"), "kind: MutatingWebhookConfiguration\n");
    program("go", `[ "$1" = list ] && { echo "${folder}"; exit; }${GO}`);
    const [tool] = CLUSTER_API_TOOLS;
    const paths = await ensureTools([tool], { path: path(), cache, mirror, digests: {} });
    assert.equal(readlinkSync(paths[tool]), "cluster-api");
    assert.equal(
      readFileSync(join(paths[tool], "..", MANIFESTS), "utf8"),
      "---\nkind: CustomResourceDefinition\n---\nkind: MutatingWebhookConfiguration\n",
    );
  });

  it("passes the flags that make a small binary which knows its version", async () => {
    program("go", GO);
    await get(["pulumi"]);
    const call = readFileSync(join(folder, "calls"), "utf8");
    assert.match(
      call,
      /^build -trimpath -buildvcs=false -mod=readonly -ldflags -s -w -X .*version\.Version=v3\.\d+\.\d+ -o .* CGO_ENABLED=0$/m,
    );
  });

  it("names every tool that is not available, at once", async () => {
    await assert.rejects(get(["helm", "kwok", "kwokctl"]), (error: ToolError) => {
      assert.deepEqual(
        error.faults.map(({ tool }) => tool),
        ["kwok", "kwokctl", "helm"],
      );
      assert.equal(error.message.split("\n").length, 3);
      return true;
    });
  });

  for (const [what, output, expected] of [
    [
      "Go is too old",
      "go: go.mod requires go >= 1.26.0 (running go 1.22.2; GOTOOLCHAIN=local)",
      /and Go 1\.22\.2 is too old to build it; install Go 1\.26\.0 or newer, or put/,
    ],
    [
      "Go has no proxy",
      "go: helm.sh/helm/v3@v3.22.0: dial tcp: lookup proxy.invalid: no such host",
      /and Go could not fetch its modules; connect to the internet, or set GOPROXY/,
    ],
    [
      "the disk is full",
      "write /tmp/x: no space left on device",
      /^ToolError: tools: helm is missing because the disk of .*cache is full; free about 3 GiB there, or set K0RDENT_NUTANIX_CACHE/,
    ],
    [
      "something else is wrong",
      "# example\nmain.go:1: syntax error",
      /and go build failed: main\.go:1: syntax error; run `go build` in sandbox\/tools to see why/,
    ],
  ] as const) {
    it(`says so when ${what}`, async () => {
      program("go", `[ "$1" = version ] || { printf '%s\\n' '${output}' >&2; exit 1; }`);
      await assert.rejects(get(["helm"]), expected);
      assert.deepEqual(leftovers(), []);
    });
  }

  it("says so when the cache cannot be written", async () => {
    writeFileSync(cache, "a file");
    await assert.rejects(
      get(["helm"]),
      /^ToolError: tools: helm is missing because .*cache cannot be written \(E\w+\); make it writable, or set K0RDENT_NUTANIX_CACHE to a folder that is$/,
    );
  });

  it("leaves nothing half when it is interrupted, and works the next time", async () => {
    program("go", `[ "$1" = version ] && exit; ${GO}\nexec sleep 30`);
    const controller = new AbortController();
    const getting = get(["helm"], controller.signal);
    for (let tries = 0; tries < 200 && !existsSync(join(folder, "calls")); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    controller.abort(new Error("stop"));
    await assert.rejects(getting, /stop/);
    assert.deepEqual(leftovers(), []);
    program("go", GO);
    assert.equal(readFileSync((await get(["helm"])).helm, "utf8"), "built\n");
  });

  it("builds once when two ask at the same time", async () => {
    program("go", `${GO}\nsleep 0.3`);
    await Promise.all([get(["helm"]), get(["helm"])]);
    assert.equal(readFileSync(join(folder, "calls"), "utf8").trim().split("\n").length, 1);
  });
});
