import { only, type Rendered } from "./helm-template.ts";

interface Repository {
  name: string;
  url: string;
  insecure?: boolean;
}

/** A k0s ClusterConfig, as far as its rules are known here. */
interface ClusterConfig {
  apiVersion: string;
  kind: string;
  spec: {
    api?: { externalAddress?: string; port?: number; sans?: string[]; extraArgs?: Record<string, string> };
    network: {
      provider: string;
      calico?: object;
      nodeLocalLoadBalancing?: { enabled: boolean; type: string };
      controlPlaneLoadBalancing?: {
        enabled: boolean;
        type: string;
        keepalived: {
          vrrpInstances: { virtualIPs: string[]; virtualRouterID: number; authPass: string }[];
          virtualServers?: object[];
        };
      };
    };
    extensions?: {
      helm: {
        repositories?: Repository[];
        charts?: { name: string; values?: string; chartname: string; version: string; namespace: string }[];
      };
    };
  };
}

/** The k0s side of a rendered control plane. */
export interface K0s {
  version: string;
  args: string[];
  /** Arguments of each pool's workers. */
  workers: string[][];
  config: ClusterConfig;
}

/** The spec of a control plane: its own, or that of its template with the version that the topology gives. */
function controlPlaneOf(objects: readonly Rendered[], kind: string): Rendered["spec"] | undefined {
  const plain = objects.find((object) => object.kind === kind);
  if (plain) return plain.spec;
  const template = objects.find((object) => object.kind === `${kind}Template`);
  if (!template) return undefined;
  return { ...template.spec.template.spec, version: only(objects, "Cluster").spec.topology.version };
}

/** Reads it out of a K0sControlPlane or a K0smotronControlPlane, or the template of one. */
export function k0sOf(objects: readonly Rendered[]): K0s {
  const workers = objects
    .filter(({ kind }) => kind === "K0sWorkerConfigTemplate")
    .map(({ spec }): string[] => spec.template.spec.args ?? []);
  const standalone = controlPlaneOf(objects, "K0sControlPlane");
  if (standalone) {
    const { version, k0sConfigSpec } = standalone;
    return { version, args: k0sConfigSpec.args, workers, config: k0sConfigSpec.k0s };
  }
  const hosted = controlPlaneOf(objects, "K0smotronControlPlane");
  if (!hosted) throw new Error("no control plane was rendered");
  const { version, k0sConfig, controllerPlaneFlags, controlPlaneFlags } = hosted;
  return {
    version: version.replace("-k0s", "+k0s"),
    args: controllerPlaneFlags ?? controlPlaneFlags ?? [],
    workers,
    config: k0sConfig,
  };
}

/** What k0s would refuse, or what would not work, in words of its own; empty: nothing. */
export function k0sFaults({ version, args, workers, config }: K0s): string[] {
  const { api, network, extensions } = config.spec;
  const [minor = 0, patch = 0] = version.replace("v1.", "").split(/[.+]/).map(Number);
  const cplb = network.controlPlaneLoadBalancing;
  const rules: [ok: boolean, fault: string][] = [
    [config.apiVersion === "k0s.k0sproject.io/v1beta1" && config.kind === "ClusterConfig", "is no ClusterConfig"],
    [/^v1\.\d+\.\d+\+k0s\.\d+$/.test(version), "the version is no k0s version"],
    [!(minor === 31 && patch === 1), "k0smotron refuses k0s 1.31.1"],
    [["kuberouter", "calico", "custom"].includes(network.provider), "the network provider is unknown"],
    [network.provider === "calico" || !network.calico, "calico is set up but not used"],
    [
      !network.nodeLocalLoadBalancing?.enabled || !api?.externalAddress,
      "node-local balancing with an external address",
    ],
    [!cplb?.enabled || minor >= 30, "control plane balancing before k0s 1.30"],
    [!cplb?.enabled || !args.includes("--single"), "control plane balancing with --single"],
    [
      !cplb?.enabled || network.nodeLocalLoadBalancing?.enabled === true,
      "control plane balancing without node-local balancing",
    ],
    [
      !cplb?.enabled || !cplb.keepalived.virtualServers || !args.includes("--enable-worker"),
      "IPVS on controllers that are workers",
    ],
  ];
  const managers = (extensions?.helm.charts ?? []).filter(({ chartname }) =>
    chartname.endsWith("/nutanix-cloud-provider"),
  );
  const isOurs = managers.some(({ name }) => name === "nutanix-ccm");
  for (const each of [args, ...workers]) {
    const waits = each.some((arg) => arg.startsWith("--enable-cloud-provider"));
    rules.push(
      [!waits || managers.length > 0, "nodes wait for a cloud controller manager that nobody installs"],
      [waits || !isOurs, "nodes are not told of the cloud controller manager"],
    );
  }
  for (const instance of cplb?.keepalived.vrrpInstances ?? []) {
    const { authPass, virtualRouterID, virtualIPs } = instance;
    rules.push(
      [authPass.length > 0 && authPass.length <= 8, "authPass is not 1 to 8 characters long"],
      [
        Number.isInteger(virtualRouterID) && virtualRouterID >= 1 && virtualRouterID <= 255,
        "virtualRouterID is not in 1..255",
      ],
      [virtualIPs.every((address) => /^[\d.]+\/\d+$/.test(address)), "a virtual IP is no CIDR"],
    );
  }
  const repositories = extensions?.helm.repositories ?? [];
  for (const [key, value] of Object.entries(extensions?.helm ?? {})) rules.push([value.length > 0, `${key} are empty`]);
  const names = (extensions?.helm.charts ?? []).map(({ name }) => name);
  rules.push([new Set(names).size === names.length, "two charts have one name"]);
  for (const { name, url, insecure } of repositories) {
    rules.push([url.startsWith("https://") && insecure === false, `repository ${name} is not checked`]);
  }
  for (const { chartname, version: chartVersion, namespace } of extensions?.helm.charts ?? []) {
    const repository = chartname.split("/")[0];
    const known = chartname.startsWith("oci://") || repositories.some(({ name }) => name === repository);
    rules.push(
      [known, `chart ${chartname} is of no repository`],
      [Boolean(chartVersion && namespace), `chart ${chartname} is not pinned`],
    );
  }
  return rules.filter(([ok]) => !ok).map(([, fault]) => fault);
}
