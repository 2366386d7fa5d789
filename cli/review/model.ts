/** The data of a review: `npm run review -- --json` prints it, and the page is rendered from it. */
import * as z from "zod";

const operation = z.enum(["create", "update", "replace", "delete", "same"]);
export type Operation = z.infer<typeof operation>;

const field = z
  .strictObject({
    path: z.string().describe("path in the object; in the values of a ClusterDeployment, the path in the stack file"),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    hidden: z.boolean().optional().describe("the values are or may be secret, and are left out"),
    unknown: z.boolean().optional().describe("the new value is known only during the update"),
  })
  .readonly();
export type FieldChange = z.infer<typeof field>;

const change = z
  .strictObject({
    operation,
    kind: z.string(),
    name: z.string(),
    namespace: z.string().optional(),
    cluster: z.string().optional().describe("cluster of the object; absent: the stack"),
    protected: z.boolean().optional().describe("Pulumi does not delete it"),
    fields: z.array(field),
  })
  .readonly();
export type ObjectChange = z.infer<typeof change>;

const total = z
  .strictObject({ machines: z.number(), vcpus: z.number(), memoryGib: z.number(), diskGib: z.number() })
  .readonly();

const rollout = z
  .strictObject({
    group: z.string().describe("control-plane, or the suffix of a MachineDeployment's name"),
    machines: z.number(),
    how: z.enum(["replaced", "updated in place"]),
    why: z.array(z.string()).describe("changed settings that cause it"),
  })
  .readonly();
export type MachineRollout = z.infer<typeof rollout>;

const capacity = z
  .strictObject({
    before: total,
    after: total,
    surge: total.describe("what rolling updates need in addition while they run"),
  })
  .readonly();
export type CapacityChange = z.infer<typeof capacity>;

const cluster = z
  .strictObject({
    name: z.string(),
    operation,
    mode: z.string(),
    protected: z.boolean().optional(),
    changes: z.array(change).describe("changed objects of the cluster"),
    endpoint: z.string().optional().describe("host:port of the API server"),
    summary: z.array(z.string()).describe("version and machine groups"),
    rollouts: z.array(rollout),
    notes: z.array(z.string()).describe("side effects, and settings that existing machines do not get"),
    capacity,
  })
  .readonly();
export type ClusterReview = z.infer<typeof cluster>;

const edge = z.strictObject({ from: z.string(), to: z.string() }).readonly();
const node = z
  .strictObject({ id: z.string(), label: z.string(), operation, cluster: z.string().optional() })
  .readonly();
export type ReviewNode = z.infer<typeof node>;
export type ReviewEdge = z.infer<typeof edge>;

export const review = z
  .strictObject({
    stack: z.string(),
    environment: z.string().optional(),
    source: z.enum(["preview", "render"]).describe("where changes come from: Pulumi's engine, or both stack files"),
    compared: z.strictObject({ base: z.string(), head: z.string() }).readonly(),
    verdict: z.enum(["violations", "warnings", "passed"]),
    violations: z.array(z.string()).describe("configuration errors, policy violations, errors of the engine"),
    warnings: z.array(z.string()),
    settings: z
      .array(field)
      .describe("changed settings of the stack file, some of which change no object; the environment is first"),
    secrets: z.array(z.strictObject({ path: z.string(), operation }).readonly()).describe("changed secrets"),
    clusters: z.array(cluster),
    unchanged: z.array(z.string()).describe("names of unchanged clusters"),
    shared: z.array(change).describe("changed objects that belong to no single cluster"),
    capacity,
    graph: z.strictObject({ nodes: z.array(node), edges: z.array(edge) }).readonly(),
    unknown: z.array(z.string()).describe("what this review cannot know"),
  })
  .readonly();
export type Review = z.infer<typeof review>;
