/** A Prism Central that has what a stack names: for the sandbox, where the machines are played too. */
import { createHash } from "node:crypto";
import { isIPv4 } from "node:net";
import { type Machine, machineGroups } from "../../manifests/machine-groups.ts";
import type { Identifier } from "../../schema/primitives.ts";
import type { Stack } from "../../schema/stack.ts";
import type { StandInContainer, StandInUser, World } from "./fixture.ts";

const GIB = 2 ** 30;
/** MiB of the one host of each Prism Element: enough for any stack that somebody tries here. */
const HOST_MIB = 4 * 2 ** 20;
const HOST_CORES = 1024;
const FREE_BYTES = 2 ** 50;

/** What the stack's clusters name, each once. Nothing of it is in anybody's way. */
export function worldOf(stack: Stack, users: readonly StandInUser[]): World {
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
      groups.flatMap(({ machine: { project } }) => {
        if (project === undefined) return [];
        return [object("project", typeof project === "string" ? { type: "name", name: project } : project)];
      }),
    ),
    categories: groups.flatMap(({ machine }) =>
      (machine.additionalCategories ?? []).map((category) => {
        if (typeof category !== "string") return category;
        const [key = "", ...value] = category.split(":");
        return { key, value: value.join(":") };
      }),
    ),
    machines: [],
    hosts: elements.map(({ uuid }) => ({
      uuid: standInUuid(`host ${uuid}`),
      cluster: uuid,
      memoryMib: HOST_MIB,
      cores: HOST_CORES,
    })),
    containers: distinct(groups.flatMap(containersOf)),
    gpus: [],
  };
}

interface Group {
  readonly machine: Machine;
  /** Storage container of the cluster's volumes. */
  readonly csi: string | undefined;
}

/** The storage containers that are named for a group, and the one that every Prism Element comes with. */
function containersOf({ machine, csi }: Group): StandInContainer[] {
  const cluster = object("element", machine.cluster).uuid;
  const named = (machine.dataDisks ?? []).flatMap(({ storageConfig }) => storageConfig?.storageContainer ?? []);
  const ofNames = ["default-container", ...(csi === undefined ? [] : [csi])];
  return [...ofNames.map((name): Identifier => ({ type: "name", name })), ...named].map((identifier) => {
    const { uuid, name } = object(`container ${cluster}`, identifier);
    return { uuid, name, cluster, freeBytes: FREE_BYTES };
  });
}

/** The object that an identifier means: its other half is made up, always the same. */
function object(kind: string, identifier: Identifier): { uuid: string; name: string } {
  return identifier.type === "name"
    ? { name: identifier.name, uuid: standInUuid(`${kind} ${identifier.name}`) }
    : { name: `${kind}-${identifier.uuid.slice(-4)}`, uuid: identifier.uuid };
}

function distinct<T extends { readonly uuid: string }>(objects: readonly T[]): T[] {
  return [...new Map(objects.map((one) => [one.uuid, one])).values()];
}

/** A UUID made of words. */
function standInUuid(words: string): string {
  const hex = createHash("sha256").update(words).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
