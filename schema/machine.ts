import * as z from "zod";
import { at, isMap } from "../policy/rules/plain-values.ts";
import {
  because,
  count,
  identifier,
  nodeLabels,
  partName,
  positive,
  profileName,
  quantity,
  shownName,
  taints,
  unique,
} from "./primitives.ts";

/** Key or value of a category: 64 characters at most, the limit of Prism Central, without blanks around them. */
export const categoryPart = z
  .string()
  .min(1, because("is empty", "set it"))
  .max(64, because("is longer than 64 characters, the limit of Prism Central", "use the one shown there"))
  .regex(/^\S(.*\S)?$/s, because("starts or ends with a blank", "remove the blank"));
const CATEGORY_TEXT = /^[^:\s]([^:]{0,62}[^:\s])?:\S(.{0,62}\S)?$/s;

function categoryError(input: unknown): string {
  const [key = "", value = ""] = typeof input === "string" ? input.split(/:(.*)/s) : [];
  if (value === "") return because("has no value", 'use "key:value" or {key: …, value: …}');
  if (key.length > 64 || value.length > 64)
    return because("is longer than 64 characters, the limit of Prism Central", "use the one shown there");
  return because("has a blank around its key or its value", "remove the blank");
}

const category = z.union(
  [
    z.string().regex(CATEGORY_TEXT, { error: ({ input }) => categoryError(input) }),
    z.strictObject({ key: categoryPart, value: categoryPart }),
  ],
  { error: because("is not a category", 'use "key:value" or {key: …, value: …}') },
);
export type Category = z.infer<typeof category>;

/** Both spellings of a category in one. */
function categoryText(category: unknown): string {
  return typeof category === "string" ? category : `${at(category, "key")}:${at(category, "value")}`;
}

/** A project by its name, or as an identifier. */
const project = z.union([shownName, identifier], {
  error: because("is not a project", "use its name, {type: name, name: …} or {type: uuid, uuid: …}"),
});

const gpu = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("name"),
      name: shownName,
    }),
    z.strictObject({ type: z.literal("deviceID"), deviceID: z.int().min(0) }),
  ],
  { error: () => because("is not a GPU", "use {type: name, name: …} or {type: deviceID, deviceID: …}") },
);

/** A data disk, as in CAPX. */
const dataDisk = z.strictObject({
  diskSize: quantity,
  deviceProperties: z
    .strictObject({
      deviceType: z.enum(["Disk", "CDRom"]),
      adapterType: z.enum(["SCSI", "IDE", "PCI", "SATA", "SPAPR"]),
      // As CAPX reads it, 0 is none: the charts then write a free one.
      deviceIndex: count.optional(),
    })
    .refine(({ deviceType, adapterType }) => deviceType === "Disk" || adapterType === "IDE", {
      path: ["adapterType"],
      error: because("is not an adapter of a CDRom", "use IDE, or deviceType: Disk"),
    })
    .optional(),
  storageConfig: z
    .strictObject({ diskMode: z.enum(["Standard", "Flash"]), storageContainer: identifier.optional() })
    .optional(),
  dataSource: identifier.optional(),
});

/** Image and imageLookup exclude one another; `when`: also if other keys are invalid. */
function withOneImage<T extends z.ZodObject<{ image: z.ZodType; imageLookup: z.ZodType }>>(machine: T) {
  return machine.refine(({ image, imageLookup }) => image === undefined || imageLookup === undefined, {
    path: ["imageLookup"],
    error: because("conflicts with image", "set one of the two"),
    when: ({ value }) => isMap(value),
  });
}

