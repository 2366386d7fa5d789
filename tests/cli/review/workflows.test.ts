import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { PROJECT } from "../../../cli/stack/paths.ts";

type Plain = Record<string, any>;

const WORKFLOWS = join(PROJECT, ".github", "workflows");
const GITLAB: Plain = parse(readFileSync(join(PROJECT, ".gitlab-ci.yml"), "utf8"), {
  merge: true,
  customTags: [{ tag: "!reference", collection: "seq", resolve: () => "" }],
});

/** Every script of the workflows and of their twin, by where it stands. */
function scripts(): Record<string, string> {
  const github = readdirSync(WORKFLOWS).flatMap((file) => {
    const { jobs }: Plain = parse(readFileSync(join(WORKFLOWS, file), "utf8"));
    return Object.entries<Plain>(jobs).flatMap(([job, { steps }]) =>
      steps
        .filter(({ run }: Plain) => run !== undefined)
        .map(({ name, run }: Plain) => [`${file} ${job}: ${name ?? run}`, run]),
    );
  });
  const gitlab = Object.entries<Plain>(GITLAB).flatMap(([job, { script, before_script }]) =>
    [...(before_script ?? []), ...(script ?? [])]
      .filter((line) => line !== "")
      .map((line, index) => [`gitlab ${job} ${index}`, line]),
  );
  return Object.fromEntries([...github, ...gitlab]);
}

/** What runs here; all else asks for packages, Pulumi's site, a backend, or a management cluster. */
const RUN_HERE = [
  "review.yml page: write the page",
  "review.yml page: fail where something is refused",
  "review.yml comment: node cli/review/comment.ts review.md",
  "gitlab page 0",
  "gitlab page 1",
  "gitlab comment 0",
];
const NOT_RUN = [
  "deploy.yml up: npm ci --ignore-scripts --no-audit --no-fund",
  "deploy.yml up: up",
  "drift.yml look: npm ci --ignore-scripts --no-audit --no-fund",
  "drift.yml look: look",
  "review.yml page: npm ci --ignore-scripts --no-audit --no-fund",
  "review.yml page: preview",
  "gitlab .packages 0",
  "gitlab .pulumi 0",
  "gitlab page with preview 0",
  "gitlab deploy 0",
  "gitlab drift 0",
];

