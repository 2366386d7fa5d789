/** Values of the cluster charts that describe machines: those of the stack file, with CAPX's limits and in one spelling. */
import * as z from "zod";
import * as machine from "../machine.ts";
import { identifier, partName } from "../primitives.ts";
import { atLeast, distinct, optional } from "./value-types.ts";

const stack = machine.machineDefaults.shape;

const subnets = distinct(identifier, { minItems: 1, maxItems: 32 }).describe(stack.subnets.description ?? "");
const limits = {
  subnets: subnets.optional(),
  memorySize: atLeast("2Gi").describe("memory of each machine, at least 2Gi"),
  systemDiskSize: atLeast("20Gi").describe("system disk of each machine, at least 20Gi"),
  project: identifier.optional().describe("Nutanix project, by name or UUID"),
  additionalCategories: distinct(z.strictObject({ key: machine.categoryPart, value: machine.categoryPart }), {
    maxItems: 32,
  })
    .optional()
    .describe("existing categories that are assigned to each machine"),
};

export const machineDefaults = z.strictObject({
  ...stack,
  ...limits,
  cluster: stack.cluster.optional(),
  memorySize: limits.memorySize.default(stack.memorySize.def.defaultValue),
  systemDiskSize: limits.systemDiskSize.default(stack.systemDiskSize.def.defaultValue),
});

const overrides = {
  ...limits,
  memorySize: limits.memorySize.optional(),
  systemDiskSize: limits.systemDiskSize.optional(),
};
const disk = machine.workerMachines.shape.dataDisks.unwrap().element;
const workerShape = {
  ...machine.workerMachines.shape,
  ...overrides,
  dataDisks: z
    .array(z.strictObject({ ...disk.shape, diskSize: atLeast("1Gi") }))
    .max(32)
    .optional()
    .describe("disks of each machine beside the system disk, in CAPX's fields"),
};

export const worker = optional(z.strictObject(workerShape), {}).describe(
  "values that differ from machineDefaults for workers, key by key",
);
export const controlPlane = optional(
  z.strictObject({ ...machine.controlPlaneMachines.shape, ...overrides }),
  {},
).describe("values that differ from machineDefaults for control plane machines, key by key");
export const workerPools = optional(
  z.record(partName, z.strictObject({ ...machine.workerPool.shape, ...workerShape })),
  {},
).describe("pools of workers by name, beside the one of workersNumber: what differs from worker");
export const failureDomains = optional(
  z.record(partName, z.strictObject({ ...machine.failureDomain.shape, subnets })),
  {},
).describe("failure domains by name; they are immutable");
