/** A report as one HTML page that needs nothing from elsewhere. */
import type { Capacity } from "../../manifests/cluster-capacity.ts";
import type { Aging, ClusterFacts, Report, ReportInput } from "../../operations/build-report.ts";
import { livingGraph } from "../../operations/resource-graph.ts";
import type { ClusterTree } from "../../operations/resource-tree.ts";
import { escaped, svgOf } from "./diagram-formats.ts";
import { gapLines } from "./status-view.ts";
import { age, causeText } from "./tree.ts";

/** More pictures than these make a page that no browser likes; clusters that are not ready have theirs anyway. */
const PICTURES = 10;
/** How long before its end something is marked, in days. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #1f2328; background: #fff; margin: 0 auto; max-width: 78rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
.sub { color: #57606a; margin: .2rem 0 1.2rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .7rem; }
.tile { border: 1px solid #d0d7de; border-radius: 8px; padding: .6rem 1rem; min-width: 6rem; }
.tile b { display: block; font-size: 1.5rem; font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid #d8dee4; vertical-align: top; }
th { color: #57606a; font-weight: 500; white-space: nowrap; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.state { border-radius: 1em; padding: .1em .7em; font-size: .87em; white-space: nowrap; border: 1px solid; }
.Current { color: #1a7f37; background: #d7f0dd; } .InProgress, .Degraded, .soon { color: #7a5200; background: #fff3c4; }
.Failed, .NotFound, .over { color: #a40e26; background: #ffd9d6; } .Terminating { color: #6639ba; background: #e4dcf7; } .Unknown { color: #57606a; background: #eee; }
details { border: 1px solid #d0d7de; border-radius: 8px; padding: .5rem .9rem; margin: .5rem 0; } summary { cursor: pointer; }
svg { max-width: none; } footer { color: #57606a; margin-top: 2rem; font-size: .87em; }
@media print { details { break-inside: avoid; } }
`;

/** The whole page. */
export function reportHtml(input: ReportInput, report: Report): string {
  const { snapshot, chains, stack, absent } = input;
  const title = `Clusters of ${stack ?? "every stack"}`;
  const now = snapshot.takenAt;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="sub">${escaped(snapshot.server)}, ${escaped(now.replace("T", " ").slice(0, 16))} UTC</p>
${tiles(chains, absent)}
<h2>Clusters</h2>
${clustersTable(report.facts, absent, now)}
<h2>Capacity asked of Nutanix</h2>
${capacityTable(report)}
<h2>Versions</h2>
${table(
  ["What", "Version", "State"],
  report.versions.map(({ what, version, state }) => [escaped(what), escaped(version), badge(state)]),
)}
<h2>Logins and certificates</h2>
${table(
  ["Cluster", "What", "Last changed", "Ends"],
  report.aging.map((one) => agingRow(one, now)),
)}
<h2>Rules that are waived</h2>
${waiversTable(input.waivers, now)}
<h2>Objects</h2>
${chains
  .filter(({ state }) => chains.length <= PICTURES || state !== "Current")
  .map((chain) => picture(chain, now))
  .join("\n")}
<footer>${gapLines(snapshot.gaps).map(escaped).join("<br>")}
<p>Made by k0rdent-nutanix. It shows what the management cluster said at that time; it holds no secret.</p></footer>
</body>
</html>
`;
}

function badge(state: string): string {
  return `<span class="state ${escaped(state.replaceAll(" ", "-"))}">${escaped(state)}</span>`;
}

function tiles(chains: readonly ClusterTree[], absent: readonly string[]): string {
  const states = [...chains.map(({ state }) => state as string), ...absent.map(() => "not deployed")];
  const counts = [...new Set(states)]
    .sort()
    .map((state) => [state, states.filter((one) => one === state).length] as const);
  const tile = (count: number, words: string) => `<div class="tile"><b>${count}</b>${words}</div>`;
  const all = tile(states.length, states.length === 1 ? "cluster" : "clusters");
  return `<div class="tiles">${all}${counts.map(([state, count]) => tile(count, badge(state))).join("")}</div>`;
}

/** Columns that begin with a number sign hold numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "<p>Nothing to show.</p>";
  const isNumber = head.map((text) => text.startsWith("#"));
  const cell = (tag: string) => (text: string, column: number) =>
    `<${tag}${isNumber[column] ? ' class="n"' : ""}>${text.replace(/^#/, "")}</${tag}>`;
  const body = rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`).join("\n");
  return `<div class="wide"><table><thead><tr>${head.map(cell("th")).join("")}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function clustersTable(facts: readonly ClusterFacts[], absent: readonly string[], now: string): string {
  const head = ["Cluster", "State", "Mode", "k0s", "Endpoint", "#Control plane", "#Workers", "#Age", "Held up by"];
  const rows = facts.map(({ chain, mode, k0s, endpoint, controlPlane, workers }) => {
    const culprit = chain.blockedBy.at(-1);
    const cause =
      culprit?.cause === undefined ? "" : `${culprit.kind} ${culprit.name}: ${causeText(culprit.cause, now)}`;
    const texts = [mode, k0s, endpoint, controlPlane, workers, age(chain.root.created, now), cause];
    return [escaped(chain.name), badge(chain.state), ...texts.map(escaped)];
  });
  const blanks = head.slice(2).map(() => "");
  return table(head, [...rows, ...absent.map((name) => [escaped(name), badge("not deployed"), ...blanks])]);
}

function capacityTable({ facts, total }: Report): string {
  const row = (name: string, { machines, vcpus, memoryGib, diskGib }: Capacity) => [
    name,
    ...[machines, vcpus, memoryGib, diskGib].map((number) => `${Math.round(number * 10) / 10}`),
  ];
  const rows = facts.flatMap(({ chain, capacity }) =>
    capacity === undefined ? [] : [row(escaped(chain.name), capacity)],
  );
  if (rows.length > 1) rows.push(row("<b>together</b>", total));
  return table(["Cluster", "#Machines", "#vCPUs", "#Memory, GiB", "#Disk, GiB"], rows);
}

function agingRow({ cluster, what, changed, ends }: Aging, now: string): string[] {
  const day = (time: string) => time.slice(0, 10);
  const when = changed === undefined ? "" : `${day(changed)} (${age(changed, now)} ago)`;
  return [escaped(cluster), escaped(what), escaped(when), ends === undefined ? "" : endText(ends, now)];
}

function waiversTable(waivers: ReportInput["waivers"], now: string): string {
  if (waivers === undefined) return "<p>Not known: no stack file was read.</p>";
  if (waivers.length === 0) return "<p>None: every rule is asked of every cluster.</p>";
  const rows = waivers.map(({ rule, cluster, reason, until, holds }) => [
    escaped(rule),
    escaped(cluster),
    escaped(reason),
    // It holds on its last day too.
    holds ? endText(`${until}T23:59:59Z`, now) : `<span class="state over">${escaped(until)} (does not hold)</span>`,
  ]);
  return table(["Rule", "Cluster", "Reason", "Ends"], rows);
}

function endText(ends: string, now: string): string {
  const left = Date.parse(ends) - Date.parse(now);
  const text = left < 0 ? `ended, ${age(ends, now)} ago` : `in ${age(now, ends)}`;
  const mark = left < 0 ? "over" : left < SOON_DAYS * DAY_MS ? "soon" : undefined;
  const words = escaped(`${ends.slice(0, 10)} (${text})`);
  return mark === undefined ? words : `<span class="state ${mark}">${words}</span>`;
}

function picture(chain: ClusterTree, now: string): string {
  const svg = svgOf(livingGraph(`${chain.name}, ${now}`, [chain]));
  const open = chain.state === "Current" ? "" : " open";
  return `<details${open}><summary>${escaped(chain.name)} ${badge(chain.state)}</summary><div class="wide">${svg}</div></details>`;
}
