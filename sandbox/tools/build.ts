import { globSync } from "node:fs";
import { mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ExecaError, execa } from "execa";
import prettyMilliseconds from "pretty-ms";
import type { Source } from "./catalog.ts";

/** File beside a binary with the manifests of its module. */
export const MANIFESTS = "manifests.yaml";
const REPORT_EVERY = 15_000;
const PLUGIN_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4";

export interface BuildOptions {
  /** Folder in which each source gets a folder of its name. */
  target: string;
  path: string;
  signal?: AbortSignal | undefined;
  report: (line: string) => void;
}

/** A build that failed, with what a user can do about it. */
export class BuildError extends Error {
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(reason);
    this.name = "BuildError";
    this.remedy = remedy;
  }
}

/**
 * Builds the sources from pinned go.mod files, those of one in one run of `go build`: they share what they compile.
 *
 * @throws BuildError; Go keeps what it has compiled, so a second try continues from there.
 */
export async function build(sources: readonly Source[], options: BuildOptions): Promise<void> {
  const go: Go = (words, module = "") =>
    execa("go", words, {
      cwd: join(import.meta.dirname, module),
      env: { PATH: options.path, CGO_ENABLED: "0" },
      ...(options.signal ? { cancelSignal: options.signal } : {}),
    });
  await go(["version"]).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw error instanceof ExecaError ? new BuildError("Go is not on PATH", "install Go 1.26 or newer") : error;
  });
  const stop = progress(sources, options.report);
  try {
    await mkdir(options.target, { recursive: true });
    for (const [module = "", group = []] of Object.entries(
      Object.groupBy(sources, ({ build }) => build?.module ?? ""),
    )) {
      await buildModule(module, group, { target: options.target, go });
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explained(error);
  } finally {
    stop();
  }
}

type Go = (words: string[], module?: string) => Promise<{ stdout: string }>;

async function buildModule(
  module: string,
  sources: readonly Source[],
  { target, go }: { target: string; go: Go },
): Promise<void> {
  const builds = sources.flatMap(({ build }) => build ?? []);
  const ldflags = ["-s", "-w", ...builds.flatMap(({ ldflags }) => ldflags ?? [])].join(" ");
  const gcflags = builds.flatMap(({ gcflags }) => (gcflags === undefined ? [] : ["-gcflags", gcflags]));
  const overlays = await Promise.all(sources.map((source) => schemaOverlay(source, target, go)));
  const flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", ldflags, ...gcflags, ...overlays.flat()];
  const output = join(target, "bin");
  // The slash makes it a folder for a single package too.
  const packages = builds.flatMap(({ packages }) => Object.values(packages));
  await go(["build", ...flags, "-o", `${output}/`, ...packages], module);
  for (const { name, tools, build } of sources) {
    const folder = join(target, name);
    const binaries = Object.keys(build?.packages ?? {});
    await mkdir(folder);
    for (const binary of binaries) await rename(join(output, binary), join(folder, binary));
    const links = tools.filter((tool) => !binaries.includes(tool));
    for (const tool of links) await symlink(binaries[0] ?? "", join(folder, tool));
    if (build?.manifests) await writeFile(join(folder, MANIFESTS), await manifestsOf(build.manifests, module, go));
  }
}

async function manifestsOf(
  { module, paths }: { module: string; paths: readonly string[] },
  from: string,
  go: Go,
): Promise<string> {
  const { stdout: folder } = await go(["list", "-m", "-f", "{{.Dir}}", module], from);
  const files = globSync(paths, { cwd: folder }).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts.map((text) => `---\n${text.replace(/^---\n/, "")}`).join("");
}

/** The plugin embeds its schema with a version in it, a file that its module does not hold: Go is given it as an overlay. */
async function schemaOverlay({ name, version, build }: Source, target: string, go: Go): Promise<string[]> {
  if (name !== "pulumi-kubernetes" || build === undefined) return [];
  const command = "pulumi-resource-kubernetes";
  // `go list` names no folder before the module is downloaded.
  const { stdout } = await go(["mod", "download", "-json", PLUGIN_MODULE], build.module);
  const { Dir: module } = JSON.parse(stdout) as { Dir: string };
  const schema = JSON.parse(await readFile(join(module, "cmd", command, "schema.json"), "utf8"));
  const [file, overlay] = [join(target, "schema.json"), join(target, "overlay.json")];
  await writeFile(file, JSON.stringify({ ...schema, version }));
  const replaced = join(import.meta.dirname, build.module, command, "schema.json");
  await writeFile(overlay, JSON.stringify({ Replace: { [replaced]: file } }));
  return ["-overlay", overlay];
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
  return new BuildError(`go build failed: ${line}`, "run `go build` in sandbox/tools to see why");
}

function progress(sources: readonly Source[], report: (line: string) => void): () => void {
  const names = sources.map(({ name, version }) => `${name} ${version}`).join(", ");
  const seconds = sources.reduce((sum, { build }) => sum + (build?.seconds ?? 0), 0);
  const estimate = Math.max(20, Math.round((seconds * 2) / Math.max(2, availableParallelism())));
  const start = Date.now();
  report(`building ${names} from their Go modules, once: about ${prettyMilliseconds(estimate * 1000)}`);
  const timer = setInterval(() => {
    const elapsed = Math.round((Date.now() - start) / 1000) * 1000;
    report(`building tools: ${prettyMilliseconds(elapsed)} of about ${prettyMilliseconds(estimate * 1000)}`);
  }, REPORT_EVERY);
  return () => clearInterval(timer);
}
