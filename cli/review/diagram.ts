/** The object graph as a Mermaid flowchart, which GitHub and GitLab render. */
import type { ClusterReview, Operation, Review, ReviewNode } from "./model.ts";

const STYLES: readonly (readonly [Operation, string])[] = [
  ["create", "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"],
  ["update", "fill:#fff8c5,stroke:#9a6700,color:#1f2328"],
  ["replace", "fill:#ffd8b5,stroke:#bc4c00,color:#1f2328"],
  ["delete", "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4"],
];

/** More would be unreadable, and GitHub draws no more than 500 edges. */
const MAX_CLUSTERS = 12;

/** The diagram of the first clusters and of the stack's own objects; empty without clusters. */
export function diagram(graph: Review["graph"], changed: readonly ClusterReview[]): string {
  if (changed.length === 0) return "";
  const clusters = changed.slice(0, MAX_CLUSTERS);
  const heading = clusters.length === changed.length ? "Objects" : `Objects of the first ${clusters.length} clusters`;
  const names = new Set(clusters.map(({ name }) => name));
  const nodes = graph.nodes.filter(({ cluster }) => cluster === undefined || names.has(cluster));
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const machines = clusters.map(({ name, capacity }, index) => ({ index, name, capacity }));
  const lines = [
    "flowchart LR",
    ...nodes.filter(({ cluster }) => cluster === undefined).map((node) => `  ${box(node, ids)}`),
    ...clusters.flatMap(({ name }, index) => [
      `  subgraph c${index}["${safe(name)}"]`,
      ...nodes.filter(({ cluster }) => cluster === name).map((node) => `    ${box(node, ids)}`),
      "  end",
    ]),
    ...graph.edges.flatMap(({ from, to }) => {
      const [one, other] = [ids.get(from), ids.get(to)];
      return one === undefined || other === undefined ? [] : [`  ${one} --> ${other}`];
    }),
    ...machines.flatMap(({ index, name, capacity }) => {
      const cluster = ids.get(`ClusterDeployment ${name}`);
      if (cluster === undefined) return [];
      return [
        `  m${index}(["${capacity.before.machines} → ${capacity.after.machines} machines"])`,
        `  ${cluster} -.-> m${index}`,
      ];
    }),
    ...STYLES.flatMap(([operation, style]) => {
      const styled = nodes.filter((node) => node.operation === operation).map(({ id }) => ids.get(id));
      return styled.length === 0
        ? []
        : [`  classDef ${operation}d ${style}`, `  class ${styled.join(",")} ${operation}d`];
    }),
  ];
  return `### ${heading}\n\n\`\`\`mermaid\n${lines.join("\n")}\n\`\`\`\n\n<sub>Arrows are references. Green: created, yellow: updated, orange: replaced, red: deleted.</sub>`;
}

function box({ id, label }: ReviewNode, ids: ReadonlyMap<string, string>): string {
  const [kind = "", ...name] = label.split(" ");
  return `${ids.get(id)}["${safe(kind)}<br/>${safe(name.join(" "))}"]`;
}

/** Names come from files, and must not end a label. */
function safe(text: string): string {
  return text.replace(/[^\w.:/-]/g, "_");
}
