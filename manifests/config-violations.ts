/** `ClusterDeployment.spec.config` against the values schema of the cluster chart, before kcm's Helm does it. */
import * as z from "zod";
import { at, isMap } from "../policy/rules/plain-values.ts";
import type { Violation } from "../policy/rules/violation.ts";
import { clusterValues } from "../schema/charts/cluster-values.ts";
import type { Cluster } from "../schema/cluster.ts";
import { parse } from "../schema/parse.ts";
import { type Config, merge } from "./cluster-config.ts";

/** The maps that a chart requires, which are in its values.yaml. */
function chartMaps(schema: z.ZodObject): Config {
  const maps = Object.entries(schema.shape).filter(([, child]) => child instanceof z.ZodObject);
  return Object.fromEntries(maps.map(([key, child]) => [key, chartMaps(child as z.ZodObject)]));
}

const CHART_MAPS = { hcp: chartMaps(clusterValues.hcp), standalone: chartMaps(clusterValues.standalone) };

/** What the chart of a cluster does not accept of its config, at the path where the cluster has it; `path` is the cluster's. */
export function configViolations(path: string, cluster: Cluster, config: Config): Violation[] {
  const schema = clusterValues[cluster.mode];
  const values = merge(CHART_MAPS[cluster.mode], withoutNulls(config) as Config);
  return parse(schema, values, { at: path }).violations.map((violation) => {
    const keys = violation.path.slice(path.length + 1).split(".");
    const isMissing = at(values, ...keys) === undefined;
    const written = at(cluster.values, ...(isMissing ? keys.slice(0, -1) : keys));
    const isOwn = written !== undefined && (keys.length > 1 || !isMissing);
    return isOwn ? { ...violation, path: [path, "values", ...keys].join(".") } : violation;
  });
}

/** Helm removes a value that is null. */
function withoutNulls(value: unknown): unknown {
  if (!isMap(value)) return value;
  const kept = Object.entries(value).filter(([, below]) => below !== null);
  return Object.fromEntries(kept.map(([key, below]) => [key, withoutNulls(below)]));
}

/** Violations at other paths than those that policies report, which have the better remedy. */
export function notReported(violations: readonly Violation[], reported: readonly Violation[]): Violation[] {
  const plain = ({ path }: Violation) => `${path.replace(/^(clusters\.[^.]+)\.values\./, "$1.")}.`;
  const paths = reported.map(plain);
  return violations.filter((violation) => {
    const path = plain(violation);
    return !paths.some((other) => other.startsWith(path) || path.startsWith(other));
  });
}
