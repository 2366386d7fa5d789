/** The object graph as a Mermaid flowchart, which GitHub and GitLab draw. */
import type { ClusterReview, Node, Operation, Review } from "./model.ts";

const STYLES: readonly (readonly [Operation, string])[] = [
  ["create", "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"],
  ["update", "fill:#fff8c5,stroke:#9a6700,color:#1f2328"],
  ["replace", "fill:#ffd8b5,stroke:#bc4c00,color:#1f2328"],
  ["delete", "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4"],
];

/** The picture of some clusters and of the stack's own objects; empty where no cluster is to be shown. */
export function diagram(graph: Review["graph"], clusters: readonly ClusterReview[]): string {
  if (clusters.length === 0) return "";
  const names = new Set(clusters.map(({ name }) => name));
  const nodes = graph.nodes.filter(({ cluster }) => cluster === undefined || names.has(cluster));
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const machines = clusters.map(({ name, cost }, index) => ({ index, name, cost }));
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
    ...machines.flatMap(({ index, name, cost }) => {
      const cluster = ids.get(`ClusterDeployment ${name}`);
      if (cluster === undefined) return [];
      return [
        `  m${index}(["${cost.before.machines} → ${cost.after.machines} machines"])`,
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
  return `### Objects\n\n\`\`\`mermaid\n${lines.join("\n")}\n\`\`\`\n\n<sub>An arrow leads to what is named. Green: created, yellow: changed, orange: replaced, red: deleted.</sub>`;
}

function box({ id, label }: Node, ids: ReadonlyMap<string, string>): string {
  const [kind = "", ...name] = label.split(" ");
  return `${ids.get(id)}["${safe(kind)}<br/>${safe(name.join(" "))}"]`;
}

/** Names come from files: nothing in them ends a label. */
function safe(text: string): string {
  return text.replace(/[^\w.:/-]/g, "_");
}
