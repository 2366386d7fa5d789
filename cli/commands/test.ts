import { globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { execa } from "execa";
import { EXIT } from "../output/failure.ts";
import { print } from "../output/print.ts";
import { PROJECT } from "../stack/paths.ts";
import type { Counts, FailedTest } from "./test-counts.ts";

/** Folders whose tests start API servers and engines: a process for each file. Those of the first compute most, those of the others also wait. */
const HEAVY = ["engine", "charts", "sandbox", "plugins"];
/** Files of the other folders at once: some of them wait. */
const JOBS = 3;
/** What the last check of the types found, for the next one. */
const TYPES_CACHE = "node_modules/.cache/k0rdent-nutanix/types.tsbuildinfo";
const NO_SKIP = "K0RDENT_NUTANIX_NO_SKIP";

const HELP = `
Lint, types, then every test: first those that need no server, then the others, two files at once, each printed when it ends. With a pattern, only
the test files whose path contains it, without lint and types. No tool is downloaded or built (npm run tools does that);
tests that need one that is missing are skipped, and named in the line before the last. With ${NO_SKIP}=1 a skipped
test is a failed one.

Example:
  $ npm test
  $ npm test -- cli/repair

Exit codes: 0 all passed, 1 something failed, 2 no test has that pattern.`;

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed and why, for the end of a long output. */
  readonly failures: FailedTest[];
  /** What was skipped and why, as the tests said it. */
  readonly reasons: Set<string>;
}

export function registerTest(program: Command): void {
  program
    .command("test")
    .description("lint, types and tests")
    .argument("[pattern]", "part of a test file's path")
    .addHelpText("after", HELP)
    .action(test);
}

async function test(pattern?: string): Promise<void> {
  const files = globSync("tests/**/*.test.ts", { cwd: PROJECT })
    .filter((file) => file.includes(pattern ?? ""))
    .sort();
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], reasons: new Set() };
  if (files.length === 0) {
    print(`no test file has "${pattern}" in its path`);
    process.exitCode = EXIT.usage;
    return;
  }
  if (pattern === undefined) await lintAndTypes(tally);
  const weight = (file: string) => HEAVY.indexOf(relative("tests", file).split("/")[0] ?? "");
  const light = files.filter((file) => weight(file) < 0);
  await mocha(light, { flags: ["--parallel", "--jobs", String(JOBS), "--timeout", "20000"], tally, onLine: print });
  const queue = files.filter((file) => weight(file) >= 0).sort((one, other) => weight(one) - weight(other));
  // Two at once, from both ends, so that what computes runs beside what waits.
  await Promise.all([
    lane(queue, { tally, take: () => queue.shift() }),
    lane(queue, { tally, take: () => queue.pop() }),
  ]);
  conclude(tally);
}

async function lintAndTypes(tally: Tally): Promise<void> {
  const checks = [
    { name: "lint", words: ["@biomejs/biome/bin/biome", "check", "--max-diagnostics=50", "."] },
    {
      name: "types",
      words: ["typescript/bin/tsc", "--project", ".", "--incremental", "--tsBuildInfoFile", TYPES_CACHE],
    },
  ];
  // Both at once, each printed whole.
  const results = checks.map(async ({ name, words: [script = "", ...rest] }) => {
    const run = await execa(process.execPath, [join(PROJECT, "node_modules", script), ...rest], {
      cwd: PROJECT,
      all: true,
      reject: false,
    });
    return { name, isFine: run.exitCode === 0, output: run.all };
  });
  for (const result of results) {
    const { name, isFine, output } = await result;
    if (!isFine) print(output);
    print(`${name}: ${isFine ? "fine" : "failed"}`);
    tally[isFine ? "passed" : "failed"] += 1;
    if (!isFine) tally.failures.push({ title: name, why: output });
  }
}

/** Takes file after file from the queue, and prints what each said in one piece. */
async function lane(
  queue: readonly string[],
  { tally, take }: { tally: Tally; take: () => string | undefined },
): Promise<void> {
  for (let file = take(); file !== undefined; file = take()) {
    print(`… ${file} (${queue.length} files wait)`);
    const lines: string[] = [];
    await mocha([file], { flags: ["--timeout", "180000"], tally, onLine: (line) => lines.push(line) });
    print(lines.join("\n"));
  }
}

interface Round {
  readonly flags: readonly string[];
  readonly tally: Tally;
  readonly onLine: (line: string) => void;
}

/** One round of mocha, in a process of its own. */
async function mocha(files: readonly string[], { flags, tally, onLine }: Round): Promise<void> {
  if (files.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), "k0rdent-nutanix-test-"));
  const counts = join(folder, "counts.json");
  const words = [
    ...[
      "--exit",
      "--no-config",
      "--reporter",
      join(PROJECT, "cli", "commands", "test-reporter.ts"),
      "--reporter-option",
      `counts=${counts}`,
    ],
    ...(process.stdout.isTTY ? ["--color"] : ["--no-color"]),
    ...flags,
    ...files,
  ];
  try {
    const run = execa(process.execPath, [join(PROJECT, "node_modules", "mocha", "bin", "mocha.js"), ...words], {
      cwd: PROJECT,
      all: true,
      buffer: false,
      reject: false,
    });
    const lines = new PassThrough();
    run.all.pipe(lines);
    for await (const line of createInterface({ input: lines })) {
      onLine(line);
      const reason = /^\s*SKIPPED: (.*)$/.exec(line)?.[1];
      if (reason !== undefined) tally.reasons.add(reason);
    }
    const { exitCode } = await run;
    await count(counts, { tally, exitCode: exitCode ?? 1, files });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly tally: Tally;
  readonly exitCode: number;
  readonly files: readonly string[];
}

async function count(file: string, { tally, exitCode, files }: Ended): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  const counts = text === undefined ? undefined : (JSON.parse(text) as Counts);
  if (counts === undefined) {
    tally.failures.push({ title: files.join(", "), why: `exit code ${exitCode} before the tests were counted` });
    tally.failed += 1;
    return;
  }
  tally.passed += counts.passed;
  tally.failed += counts.failed.length;
  tally.failures.push(...counts.failed);
  tally.skipped += counts.skipped.length;
  if (counts.failed.length === 0 && exitCode !== 0) tally.failed += 1;
  if (tally.reasons.size === 0) for (const title of counts.skipped) tally.reasons.add(title);
}

function conclude({ passed, failed, skipped, failures: all, reasons }: Tally): void {
  const isStrict = process.env[NO_SKIP] === "1";
  const failures = failed + (isStrict ? skipped : 0);
  const why = reasons.size === 0 ? "" : `: ${[...reasons].join("; ")}`;
  const strictly = isStrict && skipped > 0 ? `, counted as failed (${NO_SKIP}=1)` : "";
  for (const { title, why } of all) print(`\nfailed: ${title}\n${why.replace(/^/gm, "  ")}`);
  print(skipped === 0 ? "\nskipped: nothing" : `\nskipped: ${skipped}${strictly}${why}`);
  print(`${passed} passed, ${failures} failed${skipped > 0 && !isStrict ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failures > 0 ? EXIT.failed : 0;
}
