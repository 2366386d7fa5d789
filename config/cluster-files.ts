/** Clusters that have files of their own: `clusters/<stack>/<name>.yaml`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, parse as parsePath } from "node:path";
import pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { Violation } from "../policy/rules/violation.ts";

/** The clusters of the stack file and of the files beside it, by name. Errors are added to `errors`. */
export function withClusterFiles(clusters: unknown, errors: Violation[]): unknown {
  if (typeof clusters !== "object" || clusters === null || Array.isArray(clusters)) return clusters;
  const folder = `clusters/${pulumi.getStack()}`;
  const inFiles = readClusterFiles(folder, errors);
  for (const name of Object.keys(inFiles).filter((name) => Object.hasOwn(clusters, name))) {
    errors.push({
      path: `clusters.${name}`,
      reason: `is defined in the stack file and in ${folder}/${name}.yaml`,
      remedy: "remove one of the two",
    });
  }
  return { ...clusters, ...inFiles };
}

function readClusterFiles(folder: string, errors: Violation[]): Record<string, unknown> {
  if (!existsSync(folder)) return {};
  const clusters = new Map<string, unknown>();
  for (const file of readdirSync(folder).sort()) {
    const path = join(folder, file);
    const { name, ext } = parsePath(file);
    if (ext !== ".yaml" && ext !== ".yml") continue;
    if (clusters.has(name)) {
      errors.push({ path, reason: `defines the cluster ${name} again`, remedy: "remove one of the two files" });
      continue;
    }
    try {
      clusters.set(name, parse(readFileSync(path, "utf8")));
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0]?.replace(/:$/, "") : String(error);
      errors.push({ path, reason: `is not valid YAML: ${reason}`, remedy: "fix the file" });
    }
  }
  return Object.fromEntries(clusters);
}
