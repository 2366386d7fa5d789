/** A copy of the project in which `npm start` is run and disturbed, and what came of it. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { processes } from "../../../sandbox/tools/process.ts";

const PROJECT = join(import.meta.dirname, "../../..");
/** Nothing waits longer than this, in milliseconds. */
const LONGEST_MS = 400_000;

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly started: number;
  /** What it printed until now. */
  text(): string;
  readonly ended: Promise<EndedCommand>;
}

export interface EndedCommand {
  readonly code: number | null;
  readonly text: string;
  readonly seconds: number;
}

export class Trial {
  readonly folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-trial-"));
  readonly project = join(this.folder, "project");
  readonly local = join(this.project, ".local");
  /** More variables of the commands. */
  env: Readonly<Record<string, string>> = {};
  readonly #temporary = join(this.folder, "tmp");

  constructor() {
    const files = execFileSync("git", ["ls-files"], { cwd: PROJECT, encoding: "utf8" }).split("\n").filter(Boolean);
    for (const file of files) {
      mkdirSync(dirname(join(this.project, file)), { recursive: true });
      cpSync(join(PROJECT, file), join(this.project, file));
    }
    symlinkSync(join(PROJECT, "node_modules"), join(this.project, "node_modules"));
    mkdirSync(this.#temporary);
  }

  /** Starts a command of the project. */
  begin(...words: readonly string[]): RunningCommand {
    const started = Date.now();
    const child = spawn(process.execPath, [join(this.project, "cli/bootstrap.mjs"), ...words], {
      cwd: this.project,
      env: { ...process.env, TMPDIR: this.#temporary, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (text += data));
    const limit = setTimeout(() => void this.kill(child), LONGEST_MS);
    const ended = new Promise<EndedCommand>((resolve) => {
      child.once("exit", (code) => {
        clearTimeout(limit);
        // What a killed command started may hold its pipes open.
        setTimeout(() => resolve({ code, text, seconds: (Date.now() - started) / 1000 }), 100);
      });
    });
    return { child, started, text: () => text, ended };
  }

  run(...words: readonly string[]): Promise<EndedCommand> {
    return this.begin(...words).ended;
  }

  /** Kills a command as `kill -9` does: its engine, its plugins and what it started go on. */
  async kill(child: ChildProcess): Promise<void> {
    const own = (await processes()).filter(({ pid, parent }) => pid === child.pid || parent === child.pid);
    for (const { pid } of own) process.kill(pid, "SIGKILL");
  }

  /** What is wrong with the output of any run, and with what it left: never a stack trace, never a kubeconfig. */
  faults({ text }: EndedCommand): string[] {
    const left = readdirSync(this.#temporary).filter((file) => file.startsWith("kubeconfig"));
    return [
      ...(/\n\s+at \S+ ?\(?.*:\d+:\d+/.test(text) ? ["a stack trace"] : []),
      ...(left.length > 0 ? [`kubeconfigs in the temporary folder: ${left.length}`] : []),
    ];
  }

  /** Whether a start ended with everything ready. */
  isReady({ code, text }: EndedCommand): boolean {
    return code === 0 && /objects, all ready/.test(text);
  }

  async end(): Promise<void> {
    await this.run("down", "--force");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
