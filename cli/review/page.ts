/** A review as one page of Markdown, fit for a comment on a pull request. */

import type { Capacity } from "../../manifests/cluster-capacity.ts";
import { clusterSection, clusterTable, sharedSection } from "./cluster-sections.ts";
import { diagram } from "./diagram.ts";
import { counted, prose, table } from "./markdown.ts";
import type { ClusterReview, Cost, Operation, Review } from "./model.ts";
import type { Detail } from "./verbosity.ts";

/** GitHub takes 65,536 characters, and whoever posts the page may add some. */
export const LONGEST_PAGE = 60_000;

/** From everything to the least that can be decided from: the first that is short enough is the page. */
const DETAILS: readonly Detail[] = [
  { fields: 200, clusters: 500, pictured: 12, lines: 500 },
  { fields: 40, clusters: 100, pictured: 6, lines: 200 },
  { fields: 15, clusters: 40, pictured: 3, lines: 100 },
  { fields: 8, clusters: 12, pictured: 0, lines: 60 },
  { fields: 0, clusters: 0, pictured: 0, lines: 40 },
];

/** First line of the page, by which the comment is found again. */
export function marker(stack: string): string {
  return `<!-- k0rdent-nutanix review: ${stack.replace(/[^\w.-]/g, "_")} -->`;
}

/** The page, 60,000 characters at most: what does not fit is left out from the least important on, and that is said. */
export function page(review: Review): string {
  for (const detail of DETAILS) {
    const text = pageIn(review, detail);
    if (text.length <= LONGEST_PAGE) return text;
  }
  const note = "\n\n(cut off here: the rest is in the JSON)\n";
  const text = pageIn(review, DETAILS[DETAILS.length - 1] as Detail);
  return `${text.slice(0, text.lastIndexOf("\n", LONGEST_PAGE - note.length))}${note}`;
}

