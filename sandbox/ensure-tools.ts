import { mkdir, rename, rm } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { BuildError, build } from "./tools/build.ts";
import { CLUSTER_API_TOOLS, type Platform, SOURCES, type Source, TOOL_NAMES, type ToolName } from "./tools/catalog.ts";
import { download } from "./tools/download.ts";
import { cacheDirectory, findSource, sourceFolder } from "./tools/find.ts";
import { withLock } from "./tools/lock.ts";
import { diskFault, reasonOf, ToolError, type ToolFault } from "./tools/tool-error.ts";

export type { ToolName };
export { CLUSTER_API_TOOLS, cacheDirectory, TOOL_NAMES, ToolError };

export type SandboxTool = Exclude<(typeof TOOL_NAMES)[number], `pulumi${string}`>;
/** What a sandbox needs: every tool but those of Pulumi. */
export const SANDBOX_TOOLS = TOOL_NAMES.filter((name): name is SandboxTool => !name.startsWith("pulumi"));

/** Absolute paths by tool. */
export type ToolPaths<N extends ToolName = (typeof TOOL_NAMES)[number]> = Readonly<Record<N, string>>;

export interface ToolOptions {
  /** Receives the progress, one line a call. Default: none. */
  report?: (line: string) => void;
  /** Default: K0RDENT_NUTANIX_CACHE, else k0rdent-nutanix in the user's cache folder. */
  cache?: string;
  /** Default: the PATH of this process. */
  path?: string;
  /** Precedes host and path of every download: `<mirror>/get.helm.sh/…`. Default: the official addresses. */
  mirror?: string;
  /** sha256 of downloads by address. Default: those that the project records. */
  digests?: Readonly<Record<string, string>>;
  /** Interrupts downloads and builds; the next call continues from there. */
  signal?: AbortSignal;
}

type Reporting = ToolOptions & { report: (line: string) => void };

/**
 * Absolute paths of the tools: from PATH, the cache, the official download or a build from the Go modules, whichever is first.
 *
 * @throws ToolError that names every tool that is not available.
 */
export async function ensureTools<N extends ToolName>(
  names: readonly N[],
  options: ToolOptions = {},
): Promise<ToolPaths<N>> {
  const { missing } = await findTools(names, options);
  if (missing.length > 0) {
    const cache = cacheDirectory(options);
    const report = options.report ?? (() => undefined);
    try {
      await withLock(join(cache, "lock"), () => obtain(sourcesOf(missing), { ...options, cache, report }), {
        waiting: (pid) => report(`waiting for process ${pid}, which installs tools`),
        signal: options.signal,
      });
    } catch (error) {
      const fault = diskFault(error, cache);
      throw fault ? new ToolError(missing.map((tool) => ({ tool, ...fault }))) : error;
    }
  }
  return (await findTools(names, options)).paths as ToolPaths<N>;
}

/** Finds tools on PATH and in the cache; never downloads, never builds. */
export async function findTools<N extends ToolName>(
  names: readonly N[],
  options: ToolOptions = {},
): Promise<{ paths: Partial<ToolPaths<N>>; missing: N[] }> {
  const path = options.path ?? process.env.PATH ?? "";
  const found = await Promise.all(sourcesOf(names).map((source) => findSource(source, path, cacheDirectory(options))));
  const all: Partial<Record<ToolName, string>> = Object.assign({}, ...found);
  const present = names.filter((name) => all[name] !== undefined);
  return {
    paths: Object.fromEntries(present.map((name) => [name, all[name]])) as Partial<Record<N, string>>,
    missing: names.filter((name) => all[name] === undefined),
  };
}

function sourcesOf(names: readonly ToolName[]): Source[] {
  return SOURCES.filter(({ tools }) => tools.some((tool) => names.includes(tool)));
}

/** Downloads each source, and builds together what cannot be downloaded. Runs under the lock. */
async function obtain(sources: readonly Source[], options: Reporting & { cache: string }): Promise<void> {
  const { cache, report } = options;
  const draft = join(cache, "draft");
  const reasons = new Map<Source, string>();
  // Under the lock, a draft belongs to a process that is dead.
  await rm(draft, { recursive: true, force: true });
  try {
    for (const source of sources) {
      // The process that held the lock before may have installed it.
      if (Object.keys(await findSource(source, "", cache)).length > 0) continue;
      const target = join(draft, source.name);
      const reason = await tryDownload(source, { ...options, target, parts: join(cache, "downloads") });
      if (reason !== undefined) reasons.set(source, reason);
      else await keep(target, sourceFolder(source, cache, "download"));
    }
    const built = [...reasons.keys()].filter((source) => source.build);
    const failure = await tryBuild(built, { ...options, target: draft });
    const faults = [...reasons].filter(([source]) => failure ?? !source.build);
    if (failure === undefined)
      for (const source of built) await keep(join(draft, source.name), sourceFolder(source, cache, "build"));
    for (const { name, version } of sources)
      if (!faults.some(([source]) => source.name === name)) report(`${name} ${version} is ready`);
    if (faults.length > 0) throw new ToolError(faults.flatMap(([source, reason]) => faultsOf(source, reason, failure)));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function keep(draft: string, folder: string): Promise<void> {
  await mkdir(join(folder, ".."), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

/** The reason where it fails. A fault of the disk is thrown: a build would fail too. */
async function tryDownload(source: Source, options: Parameters<typeof download>[1]): Promise<string | undefined> {
  const files = platform() && source.downloads(platform() as Platform);
  if (!files) return "there is no official download for this machine";
  try {
    await mkdir(options.target, { recursive: true });
    for (const file of files) await download(file, options);
    return undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (diskFault(error, options.target)) throw error;
    const reason = `its download failed (${reasonOf(error)})`;
    options.report(`${source.name}: ${reason}`);
    await rm(options.target, { recursive: true, force: true });
    return reason;
  }
}

async function tryBuild(
  sources: readonly Source[],
  options: Reporting & { target: string },
): Promise<BuildError | undefined> {
  if (sources.length === 0) return undefined;
  try {
    await build(sources, { ...options, path: options.path ?? process.env.PATH ?? "" });
    return undefined;
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
}

function faultsOf(
  { name, tools, accepts, build }: Source,
  reason: string,
  failure: BuildError | undefined,
): ToolFault[] {
  const range = accepts ? ` ${accepts.from} or newer (below ${accepts.below})` : "";
  const remedy = `put ${name}${range} on PATH`;
  return tools.map((tool) =>
    build && failure
      ? { tool, reason: `${reason} and ${failure.message}`, remedy: `${failure.remedy}, or ${remedy}` }
      : { tool, reason, remedy },
  );
}

function platform(): Platform | undefined {
  const os = process.platform === "linux" || process.platform === "darwin" ? process.platform : undefined;
  const machine = ({ x64: "amd64", arm64: "arm64" } as const)[arch() as "x64"];
  return os && machine ? { os, arch: machine } : undefined;
}
