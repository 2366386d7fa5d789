#!/usr/bin/env node
// Runs a command, or a script (*.ts), of this project on a Node that is new enough, with the packages installed. No dependencies: it works before they are there.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCAL = join(PROJECT, ".local");
/** The first Node that runs TypeScript without a flag. */
const OLDEST_NODE = "22.18.0";
const SECOND = 1000;

/** An error whose message is complete for users. */
class UserError extends Error {}

/** Whether every package of package-lock.json that this machine needs is installed in its version. */
function packagesAreInstalled() {
  const wanted = readJson(join(PROJECT, "package-lock.json"))?.packages;
  const installed = readJson(join(PROJECT, "node_modules", ".package-lock.json"))?.packages;
  if (!installed) return false;
  if (!wanted) throw new UserError("package-lock.json is not readable; restore it from the repository");
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    const entry = installed[path];
    if (!entry) return Boolean(optional);
    return (
      entry.version === version && entry.integrity === integrity && existsSync(join(PROJECT, path, "package.json"))
    );
  });
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Installs the packages; waits for another process that does. */
async function installPackages() {
  const lock = join(LOCAL, "install.lock");
  mkdirSync(LOCAL, { recursive: true, mode: 0o700 });
  while (!takeLock(lock)) await sleep(SECOND / 5);
  try {
    if (!packagesAreInstalled()) await runNpm();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock) {
  try {
    const file = openSync(lock, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const status = statSync(lock, { throwIfNoEntry: false });
  if (status && !status.isFile()) throw new UserError(`${lock} is not a file; remove it and run the command again`);
  const holder = Number(readJson(lock));
  // One without a process was cut off, or is being written.
  const isStale = holder ? !isAlive(holder) : status && Date.now() - status.mtimeMs > SECOND;
  if (isStale) rmSync(lock, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function runNpm() {
  const start = Date.now();
  const seconds = () => `${Math.round((Date.now() - start) / SECOND)} s`;
  const show = process.stderr.isTTY ? (text) => process.stderr.write(`\r\x1b[K${text}`) : () => undefined;
  process.stderr.write(process.stderr.isTTY ? "" : "installing packages (npm ci); this takes up to a minute\n");
  show("installing packages (npm ci)");
  const clock = setInterval(() => show(`installing packages (npm ci) ${seconds()}`), SECOND);
  const flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code, output } = await run("npm", flags);
  clearInterval(clock);
  if (code !== 0) {
    show("");
    throw new UserError(npmError(output));
  }
  show("");
  process.stderr.write(`packages installed in ${seconds()}\n`);
}

function run(command, parameters) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, parameters, {
      cwd: PROJECT,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    child.on("error", (error) => resolve({ code: 1, output: `${error.code}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

const NPM_ERRORS = [
  [/^ENOENT$/, "npm is not on PATH; install Node with npm, version 18 or later"],
  [/ENOSPC|no space left/i, "the disk is full; free about 500 MB and run the command again"],
  [/\b(EACCES|EPERM|EROFS)\b/, `${PROJECT} is not writable; run the command as its owner, or make it writable`],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    "the package registry is not reachable; connect to the internet, or set another registry with `npm config set registry URL`",
  ],
  [
    /EUSAGE|can only install with an existing|in sync/i,
    "package.json and package-lock.json do not match; restore both from the repository, or run `npm install`",
  ],
  [
    /EINTEGRITY/,
    "a package does not match its checksum in package-lock.json; clear npm's cache with `npm cache clean --force` and run the command again",
  ],
];

/** What npm says of itself may hold a login of a registry, and what a terminal would obey. */
function shown(text) {
  return text
    .replace(/(:\/\/)[^\s/@]+@/g, "$1[redacted]@")
    .replace(/((?:_auth\w*|_password|token|authorization)["']?\s*[:=]\s*)(?:(?:basic|bearer)\s+)?\S+/gi, "$1[redacted]")
    .replace(/[^\P{C}\n\t]/gu, "?");
}

function npmError(output) {
  const known = NPM_ERRORS.find(([pattern]) => pattern.test(output.trim()));
  const last = output.trim().split("\n").slice(-5).join("\n");
  return `packages are missing and npm could not install them: ${known ? known[1] : `npm failed with\n${shown(last)}`}`;
}

/** The running Node, or the one of the npm packages. */
function findNode() {
  const candidates = [process.execPath, join(PROJECT, "node_modules", ".bin", "node")];
  const found = candidates.find((node) =>
    isNewEnough(node === process.execPath ? process.versions.node : versionOf(node)),
  );
  if (found) return found;
  throw new UserError(
    `Node ${process.versions.node} is too old and npm has no newer one for ${process.platform}-${process.arch}; install Node ${OLDEST_NODE} or later`,
  );
}

function versionOf(node) {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return stdout?.trim().replace(/^v/, "");
}

function isNewEnough(version) {
  if (!version) return false;
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** Runs the command and exits with its exit code. Its own process group makes Ctrl-C reach it once, through this process. */
function runMain(node, parameters) {
  const script = parameters[0]?.endsWith(".ts") ? [] : ["cli/main.ts"];
  const [file, ...rest] = [...script, ...parameters];
  const child = spawn(node, [join(PROJECT, file), ...rest], {
    stdio: "inherit",
    detached: process.platform !== "win32",
    env: { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(LOCAL, "compile-cache") },
  });
  let last = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal and npm both forward Ctrl-C: two within half a second are one.
      if (Date.now() - last < SECOND / 2) return;
      last = Date.now();
      child.kill(signal);
    });
  }
  child.on("error", (error) => fail(`Node does not start (${error.code})`));
  child.on("close", (code, signal) => {
    if (signal) process.stderr.write(`ended by ${signal}\n`);
    process.exitCode = code ?? 1;
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

try {
  if (!packagesAreInstalled()) await installPackages();
  runMain(findNode(), process.argv.slice(2));
} catch (error) {
  const folder = error.path ?? PROJECT;
  if (error instanceof UserError) fail(error.message);
  else if (error.code === "ENOSPC") fail("the disk is full; free about 500 MB and run the command again");
  else if (["EACCES", "EPERM", "EROFS"].includes(error.code))
    fail(`${folder} is not writable; run the command as its owner, or make it writable`);
  else
    fail(`unexpected error (${error.code ?? error.name}: ${error.message}); restore the project from its repository`);
}
