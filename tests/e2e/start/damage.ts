/**
 * Damages what `npm start` left, and runs it again: node cli/bootstrap.mjs tests/e2e/start/damage.ts [names]
 * Not part of `npm test`: it takes ten minutes on quiet cores. A full disk needs Linux and root, for a file system of its own.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheDirectory } from "../../../sandbox/ensure-tools.ts";
import { stopApiServer } from "../../../sandbox/sandbox-cluster.ts";
import { type EndedCommand, Trial } from "./trial.ts";

const trial = new Trial();
const only = process.argv.slice(2);
const sandbox = join(trial.local, "sandbox", "dev");
let failed = 0;

function tell(name: string, faults: readonly string[], text: string): void {
  console.log(`${name}: ${faults.join(", ") || "right"}`);
  if (faults.length === 0) return;
  failed += 1;
  console.log(`---\n${text.slice(-3000)}\n---`);
}

/** The next start ends ready, without a stack trace. */
async function startsAfter(name: string, damage: () => unknown): Promise<void> {
  await damage();
  const next = await trial.run("start");
  tell(name, [...trial.faults(next), ...(trial.isReady(next) ? [] : ["not ready"])], next.text);
}

/** A start fails with a sentence, within seconds; after the remedy the next one ends ready. */
async function failsUntil(name: string, start: Promise<EndedCommand>, expected: RegExp, remedy: () => unknown) {
  const { code, text, seconds } = await start;
  const faults = [
    ...trial.faults({ code, text, seconds }),
    ...(code === 0 ? ["no failure"] : []),
    ...(expected.test(text) ? [] : ["no sentence"]),
  ];
  tell(`${name} (${seconds.toFixed(0)} s)`, faults, text);
  await startsAfter(`${name}, after the remedy`, remedy);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What this project and Pulumi write, but for etcd's data, plugins and logs. */
function torn(): string[] {
  return [
    ...["sandbox.json", "kubeconfig", "kwok.yaml", "controllers/certificates.json", "preflight.txt"].map((file) =>
      join(sandbox, file),
    ),
    ...filesBelow(join(sandbox, "charts")).filter((file) => /stamp|Chart\.yaml$/.test(file)),
    ...filesBelow(join(trial.local, "state")).filter((file) => /(dev\.json|meta\.yaml)$/.test(file)),
    join(trial.local, "pulumi", "credentials.json"),
    join(sandbox, "kwok", "clusters", "sandbox", "kwok.yaml"),
  ].filter((file) => existsSync(file));
}

const damages: Record<string, () => Promise<void>> = {
  torn: async () => {
    for (const file of torn())
      await startsAfter(`torn ${file.slice(trial.local.length + 1)}`, () =>
        truncateSync(file, Math.floor(statSync(file).size / 2)),
      );
  },
  lock: async () => {
    const folder = join(trial.local, "state/.pulumi/locks/organization/k0rdent-nutanix/dev");
    const lock = (pid: number, host: string) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "x.json"), JSON.stringify({ pid, username: "me", hostname: host }));
    };
    await startsAfter("a lock of a dead process", () => lock(999_999_999, hostname()));
    lock(1, "elsewhere");
    await failsUntil("a lock of another machine", trial.run("start"), /down -- --force/, () =>
      trial.run("down", "--force"),
    );
    const command = readFileSync("/proc/self/cmdline", "utf8").replaceAll("\0", " ").trim();
    await startsAfter("a lock of a dead process with the id and command of a living one", () =>
      writeFileSync(`${sandbox}.run.lock`, `${process.pid}\n${command}\n`),
    );
  },
  home: async () => {
    // Nobody, root included, creates a file in sysfs.
    trial.env = { HOME: "/sys/kernel", XDG_CACHE_HOME: "", K0RDENT_NUTANIX_CACHE: cacheDirectory() };
    await startsAfter("a read-only HOME", () => trial.run("down", "--force"));
    trial.env = { HOME: "/sys/kernel", XDG_CACHE_HOME: "", PATH: "/usr/bin:/bin" };
    const { code, text, seconds } = await trial.run("tools");
    const faults = /cannot be written|make it writable/.test(text) ? [] : ["no sentence"];
    tell(
      `a read-only HOME without tools (${seconds.toFixed(0)} s)`,
      [...faults, ...(code === 0 ? ["no failure"] : [])],
      text,
    );
    trial.env = {};
  },
  server: () => startsAfter("the API server was killed", () => stopApiServer(sandbox)),
  during: async () => {
    await trial.run("down", "--force");
    const start = trial.begin("start");
    while (!/deploying/.test(start.text())) await sleep(200);
    await sleep(3_000);
    await stopApiServer(sandbox);
    await failsUntil("the API server is killed during a run", start.ended, /./, () => undefined);
  },
  two: async () => {
    await trial.run("down", "--force");
    const both = await Promise.all([trial.run("start"), trial.run("start")]);
    for (const [index, one] of both.entries())
      tell(`two starts at once, ${index + 1}`, trial.isReady(one) ? trial.faults(one) : ["not ready"], one.text);
  },
  disk: async () => {
    const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=900m", "tmpfs", trial.local]).status === 0;
    if (!isMounted) return console.log("disk: not tried, since no file system could be mounted");
    const filler = join(trial.local, "filler");
    const fill = () => spawnSync("sh", ["-c", `cat /dev/zero > '${filler}'`]);
    try {
      fill();
      await failsUntil("a disk full at the start", trial.run("start"), /disk of \S+ is full/, () => rmSync(filler));
      for (const mark of [
        "starting sandbox",
        "preflight: running",
        "deploying",
        "created Release",
        "created Management",
      ]) {
        await trial.run("down", "--force");
        const start = trial.begin("start");
        while (!start.text().includes(mark) && start.child.exitCode === null) await sleep(100);
        fill();
        await failsUntil(`a disk full after "${mark}"`, start.ended, /disk (of \S+ )?is full/, () => rmSync(filler));
      }
    } finally {
      await trial.run("down", "--force");
      execFileSync("umount", [trial.local]);
    }
  },
};

try {
  mkdirSync(trial.local, { recursive: true });
  if (only.length === 0 || only.some((name) => name !== "disk")) await trial.run("start");
  for (const [name, damage] of Object.entries(damages)) if (only.length === 0 || only.includes(name)) await damage();
} finally {
  await trial.end();
}
console.log(failed === 0 ? "all right" : `${failed} wrong`);
process.exit(failed === 0 ? 0 : 1);
