import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterFileSchema, type JsonSchema } from "../../../schema/json-schema.ts";

const CHARTS = join(import.meta.dirname, "../../../charts");
const MODES = ["hcp", "standalone"] as const;

/** Words of the stack file that are the program's own, or that reach the chart in another shape. */
const OF_THE_STACK = [
  "mode",
  "credential",
  "labels",
  "waitForReady",
  "protect",
  "allowControlPlaneRollout",
  "values",
  "encryptionAtRest",
  "nutanix.prismCentral.trustBundle",
  "addons.csi.storageContainer",
];
/** Values of the charts that the program or kcm writes, or that `values` may set. */
const OF_THE_CHARTS = [
  "kcmLine",
  "clusterIdentity",
  "clusterLabels",
  "global",
  "encryptionAtRest",
  "kubeVip",
  "k0smotron",
  "loadBalancing.authPass",
  "addons.ccm.trustBundle",
];
/** What the charts ask for in their templates, or have defaults of. */
const ASKED_ELSEWHERE = ["machineDefaults.cluster", "machineDefaults.subnets", "nutanix.prismCentral.address"];

interface Leaf {
  readonly type: string;
  readonly limits: string;
  readonly required: boolean;
  readonly pattern: RegExp | undefined;
}

type Node = JsonSchema & Readonly<Record<string, any>>;

/** Every value that a schema knows, by its path: `[]` stands for the items of a list, `<name>` for the entries of a map. */
function leaves(
  root: Node,
  node: Node = root,
  place: { path: string; required: boolean } = { path: "", required: true },
) {
  const known = new Map<string, Leaf>();
  const add = (below: Node, path: string, required: boolean) => {
    for (const [name, leaf] of leaves(root, below, { path, required })) known.set(name, leaf);
  };
  const own = merged(resolved(root, node), root);
  const under = (key: string) => (place.path === "" ? key : `${place.path}.${key}`);
  const entries = Object.values(own["patternProperties"] ?? {})[0] ?? own.additionalProperties;
  if (own.properties && place.path !== "k0s.config") {
    // An object that may be empty says which keys need one another.
    const needed = [
      ...(own.required ?? []),
      ...Object.values(own["dependencies"] ?? {})
        .filter(Array.isArray)
        .flat(),
    ];
    for (const [key, value] of Object.entries(own.properties)) add(value as Node, under(key), needed.includes(key));
  } else if (typeof entries === "object" && Object.keys(entries).length > 0) {
    add(entries as Node, under("<name>"), false);
  } else {
    const limits = ["minimum", "maximum", "minItems", "maxItems", "enum"]
      .filter((key) => own[key] !== undefined)
      .map((key) => `${key} ${JSON.stringify(own[key])}`);
    known.set(place.path, {
      type: String(own.type ?? "any"),
      limits: limits.join(", "),
      required: place.required,
      pattern: typeof own["pattern"] === "string" ? new RegExp(own["pattern"]) : undefined,
    });
    if (own.items) add(own.items as Node, `${place.path}[]`, false);
  }
  return known;
}

function resolved(root: Node, node: Node): Node {
  const name = /^#\/definitions\/(.+)$/.exec(String(node["$ref"] ?? ""))?.[1];
  return name === undefined ? node : resolved(root, root["definitions"][name]);
}

/** Alternatives in one: of objects and texts the objects, since the program writes those; words of an enum together. */
function merged(node: Node, root: Node): Node {
  const alternatives = ((node.anyOf ?? node.oneOf) as Node[] | undefined)?.map((each) =>
    merged(resolved(root, each), root),
  );
  if (alternatives === undefined) {
    const { const: constant, ...rest } = node;
    const words = constant === undefined ? node.enum : [constant];
    return words === undefined ? node : { ...rest, type: node.type ?? "string", enum: [...words].sort() };
  }
  const objects = alternatives.filter(({ properties }) => properties !== undefined);
  if (objects.length === 0) return alternatives[0] ?? node;
  const properties: Record<string, Node> = {};
  for (const object of objects) {
    for (const [key, value] of Object.entries(object.properties ?? {})) {
      const [before, now] = [properties[key], merged(resolved(root, value as Node), root)];
      properties[key] = before?.enum ? { ...now, enum: [...before.enum, ...(now.enum ?? [])].sort() } : now;
    }
  }
  const required = Object.keys(properties).filter((key) => objects.every((object) => object.required?.includes(key)));
  return { type: "object", properties, required };
}

const isBelow = (path: string, tops: readonly string[]) =>
  tops.some((top) => path === top || path.startsWith(`${top}.`) || path.startsWith(`${top}[`));

const PROBES = ["", " ", "a", "A_b", "-a", "a.b", "10.1.1.1", "10.1.1.1/33", "a/b", "http://a", "https://u:p@a", "4Gi"];
PROBES.push("4G", "1", "1.2", "1.2.3", "v1.2.3", "v1.32.6+k0s.0", "$(id)", "a;b", "a".repeat(64), "a".repeat(300), "ä");

for (const mode of MODES) {
  describe(`the values of nutanix-k0s-${mode} and a cluster in the stack file`, () => {
    const chart = leaves(JSON.parse(readFileSync(join(CHARTS, `nutanix-k0s-${mode}/values.schema.json`), "utf8")));
    const modes = (clusterFileSchema().oneOf ?? []) as Node[];
    const stack = leaves(modes.find(({ properties }) => properties?.["mode"]?.const === mode) as Node);
    const shared = [...stack].filter(([path]) => !isBelow(path, OF_THE_STACK));

    it("know the same words, but for those that only one of them has", () => {
      const own = [...chart.keys()].filter((path) => !isBelow(path, OF_THE_CHARTS));
      assert.deepEqual(own.sort(), shared.map(([path]) => path).sort());
      assert.ok(own.length > 80);
    });

    it("give each of them the same type, limits and choices", () => {
      // The stack file's control plane is asked for an odd number by a rule.
      const told = ([path, { type, limits }]: readonly [string, Leaf]) => `${path}: ${type} ${limits}`;
      const compared = shared.filter(([path]) => path !== "controlPlaneNumber");
      assert.deepEqual(
        compared.map(([path]) => told([path, chart.get(path) as Leaf])),
        compared.map(told),
      );
    });

    it("both need what the stack file needs", () => {
      const free = shared
        .filter(([path, { required }]) => required && !chart.get(path)?.required)
        .map(([path]) => path)
        .filter((path) => !isBelow(path, ASKED_ELSEWHERE));
      assert.deepEqual(free, []);
    });

    it("take no text in the chart that the stack file refuses", () => {
      let refused = 0;
      for (const [path, { pattern }] of shared) {
        for (const probe of PROBES.filter((each) => pattern && !pattern.test(each))) {
          refused += 1;
          assert.ok(chart.get(path)?.pattern?.test(probe) !== true, `${path} takes ${JSON.stringify(probe)}`);
        }
      }
      assert.ok(refused > 100);
    });
  });
}
