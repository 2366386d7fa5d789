/** A review as a page of Markdown for a comment on a pull request. */
import type { Capacity } from "../../manifests/cluster-capacity.ts";
import { markdownTable } from "../output/markdown-table.ts";
import { clusterSections, fieldTable, MAX_ROWS, sharedSection, withRest } from "./cluster-sections.ts";
import { diagram } from "./diagram.ts";
import { code, counted, list, prose, value } from "./markdown.ts";
import type { CapacityChange, ClusterReview, Operation, Review } from "./model.ts";

/** GitHub accepts 65,536 characters in a comment. */
export const LONGEST_PAGE = 60_000;

/** More would push the clusters off the page. */
const MAX_MESSAGES = 50;

const CUT = "\n\n(cut here: see the JSON of the review)\n";

/** The page. One that is too long loses its diagram, then its end. */
export function page(review: Review): string {
  const clusters = byImportance(review.clusters);
  const sections = [
    [`<!-- k0rdent-nutanix review: ${review.stack.replace(/[^\w.-]/g, "_")} -->`, header(review)].join("\n"),
    messages("Violations", review.violations),
    messages("Warnings", review.warnings),
    ...clusterSections(clusters),
    settingsSection(review),
    sharedSection(review),
    capacitySection(review),
    review.unknown.length === 0 ? "" : `### Unknown\n\n${list(review.unknown.map(prose))}`,
  ];
  const text = sections.filter((section) => section !== "").join("\n\n");
  const picture = diagram(review.graph, clusters);
  const full = `${[text, picture].filter(Boolean).join("\n\n")}\n`;
  if (full.length <= LONGEST_PAGE) return full;
  const room = LONGEST_PAGE - CUT.length;
  return `${text.length <= room ? text : text.slice(0, text.lastIndexOf("\n", room))}${CUT}`;
}

const VERDICTS: Readonly<Record<Review["verdict"], string>> = {
  violations: "violations",
  warnings: "passed with warnings",
  passed: "passed",
};

const IMPORTANCE: readonly Operation[] = ["delete", "replace", "update", "create", "same"];

/** Deleted and replaced clusters first, then those with machines that roll. */
function byImportance(clusters: readonly ClusterReview[]): ClusterReview[] {
  const weight = ({ operation, rollouts }: ClusterReview) =>
    2 * IMPORTANCE.indexOf(operation) + (rollouts.length > 0 ? 0 : 1);
  return [...clusters].sort((one, other) => weight(one) - weight(other));
}

function header(review: Review): string {
  const { stack, clusters, capacity, compared, source } = review;
  const count = (...operations: Operation[]) =>
    clusters.filter(({ operation }) => operations.includes(operation)).length;
  const rolling = clusters
    .flatMap(({ rollouts }) => rollouts)
    .reduce((sum, { how, machines }) => sum + (how === "replaced" ? machines : 0), 0);
  const counts = (
    [
      [count("create"), "created", ""],
      [count("update", "same"), "updated", ""],
      [count("replace"), "replaced", "**"],
      [count("delete"), "deleted", "**"],
    ] as const
  ).flatMap(([number, done, bold]) => (number === 0 ? [] : [`${bold}${counted(number, "cluster")} ${done}${bold}`]));
  const facts = [
    ...counts,
    `${review.unchanged.length} unchanged`,
    rolling > 0 ? `**${counted(rolling, "machine")} roll${rolling === 1 ? "s" : ""}**` : "no machine rolls",
    `machines ${capacity.before.machines} → ${capacity.after.machines}`,
  ];
  const how =
    source === "preview"
      ? `from Pulumi's preview of ${prose(compared.head)}`
      : `rendered from the stack files of ${prose(compared.base)} and ${prose(compared.head)}, without Pulumi's engine`;
  const [first] = review.settings;
  const changed =
    first?.path === "environment" ? `**environment ${value(first.before)} → ${value(first.after)}**\n\n` : "";
  const environment = review.environment === undefined ? "" : `environment ${review.environment}; `;
  return `## Stack \`${stack}\`: ${VERDICTS[review.verdict]}\n\n${changed}${facts.join(" · ")}\n\n<sub>${environment}${how}</sub>`;
}

function settingsSection({ settings }: Review): string {
  const rows = settings.length <= MAX_ROWS ? settings : settings.slice(0, MAX_ROWS);
  return rows.length === 0 ? "" : `### Settings of the stack file\n\n${withRest(fieldTable(rows), settings.length)}`;
}

function messages(title: string, lines: readonly string[]): string {
  const shown = lines.slice(0, MAX_MESSAGES).map((line) => prose(line.length <= 500 ? line : `${line.slice(0, 500)}…`));
  const rest = lines.length - shown.length;
  return lines.length === 0 ? "" : `### ${title}\n\n${list(rest === 0 ? shown : [...shown, `… and ${rest} more`])}`;
}

const COLUMNS = [
  { key: "machines", title: "VMs", unit: "" },
  { key: "vcpus", title: "vCPUs", unit: "" },
  { key: "memoryGib", title: "memory", unit: " GiB" },
  { key: "diskGib", title: "disk", unit: " GiB" },
] as const;

function capacitySection({ capacity, clusters }: Review): string {
  const rows = clusters.filter((cluster) => !isUnchanged(cluster.capacity));
  if (isUnchanged(capacity) && rows.length === 0) return "";
  const { before, after, surge } = capacity;
  const totals = COLUMNS.map(({ key, title, unit }) => [
    title,
    `${number(before[key])}${unit}`,
    `${number(after[key])}${unit}`,
    difference(after[key] - before[key], unit),
    surge[key] === 0 ? "–" : `+${number(surge[key])}${unit}`,
  ]);
  const each = rows.map(({ name, capacity: { before, after, surge } }) => [
    code(name),
    ...COLUMNS.map(({ key, unit }) => {
      const more = surge[key] === 0 ? "" : ` (+${number(surge[key])}${unit})`;
      return `${number(before[key])} → ${number(after[key])}${unit}${more}`;
    }),
  ]);
  return [
    "### Capacity",
    markdownTable(["stack", "before", "after", "difference", "surge while machines roll"], totals),
    ...(each.length === 0
      ? []
      : [
          withRest(
            markdownTable(["cluster", ...COLUMNS.map(({ title }) => title)], each.slice(0, MAX_ROWS)),
            each.length,
          ),
        ]),
  ].join("\n\n");
}

function isUnchanged({ before, after, surge }: CapacityChange): boolean {
  const text = (total: Capacity) => Object.values(total).join(" ");
  return text(before) === text(after) && surge.machines === 0;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function difference(value: number, unit: string): string {
  return value === 0 ? "0" : `${value > 0 ? "+" : "−"}${number(Math.abs(value))}${unit}`;
}
