import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { CHARTS_FOLDER, chartRepository } from "../../../manifests/chart-archive.ts";
import { requireTools, skip } from "../../support/skip.ts";

const NOBODY = 65534;
const PACKED = ["cluster-api-provider-nutanix", "nutanix-k0s-hcp", "nutanix-k0s-standalone"];

/** Proves the server's configuration with an nginx of this machine; the image itself is not run here. */
describe("the server of the charts", function () {
  this.timeout(30_000);
  let folder: string;
  let url: string;
  let helm: string;
  let server: ChildProcess | undefined;

  before(async function () {
    ({ helm } = await requireTools(this, ["helm"]));
    const nginx = process.env["K0RDENT_NUTANIX_NGINX"] ?? "nginx";
    if ((await execa(nginx, ["-v"], { reject: false })).exitCode !== 0)
      skip(this, "no nginx on PATH or in K0RDENT_NUTANIX_NGINX");
    folder = mkdtempSync(join(tmpdir(), "charts-server-"));
    chmodSync(folder, 0o755);
    await pack();
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    server = start(nginx, port);
    for (let tries = 0; (await status("healthz").catch(() => 0)) !== 204; tries++) {
      if (tries > 50) throw new Error("nginx does not answer after 5 s");
      await sleep(100);
    }
  });

  after(() => {
    server?.kill();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** A folder as a mounted ConfigMap is one: links into a folder of the version. */
  const pack = async () => {
    const data = join(folder, "charts/..data");
    mkdirSync(data, { recursive: true });
    const repository = await chartRepository(PACKED);
    const files = Object.entries({ ...repository.data, ...repository.binaryData });
    for (const [file, text] of files) {
      writeFileSync(join(data, file), text, file in repository.binaryData ? "base64" : "utf8");
      chmodSync(join(data, file), 0o644);
      symlinkSync(join("..data", file), join(folder, "charts", file));
    }
  };

  /** The chart's own configuration, with the three places that a pod has for itself moved into the test's folder. */
  const start = (nginx: string, port: number) => {
    const tmp = join(folder, "tmp");
    mkdirSync(tmp, { mode: 0o777 });
    chmodSync(tmp, 0o777);
    const config = readFileSync(join(CHARTS_FOLDER, "nutanix-capx/files/nginx.conf"), "utf8")
      .replaceAll("/tmp/", `${tmp}/`)
      .replace("/srv/charts", join(folder, "charts"))
      .replace("listen 8080", `listen 127.0.0.1:${port}`);
    writeFileSync(join(folder, "nginx.conf"), config);
    const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const args = ["-p", tmp, "-c", join(folder, "nginx.conf"), "-g", "daemon off;"];
    return spawn(nginx, args, { stdio: "ignore", ...identity });
  };

  const status = async (path: string, method = "GET") => (await fetch(`${url}${path}`, { method })).status;

  it("answers its probes", async () => {
    assert.equal(await status("healthz"), 204);
    assert.equal(await status("index.yaml"), 200);
  });

  it("hands out index and charts, and nothing else", async () => {
    assert.equal(await status("nutanix-k0s-hcp-1.0.0.tgz"), 200);
    assert.equal(await status("nutanix-k0s-hcp-9.9.9.tgz"), 404);
    assert.equal(await status(""), 403);
    assert.equal(await status("..%2Fnginx.conf"), 400);
  });

  it("takes nothing in", async () => {
    for (const method of ["PUT", "POST", "DELETE"]) assert.equal(await status("index.yaml", method), 403);
  });

  for (const chart of PACKED) {
    it(`gives helm ${chart} as a repository does`, async () => {
      const args = ["show", "chart", chart, "--repo", url, "--version", "1.0.0"];
      const home = { HELM_CACHE_HOME: join(folder, "cache"), HELM_CONFIG_HOME: join(folder, "config") };
      const { stdout } = await execa(helm, args, { env: home });
      assert.match(stdout, new RegExp(`^name: ${chart}$`, "m"));
    });
  }
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (!address || typeof address === "string") throw new Error("no free port");
  return address.port;
}
