import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse, parseAllDocuments, stringify } from "yaml";
import { requireTools } from "../../support/skip.ts";

export const CHARTS = join(import.meta.dirname, "../../../charts");
export const VALUES = join(import.meta.dirname, "values");
export const LINES = ["1.2", "1.11"] as const;
export type Line = (typeof LINES)[number];
export const MODES = ["hcp", "standalone"] as const;
export type Mode = (typeof MODES)[number];

/** What of a rendered object the tests look at. */
export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [more: string]: any;
}

export interface RenderOptions {
  release?: string;
  /** Value files, each a merge patch (null takes a key out) on those before it. */
  files?: readonly string[];
  /** A last merge patch. */
  values?: unknown;
  apiVersions?: readonly string[];
}

/** A `before` that passes the path of helm on, and skips its suite where helm is missing. */
export function foundHelm(take: (path: string) => void): (this: Mocha.Context) => Promise<void> {
  return async function () {
    take((await requireTools(this, ["helm"])).helm);
  };
}

/** Objects of a chart as `helm template` writes them. Rejects with what helm says. */
export async function render(helm: string, chart: string, options: RenderOptions = {}): Promise<Rendered[]> {
  const args = ["template", options.release ?? "edge", join(CHARTS, chart), "--namespace", "kcm-system"];
  for (const version of options.apiVersions ?? []) args.push("--api-versions", version);
  const files = (options.files ?? []).map((file): unknown => parse(readFileSync(file, "utf8")));
  const values = [...files, options.values ?? {}].reduce(mergePatch, {});
  const { stdout } = await execa(helm, [...args, "--values", "-"], { input: stringify(values) });
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const merged: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What helm says against values that it must refuse. */
export async function refusal(helm: string, chart: string, options: RenderOptions): Promise<string> {
  try {
    await render(helm, chart, options);
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? String(error);
  }
  return "accepted";
}

/** Value files of a mode, by name, each with what it is laid over. */
export function valueFiles(mode: Mode): Map<string, string[]> {
  const base = join(VALUES, mode, "base.yaml");
  const files = new Map([["base", [base]]]);
  for (const folder of ["common", mode]) {
    for (const name of readdirSync(join(VALUES, folder)).sort()) {
      if (name !== "base.yaml") files.set(name.replace(/\.yaml$/, ""), [base, join(VALUES, folder, name)]);
    }
  }
  return files;
}

/** The one object of a kind. */
export function only(objects: readonly Rendered[], kind: string): Rendered {
  const found = objects.filter((object) => object.kind === kind);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} objects of kind ${kind}, not 1`);
  return found[0];
}
