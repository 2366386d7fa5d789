import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { PROJECT } from "../../../../cli/stack/paths.ts";

type Plain = Record<string, any>;

const WORKFLOWS = join(PROJECT, ".github", "workflows");
const GITLAB: Plain = parse(readFileSync(join(PROJECT, ".gitlab-ci.yml"), "utf8"), {
  merge: true,
  customTags: [{ tag: "!reference", collection: "seq", resolve: () => "" }],
});

/** Every script of the workflows, by its position. */
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

/** Scripts that run here; all others need packages, Pulumi's site, a backend, or a management cluster. */
const RUN_HERE = [
  "review.yml page: write the page",
  "review.yml page: fail on violations",
  "review.yml comment: comment",
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
    const path = [
      join(clone, "bin"),
      dirname(process.execPath),
      join(PROJECT, "node_modules", ".bin"),
      process.env["PATH"],
    ].join(":");
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

  it("write the page of a pull request from base and head, and pass without violations", async () => {
    const written = await run("review.yml page: write the page", { BASE: "origin/trunk" });
    assert.equal(written.exitCode, 0, written.all);
    assert.match(page("review.md"), /^<!-- k0rdent-nutanix review: dev -->\n## Stack `dev`: /);
    assert.match(page("review.md"), /workersNumber.*4/);
    assert.equal(page("summary.md"), page("review.md"));
    assert.notEqual(JSON.parse(page("review.json")).verdict, "violations");
    if ((await execa("jq", ["--version"], { reject: false })).failed) return;
    assert.equal((await run("review.yml page: fail on violations", {})).exitCode, 0);
    writeFileSync(join(clone, "review.json"), JSON.stringify({ verdict: "violations" }));
    assert.equal((await run("review.yml page: fail on violations", {})).exitCode, 1);
  });

  it("write the same page for a merge request", async () => {
    for (const where of ["gitlab page 0", "gitlab page 1"]) {
      const written = await run(where, { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
      assert.equal(written.exitCode, 0, written.all);
    }
    assert.match(page("review-dev.md"), /workersNumber.*4/);
    assert.notEqual(JSON.parse(page("review-dev.json")).verdict, "violations");
  });

  it("comment with one page for all stacks", async () => {
    const bin = join(clone, "bin");
    mkdirSync(bin);
    for (const tool of ["gh", "glab"])
      writeFileSync(join(bin, tool), `#!/bin/sh\nprintf '%s\\n' "$@" > ${tool}.txt\n`, { mode: 0o755 });
    for (const stack of ["staging", "prod"]) {
      mkdirSync(join(clone, "pages", `review-${stack}`), { recursive: true });
      writeFileSync(join(clone, "pages", `review-${stack}`, "review.md"), `## ${stack}\n${"x".repeat(400_000)}\n`);
    }
    const github = await run("review.yml comment: comment", { PULL_REQUEST: "7" });
    assert.equal(github.exitCode, 0, github.all);
    assert.equal(page("gh.txt"), "pr\ncomment\n7\n--edit-last\n--create-if-none\n--body-file\ncomment.md\n");
    assert.match(page("comment.md"), /^## prod\nx{32400,}\n## staging\nx{32400,}\n$/);
    assert.ok(page("comment.md").length < 65_536);
    const gitlab = await run("gitlab comment 0", {
      CI_MERGE_REQUEST_IID: "7",
      CI_MERGE_REQUEST_PROJECT_URL: "https://x/y",
    });
    assert.equal(gitlab.exitCode, 0, gitlab.all);
    assert.match(
      page("glab.txt"),
      /^mr\nnote\n7\n--repo\nhttps:\/\/x\/y\n--unique\n--message\n<!-- k0rdent-nutanix review: dev -->/,
    );
  });
});
