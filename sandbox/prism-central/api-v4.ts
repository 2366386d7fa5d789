/**
 * The v4 API. Envelopes and fields are those of the models that Nutanix publishes with its clients of the namespaces
 * clustermgmt, networking, vmm and prism; which of them matter follows prism-go-client's `converged/v4` and CAPX.
 */
import type { StandInState } from "./stand-in-state.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A response, before a fault replaces it. */
export interface StandInResponse {
  readonly status: number;
  readonly body: unknown;
}

const MAX_PAGE = 100;

const ip = (value: string | undefined) => (value === undefined ? undefined : { value, prefixLength: 32 });

/** Lists by path. */
const LISTS: Readonly<Record<string, (state: StandInState, query: URLSearchParams) => JsonObject[]>> = {
  "/api/clustermgmt/v4.0/config/clusters": ({ elements }) =>
    elements.map(({ uuid, name, service = "AOS" }) => ({
      extId: uuid,
      name,
      config: { clusterFunction: [service], isAvailable: true, hypervisorTypes: ["AHV"] },
    })),
  "/api/clustermgmt/v4.0/config/hosts": ({ hosts }) =>
    hosts.map(({ uuid, cluster, memoryMib, cores, threads = cores === undefined ? undefined : 2 * cores }) => ({
      extId: uuid,
      cluster: { uuid: cluster },
      memorySizeBytes: memoryMib * 2 ** 20,
      numberOfCpuCores: cores,
      numberOfCpuThreads: threads,
    })),
  "/api/clustermgmt/v4.0/config/storage-containers": ({ containers }) =>
    containers.map(({ uuid, name, cluster, isInternal = false }) => ({
      containerExtId: uuid,
      name,
      clusterExtId: cluster,
      isInternal,
    })),
  "/api/networking/v4.0/config/subnets": ({ subnets }) =>
    subnets.map(({ uuid, name, type = "VLAN", cluster, network, pools = [], gateway, dhcpServer }) => ({
      extId: uuid,
      name,
      subnetType: type,
      clusterReference: cluster,
      ...(network === undefined
        ? {}
        : {
            ipConfig: [
              {
                ipv4: {
                  ipSubnet: { ip: { value: network.base, prefixLength: 32 }, prefixLength: network.prefix },
                  defaultGatewayIp: ip(gateway),
                  dhcpServerAddress: ip(dhcpServer),
                  poolList: pools.map(({ from, to }) => ({ startIp: ip(from), endIp: ip(to) })),
                },
              },
            ],
            ipUsage: {
              ipPoolUsages: pools.map(({ from, to, free }) => ({
                numFreeIPs: free,
                range: { startIp: ip(from), endIp: ip(to) },
              })),
            },
          }),
    })),
  "/api/vmm/v4.0/content/images": ({ images }) =>
    images.map(({ uuid, name, bytes }) => ({ extId: uuid, name, type: "DISK_IMAGE", sizeBytes: bytes })),
  "/api/vmm/v4.0/ahv/config/vms": ({ machines }) =>
    machines.map(({ uuid, name, cluster, memoryMib, vcpus = 1, addresses, isOn = true }) => ({
      extId: uuid,
      name,
      cluster: { extId: cluster },
      memorySizeBytes: memoryMib * 2 ** 20,
      numSockets: vcpus,
      numCoresPerSocket: 1,
      numThreadsPerCore: 1,
      powerState: isOn ? "ON" : "OFF",
      nics: addresses.map((address) => ({
        networkInfo: { nicType: "NORMAL_NIC", ipv4Info: { learnedIpAddresses: [{ value: address }] } },
      })),
    })),
  "/api/prism/v4.0/config/categories": ({ categories }) =>
    categories.map(({ key, value }, index) => ({ extId: `category-${index}`, key, value, type: "USER" })),
  "/api/prism/v4.0/config/tasks": ({ images }, query) =>
    query.get("$filter")?.includes("operation eq 'kImageDelete'")
      ? images
          .filter(({ isBeingDeleted }) => isBeingDeleted)
          .map(({ uuid }) => ({
            extId: `task-${uuid}`,
            operation: "kImageDelete",
            status: "RUNNING",
            entitiesAffected: [{ extId: uuid, rel: "vmm:content:image" }],
          }))
      : [],
};