describe("the workflows", function () {
  this.timeout(120_000);
  const all = scripts();
  let clone = "";
  let base = "";

  before(async () => {
    clone = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-clone-"));
    await execa("git", ["clone", "--quiet", PROJECT, clone]);
    symlinkSync(join(PROJECT, "node_modules"), join(clone, "node_modules"));
    const git = (...words: string[]) =>
      execa("git", ["-c", "user.name=Example", "-c", "user.email=example@example.com", ...words], { cwd: clone });
    base = (await git("rev-parse", "HEAD")).stdout;
    await git("update-ref", "refs/remotes/origin/trunk", base);
    const file = join(clone, "Pulumi.dev.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/workersNumber: \d+/, "workersNumber: 4"));
    await git("commit", "--quiet", "--all", "--message", "More workers");
  });
  after(() => rmSync(clone, { recursive: true, force: true }));

  /** Runs a script as a runner does, in the clone, without engine, secret or cluster. */
  function run(where: string, variables: Record<string, string>) {
    const path = [dirname(process.execPath), join(PROJECT, "node_modules", ".bin"), process.env["PATH"]].join(":");
    return execa("bash", ["-e", "-o", "pipefail", "-c", all[where] ?? "false"], {
      cwd: clone,
      reject: false,
      all: true,
      extendEnv: false,
      env: { PATH: path, HOME: clone, STACK: "dev", GITHUB_STEP_SUMMARY: join(clone, "summary.md"), ...variables },
    });
  }

  const page = (name: string) => readFileSync(join(clone, name), "utf8");

  it("have no script but those that are run here and those that cannot be", () => {
    assert.deepEqual(Object.keys(all).sort(), [...RUN_HERE, ...NOT_RUN].sort());
  });

  it("have no script that a shell cannot read", async () => {
    for (const [where, text] of Object.entries(all)) {
      const { exitCode, stderr } = await execa("bash", ["-n", "-c", text], { reject: false });
      assert.deepEqual([exitCode, stderr], [0, ""], where);
    }
  });

  it("name stacks that have a file", () => {
    const matrices = Object.values<Plain>(GITLAB).flatMap(({ parallel }) => parallel?.matrix ?? []);
    const stacks = new Set(matrices.flatMap(({ STACK }: Plain) => STACK));
    assert.ok(stacks.size > 0);
    for (const stack of stacks) assert.ok(existsSync(join(PROJECT, `Pulumi.${stack}.yaml`)), String(stack));
  });

  it("write the page of a pull request from base and head, and take it that nothing is refused", async () => {
    const written = await run("review.yml page: write the page", { BASE: "origin/trunk" });
    assert.equal(written.exitCode, 0, written.all);
    assert.match(page("review.md"), /^<!-- k0rdent-nutanix review: dev -->\n## Stack `dev`: /);
    assert.match(page("review.md"), /workersNumber.*4/);
    assert.equal(page("summary.md"), page("review.md"));
    assert.notEqual(JSON.parse(page("review.json")).verdict, "refused");
    if ((await execa("jq", ["--version"], { reject: false })).failed) return;
    assert.equal((await run("review.yml page: fail where something is refused", {})).exitCode, 0);
    writeFileSync(join(clone, "review.json"), JSON.stringify({ verdict: "refused" }));
    assert.equal((await run("review.yml page: fail where something is refused", {})).exitCode, 1);
  });

  it("write the same page for a merge request", async () => {
    for (const where of ["gitlab page 0", "gitlab page 1"]) {
      const written = await run(where, { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
      assert.equal(written.exitCode, 0, written.all);
    }
    assert.match(page("review-dev.md"), /workersNumber.*4/);
    assert.notEqual(JSON.parse(page("review-dev.json")).verdict, "refused");
  });

  it("write one comment, and change it the next time", async () => {
    const comments: object[] = [];
    const calls: string[] = [];
    const server = createServer(async (request, response) => {
      let text = "";
      for await (const part of request) text += part;
      calls.push(`${request.method} ${request.url?.replace(/\?.*/, "")}`);
      if (request.method === "POST")
        comments.push({ id: 5, user: { type: "Bot" }, author: { id: 9 }, ...JSON.parse(text) });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(request.url === "/user" ? { id: 9 } : request.method === "GET" ? comments : {}));
    }).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const github = {
        GITHUB_API_URL: url,
        GITHUB_REPOSITORY: "acme/clusters",
        GITHUB_TOKEN: "t0ken",
        PULL_REQUEST: "7",
      };
      for (const round of ["new", "newer"]) {
        writeFileSync(join(clone, "review.md"), `<!-- k0rdent-nutanix review: dev -->\n## ${round}\n`);
        const done = await run("review.yml comment: node cli/review/comment.ts review.md", github);
        assert.equal(done.exitCode, 0, `${round}: ${done.all}`);
      }
      const place = "/repos/acme/clusters/issues";
      assert.deepEqual(calls.splice(0), [
        `GET ${place}/7/comments`,
        `POST ${place}/7/comments`,
        `GET ${place}/7/comments`,
        `PATCH ${place}/comments/5`,
      ]);
      comments.splice(0);
      writeFileSync(join(clone, "review-dev.md"), "<!-- k0rdent-nutanix review: dev -->\n## new\n");
      const gitlab = { CI_API_V4_URL: url, CI_PROJECT_ID: "42", CI_MERGE_REQUEST_IID: "7", GITLAB_TOKEN: "t0ken" };
      const done = await run("gitlab comment 0", gitlab);
      assert.equal(done.exitCode, 0, done.all);
      assert.deepEqual(
        calls.filter((call) => call !== "GET /user"),
        ["GET /projects/42/merge_requests/7/notes", "POST /projects/42/merge_requests/7/notes"],
      );
    } finally {
      server.close();
    }
  });
});
