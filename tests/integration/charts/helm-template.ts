import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse, parseAllDocuments, stringify } from "yaml";
import { chartVersions } from "../../../manifests/chart-archive.ts";
import { requireTools } from "../../support/skip.ts";

export const CHARTS = join(import.meta.dirname, "../../../charts");
export const VALUES = join(import.meta.dirname, "values");
export const LINES = ["1.2", "1.11"] as const;
export type Line = (typeof LINES)[number];
export const MODES = ["hcp", "standalone"] as const;
export type Mode = (typeof MODES)[number];

/** The fields of a rendered object that tests read. */
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
  /** @default kcm-system */
  namespace?: string;
  /** Value files, each a merge patch (null takes a key out) on those before it. */
  files?: readonly string[];
  /** A last merge patch. */
  values?: unknown;
  apiVersions?: readonly string[];
}

let helm = "helm";

/** A `before` of suites that render: skips where helm is missing. */
export async function needsHelm(this: Mocha.Context): Promise<void> {
  helm = (await requireTools(this, ["helm"])).helm;
}

const archives = new Map<string, Promise<string>>();
let folder: string | undefined;

/** Path of a chart's archive, as the management cluster serves it: with the library chart inside. */
export function archive(chart: string): Promise<string> {
  const packed = archives.get(chart) ?? pack(chart);
  archives.set(chart, packed);
  return packed;
}

async function pack(chart: string): Promise<string> {
  const [current] = await chartVersions(chart);
  if (current === undefined) throw new Error(`${chart} has no version`);
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-charts-"));
    folder = created;
    process.once("exit", () => rmSync(created, { recursive: true, force: true }));
  }
  writeFileSync(join(folder, current.file), current.bytes);
  return join(folder, current.file);
}

/** Objects of a chart as `helm template` writes them. Rejects with helm's error. */
export async function render(chart: string, options: RenderOptions = {}): Promise<Rendered[]> {
  const args = ["template", options.release ?? "edge", await archive(chart)];
  args.push("--namespace", options.namespace ?? "kcm-system");
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

/** Helm's error for values that it must reject. */
export async function renderError(chart: string, options: RenderOptions): Promise<string> {
  try {
    await render(chart, options);
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? String(error);
  }
  return "accepted";
}

/** Value files of a mode by name, each after the one that it is merged over. */
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

/** The objects of a cluster chart for a file of values, with more values. */
export function cluster(mode: Mode, file = "base", values: unknown = {}): Promise<Rendered[]> {
  return render(`nutanix-k0s-${mode}`, { files: valueFiles(mode).get(file) ?? [], values });
}
