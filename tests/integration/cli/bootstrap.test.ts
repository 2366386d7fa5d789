import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { skip } from "../../support/skip.ts";

const LOCKFILE = {
  packages: {
    "": { name: "demo" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/elsewhere": { version: "1.0.0", integrity: "sha512-e", optional: true },
  },
};

/** Installs what the lockfile above names, slowly, and notes that it ran. */
const NPM = `#!/bin/sh
echo "$@" >> "$PWD/npm.log"
sleep 0.3
mkdir -p node_modules/a
echo '{}' > node_modules/a/package.json
grep -v elsewhere package-lock.json > node_modules/.package-lock.json
`;

const MAIN = `
const [word] = process.argv.slice(2);
if (word === "code") process.exitCode = 7;
else if (word === "wait") {
  process.on("SIGINT", () => { console.log("interrupted"); setTimeout(() => process.exit(130), 200); });
  console.log("waiting");
  setInterval(() => {}, 1000);
} else console.log(JSON.stringify({ words: process.argv.slice(2), cache: process.env.NODE_COMPILE_CACHE }));
`;

interface Result {
  readonly code: number | null;
  readonly output: string;
}

describe("bootstrap", () => {
  let project: string;
  let bin: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-bootstrap-"));
    bin = join(project, "bin");
    for (const folder of ["cli", "bin"]) mkdirSync(join(project, folder));
    cpSync(join(import.meta.dirname, "../../../cli/bootstrap.mjs"), join(project, "cli/bootstrap.mjs"));
    writeFileSync(join(project, "cli/main.ts"), MAIN);
    writeFileSync(join(project, "package.json"), '{"type":"module"}');
    writeLockfile(LOCKFILE);
    npm(NPM);
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  /** One package a line, the one for other machines last: the npm above leaves it out, as the real one does. */
  const writeLockfile = ({ packages }: typeof LOCKFILE) => {
    const lines = Object.entries(packages).map(([path, entry]) => `${JSON.stringify(path)}: ${JSON.stringify(entry)}`);
    const [rest, elsewhere] = [lines.slice(0, -1), lines.at(-1)];
    writeFileSync(join(project, "package-lock.json"), `{"packages": {\n${rest.join(",\n")}\n, ${elsewhere}\n}}\n`);
  };
  const npm = (script: string) => {
    writeFileSync(join(bin, "npm"), script);
    chmodSync(join(bin, "npm"), 0o755);
  };
  const start = (words: readonly string[], node = process.execPath): ChildProcess => {
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    const PATH = [bin, process.env["PATH"]].join(delimiter);
    return spawn(node, [join(project, "cli/bootstrap.mjs"), ...words], {
      env: { ...env, PATH },
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  const end = (child: ChildProcess) =>
    new Promise<Result>((resolve) => {
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += data));
      child.on("close", (code) => resolve({ code, output }));
    });
  const run = (words: readonly string[], node?: string) => end(start(words, node));
  const installs = () =>
    existsSync(join(project, "npm.log")) ? readFileSync(join(project, "npm.log"), "utf8").trim().split("\n") : [];

  it("installs the packages, without their scripts, and hands the words on", async () => {
    const { code, output } = await run(["render", "--stack", "dev"]);
    assert.equal(code, 0, output);
    assert.match(output, /^installing packages \(npm ci\); this takes up to a minute\npackages installed in \d+ s\n/);
    assert.match(output, /"words":\["render","--stack","dev"\],"cache":"[^"]+\.local\/compile-cache"/);
    assert.deepEqual(installs(), ["ci --ignore-scripts --no-audit --no-fund --loglevel=error"]);
  });

  it("installs nothing when everything is there, whatever the files' times", async () => {
    await run(["x"]);
    const future = new Date(Date.now() + 60_000);
    utimesSync(join(project, "package-lock.json"), future, future);
    const { output } = await run(["x"]);
    assert.doesNotMatch(output, /npm/);
    assert.equal(installs().length, 1);
  });

  it("installs again when the lockfile names another version, or a package has gone", async () => {
    await run(["x"]);
    rmSync(join(project, "node_modules/a"), { recursive: true });
    await run(["x"]);
    assert.equal(installs().length, 2);
    const changed = structuredClone(LOCKFILE);
    changed.packages["node_modules/a"].version = "1.0.1";
    writeLockfile(changed);
    await run(["x"]);
    assert.equal(installs().length, 3);
  });

  it("takes over a lock that was cut off, and rejects one that is no file", async () => {
    const lock = join(project, ".local/install.lock");
    mkdirSync(join(project, ".local"));
    writeFileSync(lock, "");
    utimesSync(lock, 0, 0);
    assert.equal((await run(["x"])).code, 0);
    assert.ok(!existsSync(lock));
    rmSync(join(project, "node_modules"), { recursive: true });
    mkdirSync(lock);
    const { code, output } = await run(["x"]);
    assert.equal(code, 1);
    assert.match(output, /install\.lock is not a file; remove it and run the command again/);
  }).timeout(20_000);

  it("installs once when two run at once, and takes over the lock of a dead one", async () => {
    mkdirSync(join(project, ".local"));
    writeFileSync(join(project, ".local/install.lock"), "999999999");
    const results = await Promise.all([run(["x"]), run(["x"])]);
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(installs().length, 1);
    assert.ok(!existsSync(join(project, ".local/install.lock")));
  });

  const FAULTS = {
    "request to https://x failed, reason: getaddrinfo ENOTFOUND x":
      /the package registry is not reachable; connect to the internet/,
    "npm error ENOSPC: no space left on device, write": /the disk is full; free about 500 MB/,
    "npm error code EACCES": /is not writable; run the command as its owner/,
    "npm error code EINTEGRITY": /does not match its checksum/,
    "npm error something new": /npm failed with\nnpm error something new/,
    "npm error https://me:s3cret@r.example.com/a _authToken=npm_s3cret Authorization: Basic czNjcmV0 \x1b[2J\u202e":
      /npm error https:\/\/\[redacted\]@r\.example\.com\/a _authToken=\[redacted\] Authorization: \[redacted\] \?\[2J\?\n/,
  };
  for (const [said, sentence] of Object.entries(FAULTS)) {
    it(`says in a sentence why npm failed: ${said}`, async () => {
      npm(`#!/bin/sh\necho '${said}' >&2\nexit 1\n`);
      const { code, output } = await run(["x"]);
      assert.equal(code, 1);
      assert.match(output, /packages are missing and npm could not install them: /);
      assert.match(output, sentence);
    });
  }

  it("ends with the command's exit code", async () => {
    assert.equal((await run(["code"])).code, 7);
  });

  it("passes an interrupt on once, even when it comes twice at once", async () => {
    await run(["x"]);
    const child = start(["wait"]);
    const ended = end(child);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.kill("SIGINT");
    await sleep(20);
    child.kill("SIGINT");
    const { code, output } = await ended;
    assert.equal(code, 130);
    assert.equal(output.match(/interrupted/g)?.length, 1);
  });

  it("rejects a Node that is too old when there is no other", async function () {
    const old = "/usr/bin/node";
    const version = existsSync(old) ? (await end(spawn(old, ["--version"]))).output.trim() : "";
    if (!/^v(18|20)\./.test(version)) skip(this, `no Node 18 or 20 at ${old}`);
    const { code, output } = await run(["x"], old);
    assert.equal(code, 1);
    assert.match(output, /Node 20\S* is too old and npm has no newer one for .*; install Node 22\.18\.0 or later/);
  });
});