function pageIn(review: Review, detail: Detail): string {
  const told = inOrder(review.clusters);
  const sections = [
    [marker(review.stack), `## Stack \`${review.stack}\`: ${VERDICTS[review.verdict]}`, summary(review)].join("\n"),
    faults("Refused", review.refused, detail),
    faults("Warned", review.warned, detail),
    ...told.slice(0, detail.clusters).map((cluster) => clusterSection(cluster, detail)),
    clusterTable(told.slice(detail.clusters), detail),
    sharedSection(review, detail),
    costSection(review, detail),
    diagram(review.graph, told.slice(0, detail.pictured)),
    unknownSection(review, told, detail),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const VERDICTS: Readonly<Record<Review["verdict"], string>> = {
  refused: "refused",
  warned: "passes, with warnings",
  passed: "passes",
};

const IMPORTANCE: readonly Operation[] = ["delete", "replace", "update", "create", "same"];

/** Deleted and replaced clusters first, then those whose machines roll. */
function inOrder(clusters: readonly ClusterReview[]): ClusterReview[] {
  const weight = ({ operation, rolls }: ClusterReview) =>
    2 * IMPORTANCE.indexOf(operation) + (rolls.length > 0 ? 0 : 1);
  return [...clusters].sort((one, other) => weight(one) - weight(other));
}

function summary(review: Review): string {
  const { clusters, cost, compared, source } = review;
  const of = (operation: Operation) => clusters.filter((cluster) => cluster.operation === operation).length;
  const rolling = clusters.flatMap(({ rolls }) => rolls).filter(({ how }) => how === "replaced");
  const rolled = rolling.reduce((sum, { machines }) => sum + machines, 0);
  const words = [
    ...(of("create") > 0 ? [`${counted(of("create"), "cluster")} created`] : []),
    ...(of("update") + of("same") > 0 ? [`${counted(of("update") + of("same"), "cluster")} changed`] : []),
    ...(of("replace") > 0 ? [`**${counted(of("replace"), "cluster")} replaced**`] : []),
    ...(of("delete") > 0 ? [`**${counted(of("delete"), "cluster")} deleted**`] : []),
    `${review.unchanged.length} unchanged`,
    rolled > 0 ? `**${counted(rolled, "machine")} roll${rolled === 1 ? "s" : ""}**` : "no machine rolls",
    `machines ${cost.before.machines} → ${cost.after.machines}`,
  ];
  const how =
    source === "preview"
      ? `from Pulumi's preview of ${prose(compared.head)}`
      : `from the stack files of ${prose(compared.base)} and ${prose(compared.head)}, rendered; no engine was asked`;
  const environment = review.environment === undefined ? "" : `environment ${review.environment}; `;
  return `\n${words.join(" · ")}\n\n<sub>${environment}${how}</sub>`;
}

function faults(title: string, lines: readonly string[], detail: Detail): string {
  if (lines.length === 0) return "";
  const shown = lines
    .slice(0, detail.lines)
    .map((line) => `- ${prose(line.length <= 1000 ? line : `${line.slice(0, 1000)}…`)}`);
  const more = lines.length > shown.length ? [`- … and ${lines.length - shown.length} more`] : [];
  return [`### ${title}`, "", ...shown, ...more].join("\n");
}

function costSection(review: Review, detail: Detail): string {
  const rows = review.clusters.filter(({ cost }) => !isSame(cost)).slice(0, detail.lines);
  if (isSame(review.cost) && rows.length === 0) return "";
  const { before, after, onTop } = review.cost;
  const part = (title: string, of: (capacity: Capacity) => number, unit: string) => [
    title,
    `${number(of(before))}${unit}`,
    `${number(of(after))}${unit}`,
    difference(of(after) - of(before), unit),
    of(onTop) === 0 ? "–" : `+${number(of(onTop))}${unit}`,
  ];
  const sums = table(
    ["whole stack", "before", "after", "difference", "on top while machines roll"],
    [
      part("VMs", ({ machines }) => machines, ""),
      part("vCPUs", ({ vcpus }) => vcpus, ""),
      part("memory", ({ memoryGib }) => memoryGib, " GiB"),
      part("disk", ({ diskGib }) => diskGib, " GiB"),
    ],
  );
  const each = table(
    ["cluster", "VMs", "vCPUs", "memory", "disk"],
    rows.map(({ name, cost }) => [
      `\`${name}\``,
      ...(["machines", "vcpus", "memoryGib", "diskGib"] as const).map((key) => {
        const unit = key === "memoryGib" || key === "diskGib" ? " GiB" : "";
        const top = cost.onTop[key] === 0 ? "" : ` (+${number(cost.onTop[key])}${unit})`;
        return `${number(cost.before[key])} → ${number(cost.after[key])}${unit}${top}`;
      }),
    ]),
  );
  return ["### What it costs", sums, ...(rows.length > 0 && detail.lines > 40 ? [each] : [])].join("\n\n");
}

function isSame({ before, after, onTop }: Cost): boolean {
  const text = (capacity: Capacity) => Object.values(capacity).join(" ");
  return text(before) === text(after) && onTop.machines === 0;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function difference(value: number, unit: string): string {
  return value === 0 ? "0" : `${value > 0 ? "+" : "−"}${number(Math.abs(value))}${unit}`;
}

function unknownSection(review: Review, told: readonly ClusterReview[], detail: Detail): string {
  const missing = [
    ...(told.length > detail.clusters
      ? [
          `for its length this page tells ${counted(told.length - detail.clusters, "cluster")} in short: all is in the JSON`,
        ]
      : []),
    ...(told.length > detail.pictured ? [`the picture has ${detail.pictured} of ${told.length} changed clusters`] : []),
  ];
  const lines = [...review.unknown, ...missing];
  return lines.length === 0
    ? ""
    : ["### What could not be known", "", ...lines.map((line) => `- ${prose(line)}`)].join("\n");
}
