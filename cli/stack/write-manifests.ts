import { lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { yamlText } from "../../kubernetes/yaml-text.ts";
import { printable } from "../../policy/rules/printable.ts";
import { formatValue } from "../../policy/rules/violation.ts";
import { replaceFile } from "../../sandbox/tools/replace-file.ts";
import { EXIT, Failure } from "../output/failure.ts";
import type { RenderedObject } from "./render-stack.ts";

/** First line of every file that render wrote: what has another is never changed. */
const MARK = "# Rendered by k0rdent-nutanix: the next render to this folder replaces or removes this file.\n";

/** All manifests as one YAML stream. */
export function manifestsText(objects: readonly RenderedObject[]): string {
  return objects.map(manifestText).join("---\n");
}

/**
 * Writes one file per manifest, and removes those of an earlier render. Other files stay.
 *
 * @throws Failure, before anything is changed, where a file of another origin has the name of a manifest.
 */
export async function writeManifests(objects: readonly RenderedObject[], folder: string): Promise<void> {
  const files = new Map(objects.map((object) => [fileOf(object), manifestText(object)]));
  await mkdir(folder, { recursive: true });
  const present = await readdir(folder);
  const own = new Set<string>();
  for (const file of present.filter((name) => name.endsWith(".yaml")))
    if (await isOwn(join(folder, file))) own.add(file);
  const unowned = present.filter((file) => files.has(file) && !own.has(file));
  if (unowned.length > 0)
    throw new Failure(
      `--out: ${unowned.join(", ")} in ${folder} has another origin than render; rename it, or name another folder`,
      EXIT.usage,
    );
  await Promise.all([...own].filter((file) => !files.has(file)).map((file) => rm(join(folder, file))));
  for (const [file, text] of files) replaceFile(join(folder, file), `${MARK}${text}`);
}

function fileOf({ kind, metadata: { name } }: RenderedObject): string {
  const file = `${kind.toLowerCase()}-${name}.yaml`;
  if (basename(file) === file) return file;
  throw new Failure(`${kind} ${formatValue(name)}: is not the name of a file; rename the object`, EXIT.usage);
}

/** A link is not: writing would change what it leads to. */
async function isOwn(path: string): Promise<boolean> {
  return (await lstat(path)).isFile() && (await readFile(path, "utf8")).startsWith(MARK);
}

/** Where a value has characters that are printed as escapes, all are quoted, so that it stays the same value. */
function manifestText(object: RenderedObject): string {
  const text = yamlText(object);
  if (printable(text) === text) return text;
  return yamlText(object, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE", blockQuote: false });
}