const STATS = /^\/api\/clustermgmt\/v4\.0\/stats\/storage-containers\/([^/]+)$/;
const GPUS = /^\/api\/clustermgmt\/v4\.0\/config\/clusters\/([^/]+)\/(physical|virtual)-gpu-profiles$/;

/** The v4 API's response to a GET; undefined: it has no such path. */
export function respondV4(state: StandInState, url: URL): StandInResponse | undefined {
  if (!/^\/api\/[a-z]+\/v4\.0\//.test(url.pathname) || !hasV4(state)) return undefined;
  if (url.pathname === "/api/prism/v4.0/config/domain-managers") {
    const config = { name: "stand-in", buildInfo: { version: `pc.${state.version}` } };
    return { status: 200, body: envelope([{ extId: "domain-manager", config }], 1) };
  }
  const [, container] = STATS.exec(url.pathname) ?? [];
  if (container !== undefined) return measured(state, container, url.searchParams);
  const items = LISTS[url.pathname]?.(state, url.searchParams) ?? gpus(state, url.pathname);
  if (items === undefined) return undefined;
  const size = Number(url.searchParams.get("$limit") ?? 50);
  if (size < 1 || size > MAX_PAGE) return { status: 400, body: errorV4("VMM-20002", "$limit must be 1 to 100") };
  const from = Number(url.searchParams.get("$page") ?? 0) * size;
  return { status: 200, body: envelope(items.slice(from, from + size), items.length) };
}

function hasV4({ version }: StandInState): boolean {
  const [year = 0, minor = 0] = version.split(".").map(Number);
  return year < 2000 || year > 2024 || (year === 2024 && minor >= 3);
}

/** Series of values with times, newest first, for the requested interval. */
function measured({ containers }: StandInState, uuid: string, query: URLSearchParams): StandInResponse | undefined {
  const container = containers.find((one) => one.uuid === uuid);
  if (container === undefined) return undefined;
  const [start, end] = ["$startTime", "$endTime"].map((key) => Date.parse(query.get(key) ?? ""));
  if (!start || !end) return { status: 400, body: errorV4("CLU-10002", "$startTime and $endTime are required") };
  const { freeBytes } = container;
  const series = (value: number) => [
    { value, timestamp: new Date(end).toISOString() },
    { value: value + 1, timestamp: new Date(start).toISOString() },
  ];
  return {
    status: 200,
    body: {
      metadata: { flags: [{ name: "hasError", value: false }] },
      data: {
        containerExtId: uuid,
        ...(freeBytes === undefined ? {} : { storageFreeBytes: series(freeBytes) }),
        $objectType: "clustermgmt.v4.stats.StorageContainerStats",
      },
    },
  };
}

function gpus({ gpus }: StandInState, path: string): JsonObject[] | undefined {
  const [, cluster, kind] = GPUS.exec(path) ?? [];
  if (cluster === undefined) return undefined;
  const isVirtual = kind === "virtual";
  return gpus
    .filter((gpu) => gpu.cluster === cluster && (gpu.isVirtual ?? false) === isVirtual)
    .map(({ name, deviceId, inUse }) => ({
      [isVirtual ? "virtualGpuConfig" : "physicalGpuConfig"]: {
        type: isVirtual ? "VIRTUAL" : "PASSTHROUGH_COMPUTE",
        deviceName: name,
        deviceId,
        vendorName: "kNvidia",
        isInUse: inUse,
      },
    }));
}

/** A page as all namespaces return it; an empty one has no `data`. */
function envelope(data: readonly JsonObject[], total: number): JsonObject {
  return {
    metadata: {
      flags: [
        { name: "hasError", value: false },
        { name: "isPaginated", value: true },
      ],
      totalAvailableResults: total,
      $objectType: "common.v1.response.ApiResponseMetadata",
    },
    ...(data.length === 0 ? {} : { data }),
  };
}

/** An error in the format of the v4 API. */
export function errorV4(code: string, message: string): JsonObject {
  return {
    data: {
      error: [{ message, severity: "ERROR", code, locale: "en-US", $objectType: "prism.v4.error.AppMessage" }],
      $objectType: "prism.v4.error.ErrorResponse",
    },
    metadata: { flags: [{ name: "hasError", value: true }] },
  };
}
