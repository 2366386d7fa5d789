/** Random edits of a stack file with many clusters. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import type { ClusterInput } from "../schema/cluster.ts";

const VERBS = ["add", "remove", "scale", "rotate", "rename", "change machines"] as const;

/** An edit, before it is known which clusters there are. */
export interface Edit {
  readonly verb: (typeof VERBS)[number];
  /** Chooses the cluster. */
  readonly pick: number;
  readonly amount: number;
}

export function randomEdits(count: number, seed: number): Edit[] {
  const edit = fc.record({
    verb: fc.constantFrom(...VERBS),
    pick: fc.nat({ max: 1_000_000 }),
    amount: fc.integer({ min: 1, max: 4 }),
  });
  return fc.sample(edit, { seed, numRuns: count });
}

const LEAST = 5;
/** Sizes of workers: one more than the largest amount, so that each change is one. */
const MEMORY: readonly string[] = ["6Gi", "8Gi", "10Gi", "12Gi", "14Gi"];

/** Clusters by name, and the revisions of the passwords of those with a login of their own. */
export class Model {
  readonly clusters = new Map<string, ClusterInput>();
  readonly revisions = new Map<string, number>();
  #added = 0;
  readonly #templates: readonly ClusterInput[];

  constructor(templates: readonly ClusterInput[], count: number) {
    this.#templates = templates;
    for (let index = 0; index < count; index += 1) this.#add();
  }

  /** Makes an edit; returns its verb and the names of the clusters that it changes. Some clusters always stay. */
  apply(edit: Edit): readonly [verb: string, ...names: string[]] {
    const { pick, amount } = edit;
    const isAdded = edit.verb === "remove" && this.clusters.size <= LEAST;
    const verb = isAdded ? "add" : edit.verb;
    const names = [...this.clusters.keys()];
    const rotatable = [...this.revisions.keys()];
    const name = (verb === "rotate" ? rotatable : names)[pick % (verb === "rotate" ? rotatable : names).length] ?? "";
    const spec = this.clusters.get(name);
    if (verb === "add" || spec === undefined) return ["add", this.#add()];
    switch (verb) {
      case "remove":
        this.#remove(name);
        return [verb, name];
      case "scale":
        this.clusters.set(name, { ...spec, workersNumber: ((spec.workersNumber ?? 2) % 5) + 1 });
        return [verb, name];
      case "rotate":
        this.revisions.set(name, (this.revisions.get(name) ?? 0) + 1);
        return [verb, name];
      case "rename": {
        const renamed = this.#name();
        if (this.revisions.has(name)) this.revisions.set(renamed, 1);
        this.#remove(name);
        this.clusters.set(renamed, spec);
        return [verb, name, renamed];
      }
      case "change machines": {
        const at = MEMORY.indexOf(spec.worker?.memorySize ?? "");
        const memorySize = MEMORY[(at + amount) % MEMORY.length];
        this.clusters.set(name, { ...spec, worker: { ...spec.worker, ...(memorySize && { memorySize }) } });
        return [verb, name];
      }
    }
  }

  /** Writes a file for each cluster, and returns their logins. */
  write(folder: string): Readonly<Record<string, object>> {
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder)) rmSync(join(folder, file));
    for (const [name, spec] of this.clusters) writeFileSync(join(folder, `${name}.yaml`), stringify(spec));
    return Object.fromEntries(
      [...this.revisions].map(([name, revision]) => [name, { username: `svc-${name}`, generate: { revision } }]),
    );
  }

  #name(): string {
    this.#added += 1;
    return `c${this.#added}x`;
  }

  #add(): string {
    const name = this.#name();
    const spec = structuredClone(this.#templates[this.#added % this.#templates.length]) as ClusterInput;
    // No endpoint is used a second time: the last clusters of it may be there still.
    spec.nutanix.controlPlaneEndpoint.host = `10.2.${Math.floor(this.#added / 250)}.${(this.#added % 250) + 1}`;
    this.clusters.set(name, spec);
    if (spec.nutanix.prismCentral?.usePerClusterCredential) this.revisions.set(name, 1);
    return name;
  }

  #remove(name: string): void {
    this.clusters.delete(name);
    this.revisions.delete(name);
  }
}
