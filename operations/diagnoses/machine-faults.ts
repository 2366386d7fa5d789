/** Why CAPX cannot create a machine, by its error messages. */

/** One group of messages. */
export interface MachineFault {
  readonly id: string;
  readonly pattern: RegExp;
  readonly cause: string;
  readonly description: string;
  readonly remedy: string;
}

/** The first that matches is the cause. */
export const MACHINE_FAULTS: readonly MachineFault[] = [
  {
    id: "image-not-found",
    pattern:
      /found no image with name|more than one image found|failed to (?:find|get) image with|failed to find image with filter|system disk image .* is being deleted/i,
    cause: "the image is not usable",
    description:
      "The image of the machines does not exist in Prism Central, is not unique by that name, or is being deleted.",
    remedy:
      "upload the image, or reference one by UUID in `machineDefaults.image`; it needs cloud-init, and the user must be allowed to see it",
  },
  {
    id: "subnet-not-found",
    pattern:
      /failed to retrieve subnet|more than one subnet found|failed to (?:find|get) subnet|at least one subnet is needed/i,
    cause: "the subnet is not usable",
    description:
      "A subnet of the machines does not exist in Prism Central, or is not unique by that name (names are unique within one Prism Element only).",
    remedy: "correct `machineDefaults.subnets`; where a name is not unique, set the UUID",
  },
  {
    id: "prism-element-not-found",
    pattern:
      /failed to retrieve Prism Element|more than one Prism Element|failed to (?:find|get) Prism Element|cluster name or uuid are required/i,
    cause: "the Prism Element cluster is not usable",
    description:
      "The Prism Element cluster of the machines is not registered with this Prism Central, or is not unique by that name, Prism Central's own included.",
    remedy: "correct `machineDefaults.cluster`; where a name is not unique, set the UUID",
  },
  {
    id: "project-not-found",
    pattern:
      /failed to retrieve project|more than one project found|failed to (?:find|get) project|searching for project|add VM .* to project/i,
    cause: "the project is not usable",
    description: "The Nutanix project of the machines does not exist, or the user is not a member of it.",
    remedy:
      "correct `machineDefaults.project`, or add the user to the project; CAPX 1.8.0 has a known bug with projects: use a later one",
  },
  {
    id: "category-not-found",
    pattern:
      /category value .* not found|retrieving category|category identifiers? for vm|failed to retrieve category|creating category spec/i,
    cause: "a category is not usable",
    description: "A category of the machines does not exist in Prism Central: CAPX creates only its own.",
    remedy: "create key and value in Prism Central, or correct `machineDefaults.additionalCategories`",
  },
  {
    id: "gpu-not-available",
    pattern: /no available GPUs? found|failed to get the GPU list/i,
    cause: "the GPU is not available",
    description: "The Prism Element has no free GPU of the kind that the workers request.",
    remedy: "correct `worker.gpus`, free a GPU, or use another Prism Element for the workers",
  },
  {
    id: "storage-container-not-found",
    pattern: /failed to find storage container|storage container identifier/i,
    cause: "the storage container is not usable",
    description: "A data disk references a storage container that the Prism Element does not have.",
    remedy: "correct `worker.dataDisks`",
  },
  {
    id: "machine-too-small",
    pattern: /minimum (?:systemDiskSize|memorySize|vcpus? \w+|data disk size)|invalid system disk size/i,
    cause: "CAPX rejects the size",
    description:
      "CAPX creates no machine below 2 GiB of memory, 20 GiB of disk and one vCPU. This project's policies reject such a size in the stack file; it was set in another way.",
    remedy: "correct the size in the stack file (`values` is merged in last) and run `pulumi up`",
  },
  {
    id: "out-of-resources",
    pattern:
      /insufficient|not enough|no host has enough|resource exhausted|exceed(?:s|ed)? .*quota|quota .*exceed|out of (?:memory|space)|NoHostResources/i,
    cause: "Nutanix has no capacity",
    description:
      "The Prism Element has not enough memory, CPU or storage for the machine, or the project's quota is used up.",
    remedy: "free or add capacity, raise the project's quota, or set fewer or smaller machines",
  },
  {
    id: "vm-name-conflict",
    pattern: /found more than one \(\d+\) vms with name|found VM with UUID \S+ but name/i,
    cause: "another virtual machine has this name",
    description:
      "CAPX finds its virtual machines by the Machine's name. Two clusters of one name on one Prism Central adopt, and later delete, each other's virtual machines.",
    remedy:
      "rename the cluster in the stack file (that creates a new one), or remove the other virtual machine once you know its owner (`npm run orphans`)",
  },
];
