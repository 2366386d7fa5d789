/** The state of a stand-in that has what a stack refers to, for the sandbox. */
import { createHash } from "node:crypto";
import { isIPv4 } from "node:net";
import { categoryOf, projectOf } from "../../manifests/cluster-config.ts";
import { type Machine, machineGroups } from "../../manifests/machine-groups.ts";
import type { Identifier } from "../../schema/primitives.ts";
import type { Stack } from "../../schema/stack.ts";
import type { StandInContainer, StandInState, StandInUser } from "./stand-in-state.ts";

const GIB = 2 ** 30;
/** MiB of the one host of each Prism Element: enough for any stack. */
const HOST_MIB = 4 * 2 ** 20;
const HOST_CORES = 1024;
const FREE_BYTES = 2 ** 50;

/** What the stack's clusters refer to, each once, without a conflict. */
export function stateOfStack(stack: Stack, users: readonly StandInUser[]): StandInState {
  const groups = Object.values(stack.clusters).flatMap((cluster) =>
    machineGroups(cluster).map(({ machine }) => ({
      machine,
      endpoint: cluster.nutanix.controlPlaneEndpoint.host,
      csi: cluster.addons?.csi?.storageContainer,
    })),
  );
  const elements = distinct(groups.map(({ machine }) => object("element", machine.cluster)));
  const subnets = groups.flatMap(({ machine, endpoint }) => {
    const cluster = object("element", machine.cluster).uuid;
    return machine.subnets.map((subnet, index) => ({
      ...object("subnet", subnet),
      cluster,
      ...(index === 0 && isIPv4(endpoint) ? { network: { base: endpoint.replace(/\d+$/, "0"), prefix: 24 } } : {}),
    }));
  });
  return {
    version: "7.5.0.1",
    users,
    elements,
    subnets: distinct(subnets),
    images: distinct(
      groups.flatMap(({ machine: { image } }) =>
        image === undefined ? [] : [{ ...object("image", image), bytes: 2 * GIB }],
      ),
    ),
    projects: distinct(
      groups.flatMap(({ machine }) => {
        const project = projectOf(machine);
        return project === undefined ? [] : [object("project", project)];
      }),
    ),
    categories: groups.flatMap(({ machine }) => (machine.additionalCategories ?? []).map(categoryOf)),
    machines: [],
    hosts: elements.map(({ uuid }) => ({
      uuid: uuidOf(`host ${uuid}`),
      cluster: uuid,
      memoryMib: HOST_MIB,
      cores: HOST_CORES,
    })),
    containers: distinct(groups.flatMap(containersOf)),
    gpus: [],
  };
}

interface GroupStorage {
  readonly machine: Machine;
  /** Storage container of the cluster's volumes. */
  readonly csi: string | undefined;
}

/** The storage containers of a group, and the one that every Prism Element has by default. */
function containersOf({ machine, csi }: GroupStorage): StandInContainer[] {
  const cluster = object("element", machine.cluster).uuid;
  const ofDisks = (machine.dataDisks ?? []).flatMap(({ storageConfig }) => storageConfig?.storageContainer ?? []);
  const names = ["default-container", ...(csi === undefined ? [] : [csi])];
  return [...names.map((name): Identifier => ({ type: "name", name })), ...ofDisks].map((identifier) => {
    const { uuid, name } = object(`container ${cluster}`, identifier);
    return { uuid, name, cluster, freeBytes: FREE_BYTES };
  });
}

/** The object that an identifier refers to: name or UUID, whichever is missing, is derived from the other. */
function object(kind: string, identifier: Identifier): { uuid: string; name: string } {
  return identifier.type === "name"
    ? { name: identifier.name, uuid: uuidOf(`${kind} ${identifier.name}`) }
    : { name: `${kind}-${identifier.uuid.slice(-4)}`, uuid: identifier.uuid };
}

function distinct<T extends { readonly uuid: string }>(objects: readonly T[]): T[] {
  return [...new Map(objects.map((one) => [one.uuid, one])).values()];
}

/** A UUID derived from a text. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
