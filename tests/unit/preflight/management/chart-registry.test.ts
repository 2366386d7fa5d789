import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { devStack, runManagementChecks } from "./management-scenario.ts";

const certificate = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../..", "certificates", "registry", `${name}.pem`), "utf8");

describe("kcm-chart-exists on a registry", () => {
  const trusted = getCACertificates("default");
  const requests: string[] = [];
  let registry: Server;
  let host: string;

  before(async () => {
    const pem = certificate("server");
    registry = createServer({ cert: pem, key: pem }, (request, response) => {
      const { pathname, search } = new URL(request.url ?? "", "https://registry");
      requests.push(`${request.method} ${pathname}${search}`);
      if (pathname === "/token") return void response.end(JSON.stringify({ token: "anonymous" }));
      if (pathname.includes("/private/")) return void response.writeHead(403).end();
      if (request.headers.authorization !== "Bearer anonymous") {
        const challenge = `Bearer realm="https://${request.headers.host}/token",service="registry",scope="pull"`;
        return void response.writeHead(401, { "www-authenticate": challenge }).end();
      }
      response.writeHead(pathname.endsWith("/charts/kcm/manifests/1.2.0") ? 200 : 404).end();
    });
    await once(registry.listen(0, "127.0.0.1"), "listening");
    host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
  });

  after(() => {
    setDefaultCACertificates(trusted);
    registry.close();
    registry.closeAllConnections();
  });

  async function lineFor(address: string): Promise<string | undefined> {
    const stack = devStack((settings) => {
      settings["management"].kcm.chart = `oci://${address.replace("registry", host)}`;
    });
    const [line] = await runManagementChecks(["kcm-chart-exists"], { kubeconfig: "", stack });
    return line?.replaceAll(host, "registry").replace("kcm-chart-exists: ", "");
  }

  it("fails where the registry is not reachable, or its certificate not trusted", async () => {
    assert.equal(
      await lineFor("127.0.0.1:9/charts/kcm"),
      "fail: the connection to 127.0.0.1:9 is refused (ECONNREFUSED); start the server, correct address and port, or open the firewall, VPN or proxy; or set another chart source",
    );
    assert.equal(
      await lineFor("registry/charts/kcm"),
      "fail: the certificate of registry is signed by a CA that is neither in its chain nor in what this machine trusts (UNABLE_TO_VERIFY_LEAF_SIGNATURE); add the CA to this machine's: NODE_EXTRA_CA_CERTS for this program, SSL_CERT_FILE for Helm; or set another chart source",
    );
  });

  it("requests the manifest with an anonymous token, as Helm does", async () => {
    setDefaultCACertificates([...trusted, certificate("authority")]);
    assert.equal(await lineFor("registry/charts/kcm"), "pass: registry has oci://registry/charts/kcm 1.2.0");
    assert.deepEqual(requests, [
      "HEAD /v2/charts/kcm/manifests/1.2.0",
      "GET /token?service=registry&scope=pull",
      "HEAD /v2/charts/kcm/manifests/1.2.0",
    ]);
    assert.equal(
      await lineFor("registry/charts/other"),
      "fail: registry has no oci://registry/charts/other 1.2.0; correct the address or the version",
    );
    assert.equal(
      await lineFor("registry/private/kcm"),
      "inconclusive: registry requires a login for oci://registry/private/kcm, which the stack file cannot hold; run helm registry login registry, and check it: helm show chart oci://registry/private/kcm --version 1.2.0",
    );
  });
});
