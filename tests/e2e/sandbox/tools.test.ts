import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import {
  CLUSTER_API_TOOLS,
  cacheDirectory,
  ensureTools,
  findTools,
  SANDBOX_TOOLS,
  TOOL_NAMES,
  ToolError,
} from "../../../sandbox/ensure-tools.ts";
import { MANIFESTS } from "../../../sandbox/tools/build.ts";
import { SOURCES } from "../../../sandbox/tools/catalog.ts";
import { digestOf } from "../../../sandbox/tools/download.ts";
import { withLock } from "../../../sandbox/tools/lock.ts";

const HELM = SOURCES.find(({ name }) => name === "helm")?.version ?? "";
const DIGEST = "a".repeat(64);

describe("tools", () => {
  let folder: string;
  let bin: string;
  let cache: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tools-"));
    bin = join(folder, "bin");
    cache = join(folder, "cache");
    mkdirSync(bin);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program of this name on the test's PATH. */
  function program(name: string, script: string): void {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }

  /** What a failure leaves in the cache: no draft, no lock, no tool. */
  const leftovers = () => readdirSync(cache).filter((name) => name !== "downloads");

  /** The tests' PATH: our programs, and the shell's own tools but no Go. */
  const path = () => `${bin}:/usr/bin:/bin`;

  describe("looking", () => {
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

  describe("published digests", () => {
    it("reads every form that is published", () => {
      assert.equal(digestOf("a.tgz", `${"b".repeat(64)}  b.tgz\n${DIGEST}  a.tgz\n`), DIGEST);
      assert.equal(digestOf("a.tgz", `${DIGEST} *a.tgz\n`), DIGEST);
      assert.equal(digestOf("kube-apiserver", `${DIGEST}\n`), DIGEST);
      assert.equal(
        digestOf("kwok", JSON.stringify({ assets: [{ name: "kwok", digest: `sha256:${DIGEST}` }] })),
        DIGEST,
      );
    });

    it("takes no other file's digest, and nothing that is none", () => {
      assert.equal(digestOf("a.tgz", `${DIGEST}  b.tgz\n`), undefined);
      assert.equal(digestOf("a.tgz", "not found\n"), undefined);
      assert.equal(digestOf("kwok", JSON.stringify({ assets: [{ name: "kwok", digest: null }] })), undefined);
    });
  });

  describe("download", () => {
    let server: Server;
    let mirror: string;
    let archive: Buffer;
    let answer: (request: IncomingMessage, response: ServerResponse) => void;
    const requests: string[] = [];

    beforeEach(async () => {
      mkdirSync(join(folder, "linux-amd64"));
      writeFileSync(join(folder, "linux-amd64", "helm"), `#!/bin/sh\necho v${HELM}\n${"#".repeat(200_000)}`, {
        mode: 0o755,
      });
      await execa("tar", ["-czf", "helm.tar.gz", "linux-amd64"], { cwd: folder });
      archive = readFileSync(join(folder, "helm.tar.gz"));
      requests.length = 0;
      answer = (request, response) => {
        const sum = createHash("sha256").update(archive).digest("hex");
        const name = request.url?.split("/").at(-1)?.replace(".sha256sum", "");
        response.end(request.url?.endsWith(".sha256sum") ? `${sum}  ${name}\n` : archive);
      };
      server = createServer((request, response) => {
        requests.push(request.url ?? "");
        answer(request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => server.close());

    it("fetches, checks, unpacks and keeps a tool", async () => {
      const { helm } = await ensureTools(["helm"], { path: path(), cache, mirror, digests: {} });
      assert.equal(helm, join(cache, "tools", `helm-${HELM}`, "helm"));
      assert.equal((await execa(helm)).stdout, `v${HELM}`);
      assert.equal(requests.length, 2);
      assert.match(requests[0] ?? "", /^\/get\.helm\.sh\/helm-v/);
      await ensureTools(["helm"], { path: path(), cache, mirror, digests: {} });
      assert.equal(requests.length, 2);
      assert.deepEqual(readdirSync(join(cache, "downloads")), []);
    });

    it("unpacks a plugin's archive, which has no folder, and finds it under the user's PULUMI_HOME too", async () => {
      await execa(
        "tar",
        ["-czf", "plugin.tar.gz", "-C", "linux-amd64", "--transform=s/helm/pulumi-resource-random/", "helm"],
        { cwd: folder },
      );
      archive = readFileSync(join(folder, "plugin.tar.gz"));
      const digest = `sha256:${createHash("sha256").update(archive).digest("hex")}`;
      const name = (url = "") => url.split("/").at(-1) ?? "";
      answer = ({ url }, response) =>
        name(url).startsWith("pulumi-resource-random-v")
          ? response.end(archive)
          : response.end(
              JSON.stringify({
                assets: ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"].map((platform) => ({
                  name: `pulumi-resource-random-${name(url)}-${platform}.tar.gz`,
                  digest,
                })),
              }),
            );
      const paths = await ensureTools(["pulumi-resource-random"], { path: path(), cache, mirror, digests: {} });
      assert.equal((await execa(paths["pulumi-resource-random"])).stdout, `v${HELM}`);
    });

    it("refuses a file with another digest, and leaves nothing of it", async () => {
      const good = answer;
      answer = (request, response) =>
        request.url?.endsWith(".sha256sum")
          ? response.end(`${DIGEST}  ${request.url.split("/").at(-1)?.slice(0, -10)}\n`)
          : good(request, response);
      await assert.rejects(ensureTools(["helm"], { path: path(), cache, mirror, digests: {} }), (error: ToolError) => {
        assert.match(
          error.message,
          /^tools: helm is missing because its download failed \(helm-v.* has the sha256 .*, but a+ is published\) and Go is not on PATH; install Go 1\.26 or newer, or put helm 3\.0\.0 or newer \(below 5\.0\.0\) on PATH$/,
        );
        return error instanceof ToolError;
      });
      assert.deepEqual(leftovers(), []);
      assert.deepEqual(readdirSync(join(cache, "downloads")), []);
    });

    it("refuses a file whose digest is published beside it and is not the recorded one", async () => {
      const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : "arm64"}`;
      const digests = { [`https://get.helm.sh/helm-v${HELM}-${platform}.tar.gz`]: DIGEST };
      await assert.rejects(
        ensureTools(["helm"], { path: path(), cache, mirror, digests }),
        /has the sha256 [0-9a-f]{64}, but a+ is recorded here\)/,
      );
      assert.deepEqual(leftovers(), []);
    });

    it("goes on where a transfer broke", async () => {
      const good = answer;
      const half = Math.floor(archive.length / 2);
      answer = (request, response) => {
        if (request.url?.endsWith(".sha256sum")) return good(request, response);
        response.writeHead(200, { "content-length": archive.length });
        response.write(archive.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
      };
      await assert.rejects(ensureTools(["helm"], { path: path(), cache, mirror, digests: {} }), /its download failed/);
      const [part = ""] = readdirSync(join(cache, "downloads"));
      assert.equal(readFileSync(join(cache, "downloads", part)).length, half);
      let range = "";
      answer = (request, response) => {
        if (request.url?.endsWith(".sha256sum")) return good(request, response);
        range = request.headers.range ?? "";
        response.writeHead(206, { "content-length": archive.length - half });
        response.end(archive.subarray(half));
      };
      const { helm } = await ensureTools(["helm"], { path: path(), cache, mirror, digests: {} });
      assert.equal(range, `bytes=${half}-`);
      assert.equal((await execa(helm)).stdout, `v${HELM}`);
    });

    it("builds when the file is not there", async () => {
      answer = (_, response) => response.writeHead(404).end();
      program("go", GO);
      const lines: string[] = [];
      const { helm } = await ensureTools(["helm"], {
        path: path(),
        cache,
        mirror,
        digests: {},
        report: (line) => lines.push(line),
      });
      assert.equal(readFileSync(helm, "utf8"), "built\n");
      assert.match(lines[0] ?? "", /^helm: its download failed \(.* answered 404\)$/);
      assert.match(lines[1] ?? "", /^building helm [\d.]+ from their Go modules, once: about /);
      assert.match(lines[2] ?? "", /is ready$/);
    });

    it("builds within seconds when nobody answers, and asks that host once", async function () {
      this.timeout(15_000);
      answer = () => undefined;
      program("go", GO);
      const start = Date.now();
      await ensureTools(["helm"], { path: path(), cache, mirror, digests: {} });
      assert.ok(Date.now() - start < 8_000);
      const again = Date.now();
      await ensureTools(["helm"], { path: path(), cache: join(folder, "other"), mirror, digests: {} });
      assert.ok(Date.now() - again < 2_000);
      assert.equal(requests.length, 1);
      server.closeAllConnections();
    });
  });

  describe("build", () => {
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

  describe("lock", () => {
    it("takes over what a dead process holds", async () => {
      const lock = join(folder, "lock");
      writeFileSync(lock, "999999999\nnode gone\n");
      assert.equal(await withLock(lock, async () => "done"), "done");
      assert.deepEqual(readdirSync(folder), ["bin"]);
    });

    it("takes over what a dead process of the same id and command held, and removes its drafts", async () => {
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
});

/** Stands for Go: notes each build beside the PATH folder, and writes a binary for each package. */
const GO = `
[ "$1" = version ] && { echo go version go1.26.0; exit; }
echo "$@ CGO_ENABLED=$CGO_ENABLED" >> "$(dirname "$0")/../calls"
while [ "$1" != -o ]; do shift; done
folder="$2"
shift 2
mkdir -p "$folder"
for package in "$@"; do
  file="$folder/$(basename "\${package%/v3}")"
  echo built > "$file"
  chmod +x "$file"
done`;
