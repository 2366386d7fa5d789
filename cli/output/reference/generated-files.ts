import type { Command } from "commander";
import { clusterFileSchema, stackFileSchema } from "../../../schema/json-schema.ts";
import { chartFiles } from "./chart-files.ts";
import { commandLinePage } from "./command-line-page.ts";
import { configurationPage } from "./configuration-page.ts";
import { findingsPage } from "./findings-page.ts";
import { policiesPage } from "./policies-page.ts";
import { preflightPage } from "./preflight-page.ts";

/** Texts of all generated files, by path. */
export function generatedFiles(program: Command): Readonly<Record<string, string>> {
  const json = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    "schema/stack.schema.json": json(stackFileSchema()),
    "schema/cluster.schema.json": json(clusterFileSchema()),
    ...chartFiles(),
    "docs/reference/command-line.md": commandLinePage(program),
    "docs/reference/configuration.md": configurationPage(),
    "docs/reference/findings.md": findingsPage(),
    "docs/reference/policies.md": policiesPage(),
    "docs/reference/preflight-checks.md": preflightPage(),
  };
}
