/** What a review says, as data: `npm run review -- --json` prints it, and the page is made of it. */
import * as z from "zod";

const operation = z.enum(["create", "update", "replace", "delete", "same"]);
export type Operation = z.infer<typeof operation>;

const field = z
  .strictObject({
    path: z.string().describe("path in the object; of a ClusterDeployment's values, in the words of the stack file"),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    hidden: z.boolean().optional().describe("the values are secret, or may be: that they differ is all that is said"),
    unknown: z.boolean().optional().describe("the new value is known only during the update"),
  })
  .readonly();
export type Field = z.infer<typeof field>;

const change = z
  .strictObject({
    operation,
    kind: z.string(),
    name: z.string(),
    namespace: z.string().optional(),
    cluster: z.string().optional().describe("cluster that the object belongs to; none: the stack's own"),
    protected: z.boolean().optional().describe("Pulumi refuses to delete it"),
    fields: z.array(field),
  })
  .readonly();
export type Change = z.infer<typeof change>;

const capacity = z
  .strictObject({ machines: z.number(), vcpus: z.number(), memoryGib: z.number(), diskGib: z.number() })
  .readonly();

const roll = z
  .strictObject({
    group: z.string().describe("control-plane, or the name of a MachineDeployment without the cluster's"),
    machines: z.number().describe("machines that are replaced, or updated in place"),
    how: z.enum(["replaced", "updated in place"]),
    why: z.array(z.string()).describe("what makes them roll"),
  })
  .readonly();
export type Roll = z.infer<typeof roll>;

const cost = z
  .strictObject({
    before: capacity,
    after: capacity,
    onTop: capacity.describe("what rolling updates need for as long as they last, beside what is there after"),
  })
  .readonly();
export type Cost = z.infer<typeof cost>;

const cluster = z
  .strictObject({
    name: z.string(),
    operation,
    mode: z.string(),
    protected: z.boolean().optional(),
    changes: z.array(change).describe("its objects, but for those that stay as they are"),
    asks: z.array(z.string()).describe("what the cluster is made of: endpoint, version, groups of machines"),
    rolls: z.array(roll),
    notes: z.array(z.string()).describe("what a change does not do, or does beside machines"),
    cost,
  })
  .readonly();
export type ClusterReview = z.infer<typeof cluster>;

const edge = z.strictObject({ from: z.string(), to: z.string() }).readonly();
const node = z
  .strictObject({ id: z.string(), label: z.string(), operation, cluster: z.string().optional() })
  .readonly();
export type Node = z.infer<typeof node>;
export type Edge = z.infer<typeof edge>;

export const review = z
  .strictObject({
    stack: z.string(),
    environment: z.string().optional(),
    source: z.enum(["preview", "render"]).describe("who said what changes: Pulumi's engine, or the two stack files"),
    compared: z.strictObject({ base: z.string(), head: z.string() }).readonly(),
    verdict: z.enum(["refused", "warned", "passed"]),
    refused: z.array(z.string()).describe("what cannot be read, what a rule refuses, what the engine calls an error"),
    warned: z.array(z.string()),
    secrets: z.array(z.strictObject({ path: z.string(), operation }).readonly()).describe("settings kept as secrets"),
    clusters: z.array(cluster),
    unchanged: z.array(z.string()).describe("names of clusters that stay as they are"),
    shared: z.array(change).describe("changed objects of no single cluster"),
    cost,
    graph: z.strictObject({ nodes: z.array(node), edges: z.array(edge) }).readonly(),
    unknown: z.array(z.string()).describe("what this review could not know"),
  })
  .readonly();
export type Review = z.infer<typeof review>;
