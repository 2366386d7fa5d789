import * as z from "zod";
import { because, count, identifier, labels, partName, positive, quantity, taint } from "./primitives.ts";

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

const gpu = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("name"),
      name: z.string().min(1, because("is empty", "write the name that Prism Central shows")),
    }),
    z.strictObject({ type: z.literal("deviceID"), deviceID: z.int().min(0) }),
  ],
  { error: () => because("is not a GPU", "write {type: name, name: …} or {type: deviceID, deviceID: …}") },
);

/** A disk in CAPX's words; which adapters and places go together is a rule's question. */
const dataDisk = z.strictObject({
  diskSize: quantity,
  deviceProperties: z
    .strictObject({
      deviceType: z.enum(["Disk", "CDRom"]),
      adapterType: z.enum(["SCSI", "IDE", "PCI", "SATA", "SPAPR"]),
      deviceIndex: count.optional(),
    })
    .optional(),
  storageConfig: z
    .strictObject({ diskMode: z.enum(["Standard", "Flash"]), storageContainer: identifier.optional() })
    .optional(),
  dataSource: identifier.optional(),
});

const isMap = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Image and imageLookup exclude one another; asked even where another key cannot be read. */
function withOneImage<T extends z.ZodObject<{ image: z.ZodType; imageLookup: z.ZodType }>>(machine: T) {
  return machine.refine(({ image, imageLookup }) => image === undefined || imageLookup === undefined, {
    path: ["imageLookup"],
    error: because("stands beside image", "write one of the two"),
    when: ({ value }) => isMap(value),
  });
}

/** CAPX looks the image up by its name, made of the operating system and the Kubernetes version. */
export const imageLookup = z.strictObject({
  baseOS: z
    .string()
    .min(1, because("is empty", "write what stands for {{.BaseOS}} in the images' names"))
    .describe("operating system in the image's name; in place of image"),
  format: z
    .string()
    .min(1, because("is empty", "write a template of the images' names, or leave it out"))
    .optional()
    .describe("what the image's name looks like; default: `capx-{{.BaseOS}}-{{.K8sVersion}}-*`"),
});

const shape = {
  image: identifier.optional().describe("image of the virtual machines; this or imageLookup, one of the two"),
  imageLookup: imageLookup.optional().describe("image by the form of its name; in place of image"),
  cluster: identifier.describe("Prism Element cluster that the machines run on, where they have no failure domains"),
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

/** What machines are made of, unless `controlPlane`, `worker` or a pool says otherwise. */
export const machineDefaults = withOneImage(
  z.strictObject({
    ...shape,
    bootType: shape.bootType.default("legacy"),
    vcpusPerSocket: shape.vcpusPerSocket.default(1),
    vcpuSockets: shape.vcpuSockets.default(2),
    memorySize: shape.memorySize.default("4Gi"),
    systemDiskSize: shape.systemDiskSize.default("40Gi"),
  }),
).refine(({ image, imageLookup }) => image !== undefined || imageLookup !== undefined, {
  path: ["image"],
  error: because("is missing", "write {type: name, name: …} or {type: uuid, uuid: …}, or imageLookup in its place"),
  when: ({ value }) => isMap(value),
});
export type MachineDefaults = z.infer<typeof machineDefaults>;

const overridden = z.strictObject(shape).partial().shape;
const failureDomains = z
  .array(partName)
  .max(16, because("has more than the 16 failure domains that are taken", "name 16 at most"))
  .refine((names) => new Set(names).size === names.length, {
    error: because("names a failure domain twice", "name each once"),
  });

const control = {
  ...overridden,
  failureDomains: failureDomains
    .optional()
    .describe("names of the failure domains that the machines are spread over, in place of cluster and subnets"),
};

/** What differs from `machineDefaults` for control plane machines, key by key. */
export const controlPlaneMachines = withOneImage(z.strictObject(control));

const workers = {
  ...control,
  gpus: z.array(gpu).max(32).optional().describe("GPUs of each machine"),
  dataDisks: z.array(dataDisk).max(32).optional().describe("disks of each machine beside the system disk"),
};

/** What differs from `machineDefaults` for workers, key by key. */
export const workerMachines = withOneImage(z.strictObject(workers));

/** A pool of workers beside the first one: what differs from `machineDefaults` and `worker`, key by key. */
export const workerPool = withOneImage(
  z.strictObject({
    replicas: count.describe("machines of the pool"),
    ...workers,
    labels: labels.optional().describe("labels of the pool's nodes, beside those of `k0s.worker`"),
    taints: z.array(taint).optional().describe("taints of the pool's nodes, in place of those of `k0s.worker`"),
  }),
);

export type ControlPlaneMachines = z.infer<typeof controlPlaneMachines>;
export type WorkerMachines = z.infer<typeof workerMachines>;
export type WorkerPool = z.infer<typeof workerPool>;
/** What may differ from `machineDefaults` for any group of machines. */
export type MachineOverrides = WorkerMachines;

/** Where machines can run: a Prism Element cluster and its subnets. Its object cannot be changed once it is there. */
export const failureDomain = z.strictObject({
  cluster: identifier.describe("Prism Element cluster of the failure domain"),
  subnets: shape.subnets.describe("its subnets, in order; the first is the nodes' network"),
});
export type FailureDomain = z.infer<typeof failureDomain>;
