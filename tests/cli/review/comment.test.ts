import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { comment } from "../../../cli/review/comment.ts";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

type Answer = (call: Call) => { status?: number; body: unknown };

/** A forge that answers as it is told, and the calls that it got. */
async function forge(answer: Answer): Promise<{ url: string; calls: Call[]; close: () => void }> {
  const calls: Call[] = [];
  const server: Server = createServer(async (request: IncomingMessage, response) => {
    let text = "";
    for await (const part of request) text += part;
    const token = request.headers["private-token"] ?? request.headers.authorization;
    const call: Call = {
      method: request.method ?? "",
      path: request.url ?? "",
      token: token?.toString(),
      body: text === "" ? undefined : JSON.parse(text),
    };
    calls.push(call);
    const { status = 200, body } = answer(call);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls, close: () => server.close() };
}

const PAGE = "<!-- k0rdent-nutanix review: shop -->\n## new\n";
const OLD = "<!-- k0rdent-nutanix review: shop -->\n## old\n";

const github = (url: string) => ({
  GITHUB_API_URL: url,
  GITHUB_REPOSITORY: "acme/clusters",
  GITHUB_TOKEN: "t0ken",
  PULL_REQUEST: "7",
});
const gitlab = (url: string) => ({
  CI_API_V4_URL: url,
  CI_PROJECT_ID: "42",
  CI_MERGE_REQUEST_IID: "7",
  GITLAB_TOKEN: "t0ken",
});

/** What a comment does against a forge with these comments. */
async function commented(
  variables: (url: string) => Record<string, string>,
  answer: Answer,
): Promise<{ done: string; calls: Call[] }> {
  const server = await forge(answer);
  try {
    return { done: await comment(PAGE, variables(server.url)), calls: server.calls };
  } finally {
    server.close();
  }
}

describe("the comment of a pull request", () => {
  it("is written once", async () => {
    const { done, calls } = await commented(github, ({ method }) => ({ body: method === "GET" ? [] : {} }));
    assert.equal(done, "created");
    assert.deepEqual(calls.at(-1), {
      method: "POST",
      path: "/repos/acme/clusters/issues/7/comments",
      token: "Bearer t0ken",
      body: { body: PAGE },
    });
  });

  it("is changed afterwards, on whatever page of the comments it stands, and left alone where nothing changed", async () => {
    const others = Array.from({ length: 100 }, (_, id) => ({ id, body: "a word", user: { type: "User" } }));
    const mine = (body: string) => [{ id: 500, body, user: { type: "Bot" } }];
    const answer = (body: string) => (call: Call) => ({
      body: call.method !== "GET" ? {} : call.path.endsWith("page=1") ? others : mine(body),
    });
    const changed = await commented(github, answer(OLD));
    assert.equal(changed.done, "updated");
    assert.deepEqual(
      [changed.calls.at(-1)?.method, changed.calls.at(-1)?.path],
      ["PATCH", "/repos/acme/clusters/issues/comments/500"],
    );
    const same = await commented(github, answer(PAGE));
    assert.equal(same.done, "unchanged");
    assert.deepEqual([...new Set(same.calls.map(({ method }) => method))], ["GET"]);
  });

  it("leaves those of people and of other stacks alone, whatever they begin with", async () => {
    const comments = [
      { id: 1, body: OLD, user: { type: "User" } },
      { id: 2, body: OLD.replace("shop", "shop2"), user: { type: "Bot" } },
    ];
    const { done } = await commented(github, ({ method }) => ({ body: method === "GET" ? comments : {} }));
    assert.equal(done, "created");
  });

  it("of a merge request is that of the token's own user", async () => {
    const notes = [
      { id: 1, body: OLD, author: { id: 9 } },
      { id: 2, body: OLD, author: { id: 3 } },
    ];
    const { done, calls } = await commented(gitlab, ({ method, path }) => ({
      body: method !== "GET" ? {} : path === "/user" ? { id: 3 } : notes,
    }));
    assert.equal(done, "updated");
    assert.deepEqual(calls.at(-1), {
      method: "PUT",
      path: "/projects/42/merge_requests/7/notes/2",
      token: "t0ken",
      body: { body: PAGE },
    });
  });

  it("that is refused says with what, and nothing of the token", async () => {
    await assert.rejects(
      commented(github, () => ({ status: 403, body: { message: "t0ken" } })),
      (error: Error) =>
        /^GET \S+\/repos\/acme\/clusters\/issues\/7\/comments was answered with 403$/.test(error.message),
    );
    await assert.rejects(
      comment(PAGE, { ...github("http://127.0.0.1:1"), GITHUB_TOKEN: "" }),
      /^Error: GITHUB_TOKEN is not set; /,
    );
  });
});
