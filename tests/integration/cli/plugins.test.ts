import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { downloadPlugins, installPlugins } from "../../../cli/engine/plugins.ts";
import { requireTools } from "../../support/skip.ts";

const SCRIPT = "#!/bin/sh\necho a plugin\n";

/** A download site that has the random plugin and nothing else. */
async function site(asked: string[]): Promise<Server> {
  const tar = pack();
  tar.entry({ name: "pulumi-resource-random", mode: 0o755 }, SCRIPT);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const archive = gzipSync(Buffer.concat(chunks));
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const isThere = request.url?.startsWith("/pulumi-resource-random-v4.21.1-");
    if (isThere) response.writeHead(200, { "content-length": archive.length }).end(archive);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe("Pulumi's plugins", () => {
  let folder: string;
  let server: Server;
  const asked: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-plugins-"));
    server = await site(asked);
  });
  after(() => {
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const nowhere = () => ({ PULUMI_HOME: join(folder, "user"), PATH: "" });

  it("are downloaded once where they can be had, kept in the cache, and replaced by stand-ins where not", async function () {
    this.timeout(60_000);
    const { pulumi } = await requireTools(this, ["pulumi"]);
    const lines: string[] = [];
    const options = {
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      cache: folder,
      environment: nowhere(),
      report: (line: string) => void lines.push(line),
    };
    await downloadPlugins(pulumi, options);
    assert.ok(lines.includes("plugin random 4.21.1: is ready"), lines.join("\n"));
    assert.ok(lines.includes("plugin kubernetes 4.32.0: could not be downloaded"));
    const home = join(folder, "home");
    assert.match(installPlugins(home, options) ?? "", /kubernetes 4\.32\.0 are not here: stand-ins/);
    const program = join(home, "plugins", "resource-random-v4.21.1", "pulumi-resource-random");
    assert.equal(readFileSync(program, "utf8"), SCRIPT);
    const before = asked.length;
    await downloadPlugins(pulumi, options);
    assert.deepEqual(
      asked.slice(before).filter((one) => one.includes("random")),
      [],
    );
  });

  it("are not asked for where nothing answers", async () => {
    const lines: string[] = [];
    await downloadPlugins("/no/such/pulumi", {
      server: "http://127.0.0.1:1",
      cache: join(folder, "empty"),
      environment: nowhere(),
      report: (line) => void lines.push(line),
    });
    assert.deepEqual(lines, []);
    assert.equal(existsSync(join(folder, "empty")), false);
  });
});
