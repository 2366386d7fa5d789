import { access, constants } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { execa } from "execa";
import type { Source, ToolName } from "./catalog.ts";

type Version = readonly [major: number, minor: number, patch: number];

/** Folder that holds what was downloaded or built: K0RDENT_NUTANIX_CACHE, else k0rdent-nutanix in the user's cache folder. */
export function cacheDirectory(options: { cache?: string | undefined } = {}): string {
  const chosen = options.cache || process.env.K0RDENT_NUTANIX_CACHE;
  return resolve(chosen || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "k0rdent-nutanix"));
}

/** Where the binaries of a source are kept. What is built from an older source has its date in place of the version. */
export function sourceFolder({ name, version, build }: Source, cache: string, how: "download" | "build"): string {
  return join(cache, "tools", `${name}-${(how === "build" && build?.date) || version}`);
}

export type FoundTools = Partial<Record<ToolName, string>>;

/** Finds all tools of one source: on PATH (all of them, of one minor version), else in the cache. */
export async function findSource(source: Source, path: string, cache: string): Promise<FoundTools> {
  const folders = [...(path && source.pluginFolder ? [pluginFolder(pulumiHome(), source.pluginFolder)] : []), path];
  return (await onPath(source, folders.join(delimiter))) ?? (await inCache(source, cache));
}

export function pluginFolder(home: string, name: string): string {
  return join(home, "plugins", name);
}

/** The user's own, in which Pulumi installs plugins. */
export function pulumiHome(): string {
  return process.env.PULUMI_HOME || join(homedir(), ".pulumi");
}

async function onPath(source: Source, path: string): Promise<FoundTools | undefined> {
  const found: FoundTools = {};
  const minors = new Set<string>();
  const seen = await Promise.all(source.tools.map((tool) => lookUp(tool, path)));
  if (seen.includes(undefined)) return undefined;
  const versions = await Promise.all(seen.map((file) => versionOf(file ?? "", source)));
  for (const [index, tool] of source.tools.entries()) {
    const version = versions[index];
    const file = seen[index];
    if (!file || !accepts(source, version)) return undefined;
    minors.add(`${version?.[0]}.${version?.[1]}`);
    found[tool] = file;
  }
  return minors.size === 1 ? found : undefined;
}

async function inCache(source: Source, cache: string): Promise<FoundTools> {
  for (const how of ["download", "build"] as const) {
    const files = source.tools.map((tool) => [tool, join(sourceFolder(source, cache, how), tool)] as const);
    const exist = await Promise.all(files.map(([, file]) => isExecutable(file)));
    if (!exist.includes(false)) return Object.fromEntries(files);
  }
  return {};
}

async function lookUp(tool: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = resolve(folder, tool);
    if (folder && (await isExecutable(file))) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function versionOf(file: string, { accepts }: Source): Promise<Version | undefined> {
  if (accepts === undefined) return undefined;
  // The CLI must not look for updates or write to the user's home only to say its version.
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: join(tmpdir(), "k0rdent-nutanix-pulumi") };
  const { stdout } = await execa(file, accepts.versionArguments, { env, timeout: 5_000, reject: false });
  return parseVersion(String(stdout ?? ""));
}

function parseVersion(text: string): Version | undefined {
  const match = /v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

function accepts({ accepts }: Source, version: Version | undefined): boolean {
  if (accepts === undefined) return true;
  return (
    version !== undefined &&
    compare(version, parseVersion(accepts.from)) >= 0 &&
    compare(version, parseVersion(accepts.below)) < 0
  );
}

function compare(left: Version, right: Version = [0, 0, 0]): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
