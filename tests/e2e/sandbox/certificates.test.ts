import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPrismTransport } from "../../../prism-central/prism-transport.ts";
import { type Certificates, serverCertificates } from "../../../sandbox/controllers/webhook-certificates.ts";
import { requireTools } from "../../support/skip.ts";

/** What is said of a certificate that is for somebody else. */
const FOREIGN = /the certificate of .* is for localhost, pc\.example\.com, 127\.0\.0\.1, 10\.1\.1\.100/;

describe("certificates of the Prism Central that is played", () => {
  const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-certificates-"));
  let helm: string;
  let made: Certificates;
  let server: Server;

  before(async function () {
    ({ helm } = await requireTools(this, ["helm"]));
    made = await certificates("10.1.1.100", "pc.example.com");
    server = createServer(made, (_, response) => response.end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const certificates = (...hosts: string[]) => serverCertificates({ helm, directory, hosts });
  const ask = async (address: string) => {
    const standInPort = (server.address() as AddressInfo).port;
    const transport = await openPrismTransport({
      ...{ address, port: 9440, insecure: false, bundle: made.ca, login: undefined, standInPort },
    });
    try {
      return (await transport.send({ method: "GET", path: "/" })).status;
    } finally {
      await transport.close();
    }
  };

  it("are for IP addresses as for names, and for no others", async () => {
    const warnings: string[] = [];
    const listen = ({ name }: Error) => warnings.push(name);
    process.on("warning", listen);
    assert.equal(await ask("10.1.1.100"), 200);
    assert.equal(await ask("pc.example.com"), 200);
    await assert.rejects(ask("10.1.1.101"), FOREIGN);
    await assert.rejects(ask("other.example.com"), FOREIGN);
    process.off("warning", listen);
    assert.deepEqual(warnings, []);
  });

  it("are kept, and recreated when the stack names another Prism Central", async () => {
    assert.equal((await certificates("10.1.1.100", "pc.example.com")).cert, made.cert);
    const other = await certificates("10.1.1.102");
    assert.notEqual(other.cert, made.cert);
    assert.equal((await certificates("10.1.1.102")).cert, other.cert);
  });
});
