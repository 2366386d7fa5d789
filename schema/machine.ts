import * as z from "zod";
import { because, identifier, positive, quantity } from "./primitives.ts";

const category = z.union(
  [
    z
      .string()
      .regex(
        /^[^:]+:.+$/,
        because("has no value", 'CAPX takes categories as pairs: write "key:value" or {key: …, value: …}'),
      ),
    z.strictObject({ key: z.string().min(1), value: z.string().min(1) }),
  ],
  { error: because("is not a category", 'CAPX takes categories as pairs: write "key:value" or {key: …, value: …}') },
);
export type Category = z.infer<typeof category>;

/** A project by its name alone, as text, or by name or UUID. */
const project = z.union([z.string().min(1), identifier], {
  error: because("is not a project", "write its name, or {type: name, name: …}, or {type: uuid, uuid: …}"),
});

const shape = {
  image: identifier.describe("image of the virtual machines"),
  cluster: identifier.describe("Prism Element cluster that the machines run on"),
  subnets: z
    .array(identifier)
    .min(1, because("is empty", "name one subnet or more; the first is the nodes' network"))
    .max(32, because("has more than the 32 subnets that CAPX takes", "name 32 at most"))
    .describe("subnets of the machines, in order; the first is the nodes' network"),
  bootType: z.enum(["legacy", "uefi"]).describe("firmware of the machines"),
  vcpusPerSocket: positive.describe("vCPUs of each socket"),
  vcpuSockets: positive.describe("sockets"),
  memorySize: quantity.describe("memory of each machine"),
  systemDiskSize: quantity.describe("system disk of each machine"),
  project: project.optional().describe("Nutanix project"),
  additionalCategories: z.array(category).max(32).optional().describe("categories put on each machine"),
};

/** What machines are made of, unless `controlPlane` or `worker` says otherwise. */
export const machineDefaults = z.strictObject({
  ...shape,
  bootType: shape.bootType.default("legacy"),
  vcpusPerSocket: shape.vcpusPerSocket.default(1),
  vcpuSockets: shape.vcpuSockets.default(2),
  memorySize: shape.memorySize.default("4Gi"),
  systemDiskSize: shape.systemDiskSize.default("40Gi"),
});
export type MachineDefaults = z.infer<typeof machineDefaults>;

/** What differs from `machineDefaults` for one role, key by key. */
export const machineOverrides = z.strictObject(shape).partial();
export type MachineOverrides = z.infer<typeof machineOverrides>;