/** What JavaScript reads in a regular expression and Go rejects: lookarounds, references, empty classes, more than 1000 repetitions. */
const NOT_IN_GO = /\(\?<?[=!]|\\[1-9cku]|\[\^?\]|\{(\d+,)?(\d{5,}|[2-9]\d{3}|1\d{2}[1-9]|1\d[1-9]\d|1[1-9]\d\d)/;

/** Whether CAPX can read it: no template action but its two variables, and a regular expression once they have values. */
function isImageFormat(format: string): boolean {
  const pattern = format.replaceAll(/\{\{\s*\.(BaseOS|K8sVersion)\s*\}\}/g, "x");
  if (pattern.includes("{{") || NOT_IN_GO.test(pattern)) return false;
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Selects the image by a name with operating system and Kubernetes version. */
export const imageLookup = z.strictObject({
  baseOS: z
    .string()
    .min(1, because("is empty", "set the value of {{.BaseOS}} in image names"))
    .refine(
      isImageFormat,
      because("is not a regular expression, which CAPX needs", "set the value of {{.BaseOS}} in image names"),
    )
    .describe("operating system in the image name; instead of image"),
  format: z
    .string()
    .min(1, because("is empty", "set a template of image names, or remove it"))
    .refine(isImageFormat, {
      error: because(
        "is not a regular expression with {{.BaseOS}} and {{.K8sVersion}}, which CAPX needs",
        'correct it, such as "capx-{{.BaseOS}}-{{.K8sVersion}}-*"',
      ),
    })
    .optional()
    .describe(
      "regular expression of image names, of which the newest that matches is used; `{{.K8sVersion}}` is the Kubernetes version, such as 1.32.6; default: `capx-{{.BaseOS}}-{{.K8sVersion}}-*`",
    ),
});

const shape = {
  image: identifier.optional().describe("image of the virtual machines; either this or imageLookup"),
  imageLookup: imageLookup.optional().describe("image by the template of its name; instead of image"),
  cluster: identifier.describe("Prism Element cluster of the machines, without failure domains"),
  subnets: unique(
    z
      .array(identifier)
      .min(1, because("is empty", "add a subnet; the first is the node network"))
      .max(32, because("has more than 32 subnets, the limit of CAPX", "set 32 at most")),
    "a subnet",
  )
    .meta({ uniqueItems: true })
    .describe("subnets of the machines, in order; the first is the node network"),
  bootType: z.enum(["legacy", "uefi"]).describe("firmware of the machines"),
  vcpusPerSocket: positive.describe("vCPUs of each socket"),
  vcpuSockets: positive.describe("sockets"),
  memorySize: quantity.describe("memory of each machine"),
  systemDiskSize: quantity.describe("system disk of each machine"),
  project: project.optional().describe("Nutanix project"),
  additionalCategories: unique(z.array(category).max(32), "a category", categoryText)
    .optional()
    .describe("categories of each machine"),
};

/** Defaults of all machines. */
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
  error: because("is missing", "set {type: name, name: …} or {type: uuid, uuid: …}, or set imageLookup"),
  when: ({ value }) => isMap(value),
});
export type MachineDefaults = z.infer<typeof machineDefaults>;

const overridden = z.strictObject(shape).partial().shape;
const failureDomains = unique(
  z.array(partName).max(16, because("has more than 16 failure domains", "set 16 at most")),
  "a failure domain",
).meta({ uniqueItems: true });

const control = {
  ...overridden,
  failureDomains: failureDomains
    .optional()
    .describe("names of the failure domains to spread the machines over, instead of cluster and subnets"),
};

/** Overrides of `machineDefaults` for control plane machines. */
export const controlPlaneMachines = withOneImage(z.strictObject(control));

const workers = {
  ...control,
  gpus: z.array(gpu).max(32).optional().describe("GPUs of each machine"),
  dataDisks: z.array(dataDisk).max(32).optional().describe("disks of each machine, in addition to the system disk"),
};

/** Overrides of `machineDefaults` for workers. */
export const workerMachines = withOneImage(z.strictObject(workers));

/** An additional worker pool: overrides of `machineDefaults` and `worker`. */
export const workerPool = withOneImage(
  z.strictObject({
    replicas: count.describe("machines of the pool"),
    ...workers,
    labels: nodeLabels.optional().describe("labels of the pool's nodes, in addition to those of `k0s.worker`"),
    taints: taints.optional().describe("taints of the pool's nodes, instead of those of `k0s.worker`"),
    profile: profileName.optional().describe("worker profile of the pool, instead of the one of `k0s.worker`"),
  }),
);

export type WorkerMachines = z.infer<typeof workerMachines>;
/** Overrides of `machineDefaults` for any machines. */
export type MachineOverrides = WorkerMachines;

/** A Prism Element cluster and its subnets to run machines on. Its object is immutable. */
export const failureDomain = z.strictObject({
  cluster: identifier.describe("Prism Element cluster of the failure domain"),
  subnets: shape.subnets.describe("its subnets, in order; the first is the node network"),
});
export type FailureDomain = z.infer<typeof failureDomain>;
