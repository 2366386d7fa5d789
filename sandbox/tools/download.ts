import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import type { Download } from "./catalog.ts";
import { PINNED_DIGESTS } from "./digests.ts";
import { reasonOf } from "./tool-error.ts";

/** Milliseconds until the first byte of an answer; then the same between two bytes, several times over. */
const FIRST_BYTE = 5_000;
const BETWEEN_BYTES = 30_000;

/** Hosts that did not answer in this run: they are not tried again. */
const unreachable = new Map<string, string>();

export interface DownloadOptions {
  /** Folder in which the files end. */
  target: string;
  /** Folder in which parts wait for the next run. */
  parts: string;
  mirror?: string | undefined;
  signal?: AbortSignal | undefined;
  /** sha256 by address. Default: those that the project records. */
  digests?: Readonly<Record<string, string>> | undefined;
  report: (line: string) => void;
}

/** Fetches, checks and unpacks one file of a release. Throws with the reason; a part that was fetched stays for the next run. */
export async function download(file: Download, options: DownloadOptions): Promise<void> {
  const name = basename(new URL(file.url).pathname);
  const pinned = (options.digests ?? PINNED_DIGESTS)[file.url];
  const expected = pinned ?? digestOf(name, await fetchText(file.checksums, options));
  if (expected === undefined) throw new Error(`${file.checksums} has no sha256 of ${name}`);
  await mkdir(options.parts, { recursive: true });
  const part = join(options.parts, `${expected.slice(0, 12)}-${name}.part`);
  await fetchRest(file.url, part, options);
  const actual = await sha256(part);
  if (actual !== expected) {
    await rm(part, { force: true });
    throw new Error(`${name} has the sha256 ${actual}, but ${expected} is ${pinned ? "recorded here" : "published"}`);
  }
  if (pinned === undefined)
    options.report(`${name}: verified with the sha256 published beside it; this project records none`);
  if (file.binary) {
    await chmod(part, 0o755);
    await rename(part, join(options.target, file.binary));
  } else {
    await execa("tar", ["-xf", part, "-C", options.target, `--strip-components=${file.strip ?? 1}`]);
    await rm(part, { force: true });
  }
}

async function fetchRest(url: string, part: string, options: DownloadOptions): Promise<void> {
  const have = await sizeOf(part);
  const response = await ask(url, options, have > 0 ? { range: `bytes=${have}-` } : {});
  // 416: there is nothing after what we have; the digest decides whether it is the file.
  if (response.status === 416) return;
  const resumed = response.status === 206;
  const total = Number(response.headers.get("content-length") ?? 0) + (resumed ? have : 0);
  const size = total > 0 ? ` (${Math.ceil(total / 2 ** 20)} MiB)` : "";
  options.report(`${resumed ? "resuming the download of" : "downloading"} ${basename(part).slice(13, -5)}${size}`);
  if (!response.body) throw new Error(`${url} answered without content`);
  await pipeline(
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    createWriteStream(part, { flags: resumed ? "a" : "w" }),
    { signal: anySignal(options.signal, stalled(part)) },
  );
}

/** A text file, which the caller checks. */
export async function fetchText(url: string, options: Pick<DownloadOptions, "mirror" | "signal">): Promise<string> {
  return (await ask(url, options, {})).text();
}

async function ask(
  url: string,
  options: Pick<DownloadOptions, "mirror" | "signal">,
  headers: Record<string, string>,
): Promise<Response> {
  const address = options.mirror ? url.replace("https:/", options.mirror.replace(/\/$/, "")) : url;
  const { host } = new URL(address);
  const known = unreachable.get(host);
  if (known !== undefined) throw new Error(known);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error(`${host} did not answer within 5 s`)), FIRST_BYTE);
  try {
    const response = await fetch(address, { headers, signal: anySignal(options.signal, deadline.signal) });
    if (!response.ok && response.status !== 416) throw new HttpError(`${address} answered ${response.status}`);
    return response;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof HttpError)) unreachable.set(host, reasonOf(error));
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class HttpError extends Error {}

/** Aborts when the file has not grown for a while. */
function stalled(part: string): AbortSignal {
  const controller = new AbortController();
  let last = -1;
  const timer = setInterval(async () => {
    const size = await sizeOf(part);
    if (size === last) {
      clearInterval(timer);
      controller.abort(new Error(`the server sent nothing for ${BETWEEN_BYTES / 1000} s`));
    }
    last = size;
  }, BETWEEN_BYTES);
  timer.unref();
  return controller.signal;
}

function anySignal(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

/** Reads `<digest>`, `<digest>  <name>` lines, and the JSON in which GitHub lists the digests of a release's files. */
export function digestOf(name: string, text: string): string | undefined {
  if (text.trimStart().startsWith("{")) {
    const release: { assets?: { name: string; digest?: string | null }[] } = JSON.parse(text);
    return release.assets?.find((asset) => asset.name === name)?.digest?.match(/^sha256:([0-9a-f]{64})$/)?.[1];
  }
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const line =
    lines.find(([, file]) => file?.replace(/^\*/, "") === name) ?? (lines.length === 1 ? lines[0] : undefined);
  const [digest, file] = line ?? [];
  if (file !== undefined && file.replace(/^\*/, "") !== name) return undefined;
  return digest?.match(/^[0-9a-f]{64}$/i)?.[0].toLowerCase();
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
