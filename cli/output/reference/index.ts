/** The tables of the README that are made from the program itself, so that they cannot say something else. */
import { STACK_RULES } from "../../../policy/rules/index.ts";
import {
  DEFAULT_K0S_VERSION,
  DEFAULT_KCM_VERSION,
  FIRST_K0S_WITH_CPLB,
  KCM_LINES,
  REJECTED_K0S,
} from "../../../policy/rules/versions.ts";
import { ENVIRONMENTS, levelWord } from "./policies-page.ts";
import { settingsTables } from "./settings-tables.ts";
import { markdownTable } from "./table.ts";
import { WORDS } from "./words.ts";

/** Every table by the name that stands in its markers. */
export function referenceTables(): Readonly<Record<string, string>> {
  return { ...settingsTables(), versions: versions(), words: words(), rules: rules() };
}

/**
 * The text with each table between `<!-- table: name -->` and `<!-- end of table -->` made anew.
 *
 * @throws Error when a table has no markers, or markers name no table.
 */
export function withTables(text: string, tables = referenceTables()): string {
  const left = new Set(Object.keys(tables));
  const block = /(<!-- table: (\w+) -->)(?:(?!<!-- table:)[\s\S])*?(<!-- end of table -->)/g;
  const written = text.replace(block, (_, open: string, name: string, close: string) => {
    const table = tables[name];
    if (table === undefined) {
      throw new Error(`the text has markers of a table "${name}"; the tables are ${Object.keys(tables).join(", ")}`);
    }
    left.delete(name);
    return `${open}\n${table}\n${close}`;
  });
  if (left.size > 0) {
    throw new Error(
      `the text has no markers of ${[...left].join(", ")}; write <!-- table: name --> and <!-- end of table -->`,
    );
  }
  return written;
}

function versions(): string {
  const rows = KCM_LINES.map(({ kcm: [from, to], capi, k0smotron, capx, defaultCapx, k0smotronApi, tested }) => [
    from === to ? from : `${from} – ${to}`,
    capi,
    k0smotron,
    capx.map((minor) => `${minor}.x`).join(", "),
    defaultCapx,
    k0smotronApi,
    tested ? "yes" : "no: by reading alone",
  ]);
  const head = [
    "kcm",
    "Cluster API",
    "k0smotron",
    "CAPX",
    "CAPX by default",
    "API of the k0smotron kinds",
    "applied to its own CRDs",
  ];
  const refused = Object.entries(REJECTED_K0S).map(([version, why]) => `${version} ${why}`);
  return [
    markdownTable(head, rows),
    "",
    `Defaults: kcm ${DEFAULT_KCM_VERSION}, k0s ${DEFAULT_K0S_VERSION}. k0s has a load balancer of its own from ${FIRST_K0S_WITH_CPLB} on; k0s ${refused.join("; k0s ")}.`,
  ].join("\n");
}

function words(): string {
  return markdownTable(
    ["the guides' words", "", "what stands there", "why"],
    WORDS.map(({ word, fate, instead, why }) => [word, fate, instead, why]),
  );
}

function rules(): string {
  return markdownTable(
    ["rule", ...ENVIRONMENTS, "why"],
    STACK_RULES.map(({ name, level, why }) => [
      `[\`${name}\`](docs/policies.md#${name})`,
      ...ENVIRONMENTS.map((environment) => levelWord(level({ environment }))),
      why,
    ]),
  );
}
