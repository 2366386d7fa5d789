/**
 * Answers of the v3 API. Shapes are those of prism-go-client's `v3/v3_structs.go`, and of the answers of a Prism Central 2024.1
 * and 2024.3 that its tests carry; fields that nobody here reads are left out.
 */
import type { Answer } from "./api-v4.ts";
import type { StandInUser, World } from "./fixture.ts";

type Plain = Readonly<Record<string, unknown>>;

const entity = (kind: string, uuid: string, status: Plain): Plain => ({
  status: { state: "COMPLETE", ...status },
  spec: { name: status["name"] },
  metadata: { kind, uuid },
});
const clusterReference = (uuid: string | undefined) =>
  uuid === undefined ? {} : { cluster_reference: { kind: "cluster", uuid } };

const LISTS: Readonly<Record<string, (world: World) => Plain[]>> = {
  cluster: ({ elements }) =>
    elements.map(({ uuid, name, service = "AOS" }) =>
      entity("cluster", uuid, { name, resources: { config: { service_list: [service] } } }),
    ),
  host: ({ hosts, gpus }) =>
    hosts.map(({ uuid, cluster, memoryMib, cores }, index) =>
      entity("host", uuid, {
        ...clusterReference(cluster),
        resources: {
          memory_capacity_mib: memoryMib,
          num_cpu_cores: cores,
          // All GPUs of a cluster are in its first host.
          gpu_list:
            hosts.findIndex((host) => host.cluster === cluster) === index
              ? gpus
                  .filter((gpu) => gpu.cluster === cluster)
                  .map(({ name, deviceId, inUse }) => ({
                    name,
                    device_id: deviceId,
                    status: inUse ? "USED" : "UNUSED",
                  }))
              : [],
        },
      }),
    ),
  subnet: ({ subnets }) =>
    subnets.map(({ uuid, name, type = "VLAN", cluster, network, pools = [], gateway, dhcpServer }) =>
      entity("subnet", uuid, {
        name,
        ...clusterReference(cluster),
        resources: {
          subnet_type: type,
          ...(network === undefined
            ? {}
            : {
                ip_config: {
                  subnet_ip: network.base,
                  prefix_length: network.prefix,
                  default_gateway_ip: gateway,
                  ...(dhcpServer === undefined ? {} : { dhcp_server_address: { ip: dhcpServer } }),
                  pool_list: pools.map(({ from, to }) => ({ range: `${from} ${to}` })),
                },
                ip_usage_stats: {
                  ip_pools_stats: pools.map(({ from, to, free }) => ({ range: `${from} ${to}`, num_free_ips: free })),
                },
              }),
        },
      }),
    ),
  image: ({ images }) =>
    images.map(({ uuid, name, bytes, isBeingDeleted }) =>
      entity("image", uuid, {
        name,
        state: isBeingDeleted ? "DELETE_PENDING" : "COMPLETE",
        resources: { image_type: "DISK_IMAGE", size_bytes: bytes },
      }),
    ),
  project: ({ projects }) => projects.map(({ uuid, name }) => entity("project", uuid, { name, resources: {} })),
  vm: ({ machines }) =>
    machines.map(({ uuid, name, cluster, memoryMib, vcpus = 1, addresses, isOn = true }) =>
      entity("vm", uuid, {
        name,
        ...clusterReference(cluster),
        resources: {
          power_state: isOn ? "ON" : "OFF",
          memory_size_mib: memoryMib,
          num_sockets: vcpus,
          num_vcpus_per_socket: 1,
          nic_list: addresses.map((ip) => ({ nic_type: "NORMAL_NIC", ip_endpoint_list: [{ ip, type: "ASSIGNED" }] })),
        },
      }),
    ),
};

const BASE = "/api/nutanix/v3/";

/** A question to the v3 API. */
export interface Question {
  readonly path: string;
  /** Body of a `list` call. */
  readonly body: unknown;
  readonly user: StandInUser;
}

/** The v3 API's answer; undefined: it has no such path. */
export function answerOfV3(world: World, { path, body, user }: Question): Answer | undefined {
  if (!path.startsWith(BASE)) return undefined;
  const [first = "", second = "", third] = path.slice(BASE.length).split("/");
  if (second === "list" && LISTS[first.replace(/s$/, "")] !== undefined)
    return page(world, first.replace(/s$/, ""), body);
  if (first === "users" && second === "me") return { status: 200, body: me(user) };
  if (first === "prism_central")
    return { status: 200, body: { resources: { version: `pc.${world.version}`, type: "PC" } } };
  if (first === "access_control_policies") {
    return {
      status: 200,
      body: entity("access_control_policy", second, { resources: { role_reference: reference("role") } }),
    };
  }
  if (first === "roles" && user.role !== undefined) {
    const { name, permissions } = user.role;
    const list = permissions.map((permission) => ({ kind: "permission", name: permission.replaceAll(" ", "_") }));
    return { status: 200, body: entity("role", second, { name, resources: { permission_reference_list: list } }) };
  }
  if (first === "categories" && third === "list") {
    const values = world.categories.filter(({ key }) => key === decodeURIComponent(second));
    const entities = values.map(({ key, value }) => ({ name: key, value, system_defined: false }));
    return { status: 200, body: { entities, metadata: { kind: "category", total_matches: entities.length } } };
  }
  if (first === "categories" && third !== undefined) {
    const [key, value] = [decodeURIComponent(second), decodeURIComponent(third)];
    const found = world.categories.some((category) => category.key === key && category.value === value);
    return found
      ? { status: 200, body: { name: key, value, system_defined: false } }
      : { status: 404, body: errorOfV3(404, "ENTITY_NOT_FOUND", `category ${key}:${value} not found`) };
  }
  return undefined;
}

const reference = (kind: string) => ({ kind, uuid: "00000000-0000-4000-8000-000000000001" });

function me({ role }: StandInUser): Plain {
  return entity("user", "00000000-0000-4000-8000-000000000002", {
    resources: {
      user_type: role === undefined ? "LOCAL" : "DIRECTORY_SERVICE",
      access_control_policy_reference_list: role === undefined ? [] : [reference("access_control_policy")],
    },
  });
}

function page(world: World, kind: string, body: unknown): Answer {
  const { length = 20, offset = 0 } = (body ?? {}) as { length?: number; offset?: number };
  const all = LISTS[kind]?.(world) ?? [];
  const entities = all.slice(offset, offset + length);
  const metadata = { kind, offset, length: entities.length, total_matches: all.length };
  return { status: 200, body: { api_version: "3.1", metadata, entities } };
}

/** An error as the v3 API words it. */
export function errorOfV3(code: number, reason: string, message: string): Plain {
  return { api_version: "3.1", code, state: "ERROR", message_list: [{ message, reason }] };
}
