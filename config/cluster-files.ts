/** Clusters that have files of their own: `clusters/<stack>/<name>.yaml`. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, parse as parsePath } from "node:path";
import { isMap } from "../policy/rules/plain-values.ts";
import type { Violation } from "../policy/rules/violation.ts";
import { readEngineYaml, YamlError } from "./engine-yaml.ts";
import { withPlainDates } from "./yaml-scalars.ts";

interface ClusterFile {
  /** Name of the cluster. */
  readonly name: string;
  /** Path below the root. */
  readonly path: string;
}

/** Where the files of a stack are: below a root folder. */
export interface ClusterFilesPlace {
  readonly root: string;
  readonly stack: string;
}

/** The clusters of the stack file and of the files beside it, by name. Errors are added to `errors`. */
export function withClusterFiles(clusters: unknown, place: ClusterFilesPlace, errors: Violation[]): unknown {
  if (!isMap(clusters)) return clusters;
  const all = new Map(Object.entries(clusters).map(([name, cluster]) => [name, { path: `clusters.${name}`, cluster }]));
  for (const file of clusterFiles(place, errors)) {
    const { name, path } = file;
    const former = all.get(name)?.path;
    if (former !== undefined) {
      const reason = `is also defined in ${former.startsWith("clusters.") ? "the stack file" : former}`;
      errors.push({ path, reason, remedy: "remove one of the two" });
      continue;
    }
    const cluster = readCluster(file, place.root, errors);
    if (cluster !== undefined) all.set(name, { path, cluster });
  }
  return Object.fromEntries(
    [...all].flatMap(([name, { path, cluster }]) => {
      const pasted = objectError(path, cluster);
      if (pasted === undefined) return [[name, cluster]];
      errors.push(pasted);
      return [];
    }),
  );
}

/** The cluster files of a stack. A link is none: a pull request can contain one to any file of the machine that reviews it. */
export function clusterFiles({ root, stack }: ClusterFilesPlace, errors: Violation[] = []): ClusterFile[] {
  const isRegular = (path: string, type: "isFile" | "isDirectory") => {
    const status = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (status === undefined) return false;
    if (status[type]()) return true;
    const reason = status.isSymbolicLink() ? "is a symbolic link, which is not followed" : "is of another type";
    errors.push({ path, reason, remedy: `replace it with a ${type === "isFile" ? "file" : "folder"}` });
    return false;
  };
  const folder = join("clusters", stack);
  if (!isRegular("clusters", "isDirectory") || !isRegular(folder, "isDirectory")) return [];
  return readdirSync(join(root, folder))
    .sort()
    .map((file) => ({ name: parsePath(file).name, path: join(folder, file) }))
    .filter(({ path }) => /\.ya?ml$/i.test(path) && isRegular(path, "isFile"));
}

function readCluster({ path }: ClusterFile, root: string, errors: Violation[]): unknown {
  try {
    const { value, documents } = readEngineYaml(readFileSync(join(root, path)));
    if (documents <= 1) return withPlainDates(value);
    const reason = `contains ${documents} YAML documents, and a file is one cluster`;
    errors.push({ path, reason, remedy: "make one file of each" });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isYaml = error instanceof YamlError;
    const reason = isYaml ? `is not valid YAML: ${error.message}` : `cannot be read (${Reflect.get(error, "code")})`;
    errors.push({ path, reason, remedy: "fix the file" });
  }
  return undefined;
}

/** A whole Kubernetes object in place of a cluster's settings. */
function objectError(path: string, cluster: unknown): Violation | undefined {
  if (!isMap(cluster) || typeof cluster["apiVersion"] !== "string" || typeof cluster["kind"] !== "string")
    return undefined;
  const isDeployment = cluster["kind"] === "ClusterDeployment";
  return {
    path,
    value: cluster["kind"],
    reason: "is a whole Kubernetes object, not the settings of a cluster",
    remedy: isDeployment
      ? "keep what is below spec.config, and add mode: hcp or mode: standalone"
      : "replace it with the settings of a cluster, with mode: hcp or mode: standalone",
  };
}
