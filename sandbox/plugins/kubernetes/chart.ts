import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Discovery } from "./discovery.ts";

/** Version in the Chart.yaml of an unpacked chart; undefined: `chart` is not a folder. */
export function localChartVersion(chart: string): string | undefined {
  const path = join(chart, "Chart.yaml");
  if (!existsSync(path)) {
    return undefined;
  }
  const { version }: { version?: unknown } = parse(readFileSync(path, "utf8"));
  return typeof version === "string" ? version : "";
}

/** Tells the scopes of the CRDs that an unpacked chart will bring, so that a preview knows them. */
export function announceCrds(chart: string, discovery: Discovery): void {
  for (const folder of ["crds", "templates"].map((name) => join(chart, name))) {
    for (const file of yamlFiles(folder)) {
      for (const document of readFileSync(file, "utf8").split(/^---\s*$/m)) {
        if (/^kind: *CustomResourceDefinition\s*$/m.test(document)) {
          const field = (pattern: RegExp) => pattern.exec(document)?.[1] ?? "";
          const scope = field(/^ {2}scope: *(\S+)/m);
          discovery.announce(
            field(/^ {2}group: *(\S+)/m),
            field(/^ {2}names:\n(?: {4}.*\n)*? {4}kind: *(\S+)/m),
            scope !== "Cluster",
          );
        }
      }
    }
  }
}

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    return [];
  }
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(folder, name));
}
