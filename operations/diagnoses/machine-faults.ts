/** What CAPX says of machines that it cannot make, and what that means. */

/** One kind of complaint. */
export interface MachineFault {
  readonly id: string;
  readonly pattern: RegExp;
  readonly what: string;
  readonly means: string;
  readonly remedy: string;
}

/** The first that fits is the cause. */
export const FAULTS: readonly MachineFault[] = [
  {
    id: "image-not-found",
    pattern:
      /found no image with name|more than one image found|failed to (?:find|get) image with|failed to find image with filter|system disk image .* is being deleted/i,
    what: "the image is not usable",
    means:
      "The image of the machines is not in Prism Central, is there more than once under that name, or is being deleted.",
    remedy:
      "upload the image, or name one by UUID in `machineDefaults.image`; it needs cloud-init, and the user must be allowed to see it",
  },
  {
    id: "subnet-not-found",
    pattern:
      /failed to retrieve subnet|more than one subnet found|failed to (?:find|get) subnet|at least one subnet is needed/i,
    what: "the subnet is not usable",
    means:
      "A subnet of the machines is not in Prism Central, or is there more than once under that name (names are unique on one Prism Element only).",
    remedy: "correct `machineDefaults.subnets`; where a name is there twice, write the UUID",
  },
  {
    id: "prism-element-not-found",
    pattern:
      /failed to retrieve Prism Element|more than one Prism Element|failed to (?:find|get) Prism Element|cluster name or uuid are required/i,
    what: "the Prism Element cluster is not usable",
    means:
      "The Prism Element cluster of the machines is not registered with this Prism Central, or has the same name as another, Prism Central's own included.",
    remedy: "correct `machineDefaults.cluster`; where a name is there twice, write the UUID",
  },
  {
    id: "project-not-found",
    pattern:
      /failed to retrieve project|more than one project found|failed to (?:find|get) project|searching for project|add VM .* to project/i,
    what: "the project is not usable",
    means: "The Nutanix project of the machines is not there, or the user is no member of it.",
    remedy:
      "correct `machineDefaults.project`, or add the user to the project. CAPX 1.8.0 has a known fault with projects: take a later one",
  },
  {
    id: "category-not-found",
    pattern:
      /category value .* not found|retrieving category|category identifiers? for vm|failed to retrieve category|creating category spec/i,
    what: "a category is not usable",
    means: "A category of the machines is not in Prism Central: CAPX makes only its own.",
    remedy: "make key and value in Prism Central, or correct `machineDefaults.additionalCategories`",
  },
  {
    id: "gpu-not-available",
    pattern: /no available GPUs? found|failed to get the GPU list/i,
    what: "there is no such GPU",
    means: "The Prism Element has no free GPU of the kind that the workers ask for.",
    remedy: "correct `worker.gpus`, free a GPU, or place the workers on another Prism Element",
  },
  {
    id: "storage-container-not-found",
    pattern: /failed to find storage container|storage container identifier/i,
    what: "the storage container is not usable",
    means: "A data disk names a storage container that the Prism Element does not have.",
    remedy: "correct `worker.dataDisks`",
  },
  {
    id: "machine-too-small",
    pattern: /minimum (?:systemDiskSize|memorySize|vcpus? \w+|data disk size)|invalid system disk size/i,
    what: "CAPX refuses the size",
    means:
      "CAPX makes no machine below 2 GiB of memory, 20 GiB of disk and one vCPU. This project's rules refuse that earlier: the size came in past them.",
    remedy: "correct the size in the stack file (`values` is merged in last) and run `pulumi up`",
  },
  {
    id: "out-of-resources",
    pattern:
      /insufficient|not enough|no host has enough|resource exhausted|exceed(?:s|ed)? .*quota|quota .*exceed|out of (?:memory|space)|NoHostResources/i,
    what: "Nutanix has no room",
    means:
      "The Prism Element has not enough memory, CPU or storage for the machine, or the project's quota is used up.",
    remedy: "free or add capacity, raise the project's quota, or ask for fewer or smaller machines",
  },
  {
    id: "vm-name-taken",
    pattern: /found more than one \(\d+\) vms with name|found VM with UUID \S+ but name/i,
    what: "another virtual machine has this name",
    means:
      "CAPX looks for a virtual machine of the Machine's name and takes it for its own. Two clusters of one name on one Prism Central take, and later delete, each other's machines.",
    remedy:
      "rename the cluster in the stack file (that makes a new one), or remove the other virtual machine once it is certain whose it is (`npm run orphans`)",
  },
];
