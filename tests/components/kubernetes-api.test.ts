import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "../../components/internal/kubernetes-api.ts";
import { kubeconfigTo } from "../cli/stand-in-api.ts";

const SECRET = { apiVersion: "v1", kind: "Secret", metadata: { name: "one", namespace: "kcm-system" } };
const PATH = "/api/v1/namespaces/kcm-system/secrets/one";

describe("the Kubernetes client", () => {
  let server: Server;
  /** Codes that the next questions for the Secret are answered with; then it is there. */
  let refusals: number[];
  let asked: number;

  before(async () => {
    server = createServer((request, response) => {
      const answer = (code: number, body: object) =>
        response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
      if (request.url !== PATH)
        return answer(200, { resources: [{ name: "secrets", kind: "Secret", namespaced: true, verbs: ["get"] }] });
      asked += 1;
      const code = refusals.shift();
      return code === undefined ? answer(200, SECRET) : answer(code, { message: "storage is (re)initializing" });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());

  const read = async (...codes: number[]) => {
    refusals = codes;
    asked = 0;
    const { port } = server.address() as AddressInfo;
    const api = await connect({ kubeconfig: kubeconfigTo(`http://127.0.0.1:${port}`), context: undefined });
    return api.read(SECRET);
  };

  it("asks a busy server again, as one is whose definitions have just changed", async () => {
    assert.equal((await read(429, 503))?.metadata.name, "one");
    assert.equal(asked, 3);
  });

  it("takes every other answer as it is", async () => {
    assert.equal(await read(404), undefined);
    assert.equal(asked, 1);
    await assert.rejects(read(403), /HTTP-Code: 403/);
    assert.equal(asked, 1);
  });
});
