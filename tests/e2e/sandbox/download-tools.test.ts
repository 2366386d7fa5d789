import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { ensureTools, ToolError } from "../../../sandbox/ensure-tools.ts";
import { cache, DIGEST, folder, GO, HELM, leftovers, path, program, useToolFolders } from "./tool-fixture.ts";

describe("downloading tools", () => {
  useToolFolders();

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

  it("rejects a file with another digest, and leaves nothing of it", async () => {
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

  it("rejects a file whose digest is published beside it and is not the recorded one", async () => {
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

  it("builds within seconds when the host does not answer, and connects to it once", async function () {
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
