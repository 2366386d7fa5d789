import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { BuildError, build } from "./tools/build.ts";
import { type Platform, SOURCES, type Source, TOOL_NAMES, type ToolName } from "./tools/catalog.ts";
import { download } from "./tools/download.ts";
import { cacheDirectory, findSource, sourceFolder } from "./tools/find.ts";
import { withLock } from "./tools/lock.ts";
import { diskFault, reasonOf, ToolError, type ToolFault } from "./tools/tool-error.ts";

export type { ToolName };
export { cacheDirectory, TOOL_NAMES, ToolError };

export type SandboxTool = Exclude<ToolName, "pulumi">;
/** What a sandbox needs: every tool but the Pulumi CLI. */
export const SANDBOX_TOOLS = TOOL_NAMES.filter((name): name is SandboxTool => name !== "pulumi");

/** Absolute paths by tool. */
export type ToolPaths<N extends ToolName = ToolName> = Readonly<Record<N, string>>;

export interface ToolOptions {
  /** Takes the progress, one line a call. Default: nobody. */
  report?: (line: string) => void;
  /** Default: K0RDENT_NUTANIX_CACHE, else k0rdent-nutanix in the user's cache folder. */
  cache?: string;
  /** Default: the PATH of this process. */
  path?: string;
  /** Stands before host and path of every download: `<mirror>/get.helm.sh/…`. Default: the official places. */
  mirror?: string;
  /** Interrupts downloads and builds; the next call goes on from there. */
  signal?: AbortSignal;
}

/**
 * Absolute paths of the tools: from PATH, the cache, the official download or a build from the Go module, whichever is first.
 * Throws ToolError, which names every tool that cannot be had.
 */
export async function ensureTools<N extends ToolName>(
  names: readonly N[],
  options: ToolOptions = {},
): Promise<ToolPaths<N>> {
  const { paths, missing } = await findTools(names, options);
  const got: Partial<Record<ToolName, string>> = { ...paths };
  const faults: ToolFault[] = [];
  for (const source of SOURCES.filter(({ tools }) => tools.some((tool) => missing.includes(tool as N)))) {
    try {
      await obtain(source, options);
      Object.assign(got, await findSource(source, "", cacheDirectory(options)));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof ToolError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new ToolError(faults);
  return Object.fromEntries(names.map((name) => [name, got[name]])) as Record<N, string>;
}

/** Looks on PATH and in the cache; never downloads, never builds. */
export async function findTools<N extends ToolName>(
  names: readonly N[],
  options: ToolOptions = {},
): Promise<{ paths: Partial<ToolPaths<N>>; missing: N[] }> {
  const sources = SOURCES.filter(({ tools }) => tools.some((tool) => names.includes(tool as N)));
  const path = options.path ?? process.env.PATH ?? "";
  const found = await Promise.all(sources.map((source) => findSource(source, path, cacheDirectory(options))));
  const all: Partial<Record<ToolName, string>> = Object.assign({}, ...found);
  const here = names.filter((name) => all[name] !== undefined);
  return {
    paths: Object.fromEntries(here.map((name) => [name, all[name]])) as Partial<Record<N, string>>,
    missing: names.filter((name) => all[name] === undefined),
  };
}

async function obtain(source: Source, options: ToolOptions): Promise<void> {
  const cache = cacheDirectory(options);
  const report = options.report ?? (() => undefined);
  try {
    await withLock(join(cache, "locks", source.name), () => obtainLocked(source, cache, { ...options, report }), {
      waiting: (pid) => report(`waiting for process ${pid}, which is getting ${source.name}`),
      signal: options.signal,
    });
  } catch (error) {
    const fault = diskFault(error, cache);
    throw fault ? new ToolError(source.tools.map((tool) => ({ tool, ...fault }))) : error;
  }
}

async function obtainLocked(
  source: Source,
  cache: string,
  options: ToolOptions & { report: (line: string) => void },
): Promise<void> {
  const got = await findSource(source, "", cache);
  if (source.tools.every((tool) => got[tool])) return;
  const target = join(cache, "tools", `.${source.name}-${process.pid}`);
  await clearLeftovers(source, cache);
  try {
    await mkdir(target, { recursive: true });
    const reason = await tryDownload(source, { ...options, target, parts: join(cache, "downloads") });
    if (reason !== undefined) await buildInstead(source, reason, { ...options, target });
    await rm(sourceFolder(source, cache), { recursive: true, force: true });
    await rename(target, sourceFolder(source, cache));
  } finally {
    await rm(target, { recursive: true, force: true });
  }
  options.report(`${source.name} ${source.version} is ready`);
}

/** Undefined when it worked, else why it did not; faults of the disk are thrown, since a build would meet them too. */
async function tryDownload(source: Source, options: Parameters<typeof download>[1]): Promise<string | undefined> {
  const files = platform() && source.downloads(platform() as Platform);
  if (!files) return "there is no official download for this machine";
  try {
    for (const file of files) await download(file, options);
    return undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (diskFault(error, options.target)) throw error;
    const reason = `its download failed (${reasonOf(error)})`;
    options.report(`${source.name}: ${reason}`);
    await rm(options.target, { recursive: true, force: true });
    await mkdir(options.target, { recursive: true });
    return reason;
  }
}

async function buildInstead(
  source: Source,
  reason: string,
  options: ToolOptions & { target: string; report: (line: string) => void },
): Promise<void> {
  try {
    await build(source, { ...options, path: options.path ?? process.env.PATH ?? "" });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const { from, below } = source.accepts;
    const remedy = `${error.remedy}, or put ${source.name} ${from} or newer (below ${below}) on PATH`;
    throw new ToolError(source.tools.map((tool) => ({ tool, reason: `${reason} and ${error.message}`, remedy })));
  }
}

/** Only called under the source's lock, so what is left there belongs to nobody. */
async function clearLeftovers(source: Source, cache: string): Promise<void> {
  const tools = join(cache, "tools");
  await mkdir(tools, { recursive: true });
  const left = (await readdir(tools)).filter((name) => name.startsWith(`.${source.name}-`));
  for (const name of left) await rm(join(tools, name), { recursive: true, force: true });
}

function platform(): Platform | undefined {
  const os = process.platform === "linux" || process.platform === "darwin" ? process.platform : undefined;
  const machine = ({ x64: "amd64", arm64: "arm64" } as const)[arch() as "x64"];
  return os && machine ? { os, arch: machine } : undefined;
}
