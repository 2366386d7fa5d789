import { symlink } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ExecaError, execa } from "execa";
import type { Source } from "./catalog.ts";

const REPORT_EVERY = 15_000;

export interface BuildOptions {
  /** Folder in which the binaries end. */
  target: string;
  path: string;
  signal?: AbortSignal | undefined;
  report: (line: string) => void;
}

/** A build that did not work, with what a user can do about it. */
export class BuildError extends Error {
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(reason);
    this.name = "BuildError";
    this.remedy = remedy;
  }
}

/** Builds all binaries of a source from its pinned go.mod. Throws BuildError; `go` keeps what it has compiled, so a second try goes on. */
export async function build(source: Source, options: BuildOptions): Promise<void> {
  const env = { PATH: options.path, CGO_ENABLED: "0" };
  const folder = join(import.meta.dirname, source.name);
  await requireGo(env);
  const stop = progress(source, options.report);
  try {
    for (const [binary, path] of Object.entries(source.build.binaries)) {
      const flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", `-s -w ${source.build.ldflags}`];
      await execa("go", ["build", ...flags, "-o", join(options.target, binary), path], {
        cwd: folder,
        env,
        ...(options.signal ? { cancelSignal: options.signal } : {}),
      });
    }
    for (const [name, binary] of Object.entries(source.build.links ?? {})) {
      await symlink(binary, join(options.target, name));
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explained(error);
  } finally {
    stop();
  }
}

async function requireGo(env: Record<string, string>): Promise<void> {
  try {
    await execa("go", ["version"], { env });
  } catch {
    throw new BuildError("Go is not on PATH", "install Go 1.26 or newer");
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof ExecaError)) return error;
  const text = String(error.stderr);
  if (text.includes("no space left on device")) return new Error(text);
  const old = /go\.mod requires go >= (\S+) \(running go (\S+?)[;)]/.exec(text);
  if (old) return new BuildError(`Go ${old[2]} is too old to build it`, `install Go ${old[1]} or newer`);
  if (/dial tcp|no such host|i\/o timeout|proxyconnect|connection refused|reading https?:/.test(text)) {
    return new BuildError(
      "Go could not fetch its modules",
      "connect to the internet, or set GOPROXY to a module proxy",
    );
  }
  const line = text.trim().split("\n").at(-1) ?? error.shortMessage;
  return new BuildError(`go build failed: ${line}`, "see whether `go build` works in sandbox/tools");
}

function progress(source: Source, report: (line: string) => void): () => void {
  const estimate = Math.max(20, Math.round((source.buildSeconds * 2) / Math.max(2, availableParallelism())));
  const start = Date.now();
  report(`building ${source.name} ${source.version} from its Go module, once: about ${duration(estimate)}`);
  const timer = setInterval(() => {
    const elapsed = Math.round((Date.now() - start) / 1000);
    report(`building ${source.name} ${source.version}: ${duration(elapsed)} of about ${duration(estimate)}`);
  }, REPORT_EVERY);
  return () => clearInterval(timer);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
