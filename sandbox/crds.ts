import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { pluralOf } from "../kubernetes/kinds.ts";
import { type CrdKind, type CrdLine, KINDS, LINES, object, type Schema, versionsOf } from "./crds/crd-kinds.ts";
import { type CrdDownload, cachedCrds, downloadCrds } from "./crds/released-crds.ts";
import { reasonOf } from "./tools/tool-error.ts";

export const PROJECT = resolve(import.meta.dirname, "..");
/** Value of the setting and of the option that asks for stand-ins although there is a folder. */
export const STAND_IN = "stand-in";

export interface Crd {
  apiVersion: "apiextensions.k8s.io/v1";
  kind: "CustomResourceDefinition";
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: {
    group: string;
    scope: "Namespaced" | "Cluster";
    names: { kind: string; plural: string; singular: string; listKind: string; shortNames?: string[] };
    versions: CrdVersion[];
    [more: string]: unknown;
  };
}

export interface CrdVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema: { openAPIV3Schema: Schema };
  subresources?: { status?: object; scale?: object };
  [more: string]: unknown;
}

/** The line of definitions that a kcm version belongs to: the HCP control plane changed at 1.11. */
export function lineOf(kcmVersion: string): CrdLine {
  const [major = 0, minor = 0] = kcmVersion.split(".").map(Number);
  return major > 1 || minor >= 11 ? "1.11" : "1.2";
}

/**
 * The folder of released definitions for a kcm version: `kcm-<line>` in the folder named by K0RDENT_NUTANIX_CRDS (default
 * `../shared/crds`, from the project's root), else what was downloaded. Undefined when there is none, or the setting is `stand-in`.
 * Throws when the setting names a folder that has no such line.
 */
export function crdFolder(kcmVersion: string): string | undefined {
  const setting = process.env.K0RDENT_NUTANIX_CRDS;
  if (setting === STAND_IN) return undefined;
  const parent = setting || "../shared/crds";
  const folder = join(isAbsolute(parent) ? parent : join(PROJECT, parent), `kcm-${lineOf(kcmVersion)}`);
  if (existsSync(folder)) return folder;
  if (!setting) return cachedCrds(lineOf(kcmVersion));
  throw new Error(
    `K0RDENT_NUTANIX_CRDS: "${setting}" is wrong because there is no ${folder}; name another folder, or "stand-in"`,
  );
}

/** Downloads the released definitions of each line that has no folder of them. Returns why that failed; the line then gets stand-ins. */
export async function ensureCrds(options: CrdDownload = {}): Promise<string | undefined> {
  if (process.env.K0RDENT_NUTANIX_CRDS === STAND_IN) return undefined;
  const missing = LINES.filter((line) => crdFolder(line) === undefined);
  try {
    for (const line of missing) await downloadCrds(line, options);
    return undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    return `the released definitions of kcm are not here (${reasonOf(error)}): stand-ins are used`;
  }
}

/** All definitions below a folder, by name, as released, without descriptions, versions that are not served, and Helm's annotations. */
export async function readCrds(folder: string): Promise<Crd[]> {
  const crds: Crd[] = [];
  for (const file of filesOf(folder)) {
    for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
      const value: unknown = document.toJS();
      if (isCrd(value)) crds.push(slim(value));
    }
    // Some files take a tenth of a second: let others have a turn.
    await pause();
  }
  if (crds.length === 0)
    throw new Error(`crds: "${folder}" is wrong because it holds no CustomResourceDefinition; name another folder`);
  return crds.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}

/** YAML files below a folder, in a fixed order. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

/** Stand-ins of our own for every kind of the line: right names, scope, versions and status, and the fields that matter here. */
export function standInCrds(kcmVersion: string): Crd[] {
  const line = lineOf(kcmVersion);
  return KINDS.filter(({ lines }) => lines.includes(line))
    .map((kind) => standIn(kind, line))
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}

function standIn(kind: CrdKind, line: CrdLine): Crd {
  const singular = kind.kind.toLowerCase();
  const plural = pluralOf(kind.kind);
  const versions = versionsOf(kind.group, line);
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${kind.group}`,
      annotations: {
        "k0rdent-nutanix/stand-in": "not the released definition: only names, versions and a few fields are real",
      },
    },
    spec: {
      group: kind.group,
      scope: kind.scope,
      names: {
        kind: kind.kind,
        plural,
        singular,
        listKind: `${kind.kind}List`,
        ...(kind.short.length > 0 ? { shortNames: [...kind.short] } : {}),
      },
      versions: versions.map((name) => versionOf(kind, name, name === versions.at(-1))),
    },
  };
}

function versionOf(kind: CrdKind, name: string, storage: boolean): CrdVersion {
  const open: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const spec: Schema = {
    ...(kind.spec ? object(kind.spec) : open),
    ...(kind.rules ? { "x-kubernetes-validations": kind.rules } : {}),
  };
  const columns = { ...kind.columns, Age: ".metadata.creationTimestamp" };
  return {
    name,
    served: true,
    storage,
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          apiVersion: { type: "string" },
          kind: { type: "string" },
          metadata: { type: "object" },
          spec,
          status: STATUS,
        },
      },
    },
    additionalPrinterColumns: Object.entries(columns).map(([title, jsonPath]) => ({
      name: title,
      jsonPath,
      type: title === "Age" ? "date" : title === "Valid" ? "boolean" : "string",
    })),
    ...(kind.status ? { subresources: { status: {} } } : {}),
  };
}

/** Conditions are a map by type in all of these kinds; the rest of a status is free. */
const STATUS: Schema = {
  type: "object",
  "x-kubernetes-preserve-unknown-fields": true,
  properties: {
    conditions: {
      type: "array",
      items: {
        ...object({ "type!": { type: "string" }, "status!": { type: "string" } }),
        "x-kubernetes-preserve-unknown-fields": true,
      },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
    },
  },
};

function isCrd(value: unknown): value is Crd {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "CustomResourceDefinition";
}

/** Nine tenths of a definition is prose, which Helm's release Secret has no room for; a `keep` policy would outlive the release. */
function slim(crd: Crd): Crd {
  const annotations = Object.entries(crd.metadata.annotations ?? {}).filter(([key]) => !key.startsWith("helm.sh/"));
  return {
    ...crd,
    metadata: { ...crd.metadata, annotations: Object.fromEntries(annotations) },
    spec: {
      ...crd.spec,
      versions: crd.spec.versions
        .filter(({ served, storage }) => served || storage)
        .map((version) => ({
          ...version,
          schema: { openAPIV3Schema: withoutDescriptions(version.schema.openAPIV3Schema) },
        })),
    },
  };
}

function withoutDescriptions(schema: Schema): Schema {
  const entries = Object.entries(schema).filter(([key]) => key !== "description");
  return Object.fromEntries(entries.map(([key, value]) => [key, inSchema(key, value)]));
}

function inSchema(key: string, value: unknown): unknown {
  if (key === "properties") {
    // Here a key is the name of a field, and a field may well be called description.
    return Object.fromEntries(
      Object.entries(value as Schema).map(([name, field]) => [name, withoutDescriptions(field as Schema)]),
    );
  }
  if (Array.isArray(value) && ["allOf", "anyOf", "oneOf"].includes(key))
    return value.map((one) => withoutDescriptions(one as Schema));
  const nested = ["items", "additionalProperties", "not"].includes(key) && typeof value === "object" && value !== null;
  return nested ? withoutDescriptions(value as Schema) : value;
}
