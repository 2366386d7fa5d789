import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { LINES } from "../../../sandbox/crds/crd-kinds.ts";
import { cachedCrds, downloadCrds } from "../../../sandbox/crds/released-crds.ts";
import { crdFolder, filesOf } from "../../../sandbox/crds.ts";
import { skip } from "../../support/skip.ts";

describe("released definitions", () => {
  const cache = mkdtempSync(join(tmpdir(), "released-crds-"));
  /** Text of a path; undefined: 404. */
  let answer: (path: string) => string | undefined;
  const requests: string[] = [];
  let server: Server;
  let mirror: string;

  before(async () => {
    server = createServer(({ url = "" }, response) => {
      requests.push(url);
      const text = answer(url);
      response.writeHead(text === undefined ? 404 : 200).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(cache, { recursive: true, force: true });
  });
  beforeEach(() => requests.splice(0));

  for (const line of LINES) {
    it(`of kcm ${line} are downloaded at their tags, verified and kept`, async function () {
      const released = crdFolder(line) ?? skip(this, `no released CRDs of kcm ${line}`);
      const files = new Map(filesOf(released).map((file) => [basename(file), file]));
      answer = (path) => readFileSync(files.get(basename(path)) ?? "", "utf8");
      const folder = await downloadCrds(line, { cache, mirror });
      assert.deepEqual(readdirSync(folder).sort(), [...files.keys()].sort());
      for (const [name, file] of files)
        assert.equal(readFileSync(join(folder, name), "utf8"), readFileSync(file, "utf8"));
      assert.equal(cachedCrds(line, cache), folder);
      assert.equal(requests.length, files.size);
      assert.match(
        requests[0] ?? "",
        /^\/raw\.githubusercontent\.com\/k0rdent\/kcm\/v1\.\d+\.\d+\/templates\/provider\//,
      );
      await downloadCrds(line, { cache, mirror });
      assert.equal(requests.length, files.size);
    });
  }

  it("are rejected with another digest, and nothing of them stays", async () => {
    answer = () => "another text";
    const other = join(cache, "other");
    await assert.rejects(
      downloadCrds("1.2", { cache: other, mirror }),
      /^Error: the definitions of k0rdent\/kcm v1\.2\.0 have the sha256 [0-9a-f]{64}, but [0-9a-f]{64} is expected$/,
    );
    assert.equal(cachedCrds("1.2", other), undefined);
    assert.deepEqual(readdirSync(join(other, "crds")), []);
  });

  it("are not there when a file is not", async () => {
    answer = () => undefined;
    const other = join(cache, "missing");
    await assert.rejects(downloadCrds("1.11", { cache: other, mirror }), /\.yaml answered 404$/);
    assert.deepEqual(readdirSync(join(other, "crds")), []);
  });
});
