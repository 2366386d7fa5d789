import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { connectKubernetes, type WatchEvent } from "../../../kubernetes/client.ts";
import { KINDS } from "../../../kubernetes/kinds.ts";
import { kubeconfigTo } from "../../integration/cli/stand-in-api.ts";
import { apiJson } from "../../support/api-json.ts";

const SECRET = { apiVersion: "v1", kind: "Secret", metadata: { name: "one", namespace: "kcm-system" } };
const SECRETS = "/api/v1/namespaces/kcm-system/secrets";
const MANAGER = "fieldManager=kubernetes-client";

describe("the Kubernetes client", () => {
  let server: Server;
  /** Answers in turn: a code, and a body. */
  let answers: (readonly [code: number, body?: object])[];
  let requests: string[];

  before(async () => {
    server = createServer(async (request, response) => {
      const type = request.headers["content-type"]?.split("/")[1] ?? "";
      requests.push([request.method, request.url, type, await text(request)].filter(Boolean).join(" "));
      const [code, body = {}] = answers.shift() ?? [500];
      response.writeHead(code, { "content-type": "application/json" }).end(`${apiJson(body)}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());

  const connected = (...next: [code: number, body?: object][]) => {
    answers = next;
    requests = [];
    const { port } = server.address() as AddressInfo;
    return connectKubernetes({ kubeconfig: kubeconfigTo(`http://127.0.0.1:${port}`) });
  };

  it("retries where a server is busy, as one is whose definitions have just changed", async () => {
    const api = await connected([429], [503], [200, SECRET]);
    assert.deepEqual(await api.get(SECRET), SECRET);
    assert.equal(requests.length, 3);
  });

  it("returns undefined for what does not exist, and throws every other rejection with the server's words", async () => {
    const api = await connected([404], [403, { message: "secrets is forbidden" }], [404], [403]);
    assert.equal(await api.get(SECRET), undefined);
    await assert.rejects(api.get(SECRET), { name: "ApiError", code: 403, message: "secrets is forbidden" });
    assert.deepEqual(await api.list(KINDS.Machine), []);
    await assert.rejects(api.list(KINDS.Machine), { message: "the API server answered 403" });
  });

  it("lists page by page, with what each item is", async () => {
    const { metadata } = SECRET;
    const api = await connected([200, { items: [{ metadata }], metadata: { continue: "x" } }], [200, { items: null }]);
    const list = api.list({ ...KINDS.Secret, namespace: "kcm-system" }, { labelSelector: "a=b" });
    assert.deepEqual(await list, [SECRET]);
    const query = `GET ${SECRETS}?limit=500&labelSelector=a%3Db`;
    assert.deepEqual(requests, [query, `${query}&continue=x`]);
  });

  it("writes by create, apply, merge, replace and delete", async () => {
    const api = await connected([201, SECRET], [409], [200], [200], [200, SECRET], [409], [200], [404]);
    assert.deepEqual([await api.create(SECRET), await api.create(SECRET)], [true, false]);
    await api.apply(SECRET, { dryRun: true });
    await api.merge(SECRET, { data: null });
    assert.deepEqual([await api.replace(SECRET), await api.replace(SECRET)], [true, false]);
    await api.delete(SECRET);
    await api.delete(`${SECRETS}/one`);
    const body = JSON.stringify(SECRET);
    const background = 'json {"propagationPolicy":"Background"}';
    const create = `POST ${SECRETS}?${MANAGER} json ${body}`;
    const replace = `PUT ${SECRETS}/one?${MANAGER} json ${body}`;
    const remove = `DELETE ${SECRETS}/one ${background}`;
    assert.deepEqual(requests, [
      create,
      create,
      `PATCH ${SECRETS}/one?${MANAGER}&force=true&fieldValidation=Strict&dryRun=All apply-patch+yaml ${body}`,
      `PATCH ${SECRETS}/one?${MANAGER} merge-patch+json {"data":null}`,
      replace,
      replace,
      remove,
      remove,
    ]);
  });

  it("watches from a version on, until the stream ends", async () => {
    const api = await connected([200, { type: "ADDED", object: SECRET }], [410, { message: "too old" }]);
    const events: WatchEvent[] = [];
    const watch = () =>
      api.watch(SECRETS, (event) => events.push(event), { resourceVersion: "7", signal: new AbortController().signal });
    await watch();
    assert.deepEqual(events, [{ type: "ADDED", object: SECRET }]);
    assert.match(requests[0] ?? "", /watch=true&allowWatchBookmarks=true&timeoutSeconds=240&resourceVersion=7$/);
    await assert.rejects(watch(), { code: 410, message: "too old" });
  });

  it("names the server that does not answer", async () => {
    const api = await connectKubernetes({ kubeconfig: kubeconfigTo("http://127.0.0.1:1") });
    await assert.rejects(api.get(SECRET), {
      name: "UnreachableError",
      message: "the API server at http://127.0.0.1:1 does not answer (connect ECONNREFUSED 127.0.0.1:1)",
    });
  });
});
