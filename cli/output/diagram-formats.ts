/** Graphs as Mermaid and as SVG. */
import dagre from "@dagrejs/dagre";
import type { Graph, GraphNode, GraphState } from "../../operations/resource-graph.ts";
import { printable, printableLine } from "../../policy/rules/printable.ts";

interface Paint {
  readonly fill: string;
  readonly line: string;
  readonly label: string;
}

/** Colours differ in lightness, for colour-blind readers; the labels repeat the state. */
const PAINTS: Readonly<Record<GraphState, Paint>> = {
  Current: { fill: "#d7f0dd", line: "#1a7f37", label: "Current" },
  InProgress: { fill: "#fff3c4", line: "#9a6700", label: "InProgress" },
  Failed: { fill: "#ffb3ad", line: "#a40e26", label: "Failed" },
  NotFound: { fill: "#ffffff", line: "#a40e26", label: "NotFound" },
  Terminating: { fill: "#e4dcf7", line: "#6639ba", label: "Terminating" },
  Unknown: { fill: "#eeeeee", line: "#6e7781", label: "Unknown" },
  planned: { fill: "#ddeeff", line: "#0550ae", label: "written by the program" },
  rendered: { fill: "#f6f8fa", line: "#57606a", label: "created by kcm and Cluster API" },
};

/** States with a dashed line: the object does not exist. */
const DASHED: ReadonlySet<GraphState> = new Set(["NotFound", "rendered", "Unknown"]);

/** The graph as a Mermaid flowchart, which GitHub and GitLab render. */
export function mermaidOf({ title, nodes, edges }: Graph): string {
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  // Entities of Mermaid begin with #; a label may hold Markdown, formulas, icons and, in %%{ }%%, settings of the diagram.
  const text = (value: string) =>
    printableLine(value).replace(/[#&"<>`%{}$\\]/g, (character) => `#${character.charCodeAt(0)};`);
  const states = [...new Set(nodes.map(({ state }) => state))];
  return [
    "---",
    `title: ${JSON.stringify(printableLine(title))}`,
    "---",
    "flowchart LR",
    ...nodes.map(
      (node) => `  ${ids.get(node.id)}["${linesOf(node).map(text).filter(Boolean).join("<br/>")}"]:::${node.state}`,
    ),
    ...edges.map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`),
    ...states.map((state) => {
      const { fill, line } = PAINTS[state];
      const dash = DASHED.has(state) ? ",stroke-dasharray:4 3" : "";
      return `  classDef ${state} fill:${fill},stroke:${line},color:#1f2328${dash}`;
    }),
    "",
  ].join("\n");
}

/** Kind, name and detail; the detail may be empty. */
function linesOf({ kind, name, detail, state, cause }: GraphNode): [string, string, string] {
  return [kind, name, cause === undefined ? detail : `${PAINTS[state].label}: ${cause.type}`];
}

/** Approximate width of a letter at 12 pixels, in pixels. */
const LETTER = 6.8;
const HEIGHT = 54;
const MARGIN = 16;
const LEGEND = 28;

/** The graph as a self-contained SVG: no external font, script or style. */
export function svgOf(graph: Graph): string {
  const { nodes, edges, title } = graph;
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 44, marginx: MARGIN, marginy: MARGIN });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) {
    const longest = Math.max(...linesOf(node).map((line) => line.length));
    layout.setNode(node.id, { width: Math.round(longest * LETTER + 24), height: HEIGHT });
  }
  for (const { from, to } of edges) layout.setEdge(from, to);
  dagre.layout(layout);
  const { width = 0, height = 0 } = layout.graph() as { width?: number; height?: number };
  const states = [...new Set(nodes.map(({ state }) => state))];
  const legendWidth = MARGIN + states.reduce((sum, state) => sum + PAINTS[state].label.length * LETTER + 40, 0);
  const size = {
    width: Math.ceil(Math.max(width, legendWidth, 200)),
    height: Math.ceil(Math.max(height, MARGIN) + LEGEND),
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#57606a"/></marker></defs>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...edges.map(({ from, to }) => edgePath(layout.edge(from, to) as { points: Point[] })),
    ...nodes.map((node) => nodeBox(node, layout.node(node.id) as Box)),
    legend(states, size.height - LEGEND / 2),
    "</svg>",
    "",
  ].join("\n");
}

interface Point {
  readonly x: number;
  readonly y: number;
}
interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

function edgePath({ points }: { points: readonly Point[] }): string {
  const [first, ...rest] = points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`);
  return `<path d="M${first} L${rest.join(" ")}" fill="none" stroke="#8c959f" stroke-linejoin="round" marker-end="url(#arrow)"/>`;
}

function nodeBox(node: GraphNode, { x, y, width, height }: Box): string {
  const { fill, line, label } = PAINTS[node.state];
  const [kind, name, detail] = linesOf(node).map(escaped);
  const left = (x - width / 2).toFixed(1);
  const top = y - height / 2;
  const dash = DASHED.has(node.state) ? ' stroke-dasharray="4 3"' : "";
  const row = (offset: number, text = "", more = "") =>
    `<text x="${x.toFixed(1)}" y="${(top + offset).toFixed(1)}" text-anchor="middle"${more}>${text}</text>`;
  const tooltip = [label, node.cause?.reason, node.cause?.message].filter(Boolean).join(": ");
  return [
    `<g><title>${escaped(`${node.kind} ${node.name}: ${tooltip}`)}</title>`,
    `<rect x="${left}" y="${top.toFixed(1)}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${line}" stroke-width="1.5"${dash}/>`,
    row(16, kind, ' fill="#57606a" font-size="11"'),
    row(32, name, ' fill="#1f2328" font-weight="bold"'),
    row(46, detail, ' fill="#57606a" font-size="11"'),
    "</g>",
  ].join("");
}

function legend(states: readonly GraphState[], y: number): string {
  let x = MARGIN;
  const parts = states.map((state) => {
    const { fill, line, label } = PAINTS[state];
    const dash = DASHED.has(state) ? ' stroke-dasharray="4 3"' : "";
    const part = `<rect x="${x}" y="${y - 7}" width="18" height="12" rx="3" fill="${fill}" stroke="${line}"${dash}/><text x="${x + 24}" y="${y + 3}" fill="#57606a" font-size="11">${label}</text>`;
    x += Math.round(label.length * LETTER + 40);
    return part;
  });
  return `<g>${parts.join("")}</g>`;
}

/** Escapes text for XML. */
export function escaped(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
