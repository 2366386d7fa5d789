import { configOf } from "../valid-stack.ts";
import { k0sConfigCase, type ViolationCase } from "./violation-case.ts";

const DEMO = "clusters.demo.k0s.config";

const invalid = k0sConfigCase("k0s-config-is-valid");

const inVersion = (version: string, name: string, spec: unknown, lines: readonly string[]): ViolationCase => {
  const { change, ...one } = invalid(name, spec, lines);
  return {
    ...one,
    change: (all) => {
      change(all);
      configOf(all, "demo")["k0s"].version = version;
    },
  };
};
/** All workers have one profile, those of a pool `gpu`; profiles of these names are defined. */
interface Profiles {
  readonly common: string;
  readonly defined: readonly string[];
}
const withProfiles = (name: string, { common, defined }: Profiles, expected: readonly string[]): ViolationCase => ({
  rule: "k0s-config-is-valid",
  name,
  expected,
  change: (all) => {
    const config = configOf(all, "demo");
    const workerProfiles = defined.map((name) => ({ name, values: {} }));
    config["k0s"] = { ...config["k0s"], worker: { profile: common }, config: { spec: { workerProfiles } } };
    config["workerPools"] = { gpu: { replicas: 1, profile: "gpu" }, small: { replicas: 1 } };
  },
});
const VALID = [
  invalid(
    "of all kinds of fields",
    {
      api: {
        extraArgs: { "audit-log-maxage": "30" },
        sans: ["10.1.1.9", "api.example.com", "fe80::1"],
        k0sApiPort: 9443,
      },
      network: {
        kuberouter: { metricsPort: 0 },
        provider: "calico",
        calico: { mode: "bird", mtu: 1400, envVars: { FELIX_MTU: "1" } },
      },
      extensions: {
        helm: { charts: [{ name: "a", chartname: "b/a", namespace: "c", timeout: "1h2m3.5s", order: 1 }] },
      },
      featureGates: [{ name: "X", enabled: true }],
      workerProfiles: [
        {
          name: "default",
          values: {
            maxPods: 50,
            evictionHard: { "memory.available": "100Mi" },
            podPidsLimit: -1,
            memoryThrottlingFactor: 0.9,
            shutdownGracePeriod: "30s",
            logging: { format: "json" },
          },
        },
      ],
      images: {
        repository: "registry.example.com:5000/k0s",
        coredns: { version: `1.2.3@sha256:${"0a".repeat(32)}` },
      },
      telemetry: null,
    },
    [],
  ),
  inVersion(
    "v1.34.1+k0s.0",
    "in the k0s that has the field",
    {
      api: { rawArgs: ["--v=2"] },
      workerProfiles: [
        { name: "default", values: { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" } },
      ],
    },
    [],
  ),
  inVersion(
    "v1.29.2+k0s.0",
    "with a timeout in nanoseconds, as k0s 1.29 takes it",
    {
      extensions: { helm: { charts: [{ name: "a", chartname: "b/a", namespace: "c", timeout: 600e9 }] } },
    },
    [],
  ),
  withProfiles("with worker profiles of all workers and of pools", { common: "small", defined: ["small", "gpu"] }, []),
  withProfiles("with k0s's own worker profile for all workers", { common: "default", defined: ["gpu"] }, []),
  invalid(
    "with kine on an external database",
    { storage: { type: "kine", kine: { dataSource: "mysql://a" } } },
    [],
    "edge",
  ),
];

export const K0S_CONFIG: readonly ViolationCase[] = [
  ...VALID,
  {
    rule: "k0s-config-is-valid",
    change: (all) => {
      configOf(all, "demo")["k0s"].config = { spec: { telemetri: { enabled: false } } };
    },
  },
  {
    rule: "k0s-config-is-valid",
    name: "of another kind",
    change: (all) => {
      configOf(all, "demo")["k0s"].config = { apiVersion: "v1", kind: "KubeletConfiguration", spec: [] };
    },
    expected: [
      `${DEMO}.apiVersion: "v1" is not a value that k0s accepts; use k0s.k0sproject.io/v1beta1`,
      `${DEMO}.kind: "KubeletConfiguration" is not a value that k0s accepts; use ClusterConfig`,
      `${DEMO}.spec: is a list, not a map; use a map`,
    ],
  },
  invalid("with an unknown field without a likely one", { frobnicate: 1 }, [
    "frobnicate: is not a field of k0s's ClusterConfig; remove it",
  ]),
  invalid("with a field of a later k0s", { api: { rawArgs: ["--v=2"] }, metricsServer: {} }, [
    "api.rawArgs: is not a field of k0s 1.32; use k0s 1.34 or later, or remove it",
    "metricsServer: is not a field of k0s 1.32; use k0s 1.36 or later, or remove it",
  ]),
  invalid(
    "with numbers and booleans where k0s wants strings",
    {
      api: { extraArgs: { "audit-log-maxage": 30, profiling: true }, sans: [10] },
      extensions: {
        helm: { charts: [{ name: "a", chartname: "b/a", namespace: "c", version: 1.2, values: { a: 1 } }] },
      },
    },
    [
      "api.extraArgs.audit-log-maxage: is a number, not a string; write it in quotes",
      "api.extraArgs.profiling: is a boolean, not a string; write it in quotes",
      "api.sans.0: is a number, not a string; write it in quotes",
      "extensions.helm.charts.0.version: is a number, not a string; write it in quotes",
      "extensions.helm.charts.0.values: is a map, not a string; write it in quotes",
    ],
  ),
  invalid(
    "with other wrong types",
    {
      telemetry: { enabled: "yes" },
      network: { provider: "cilium", calico: { mtu: "1400" } },
      workerProfiles: { name: "a" },
      konnectivity: { adminPort: 99999 },
      scheduler: "none",
    },
    [
      "telemetry.enabled: is a string, not a boolean; use true or false, without quotes",
      'network.provider: "cilium" is not a value that k0s accepts; use kuberouter or calico or custom',
      "network.calico.mtu: is a string, not an integer; use an integer",
      "workerProfiles: is a map, not a list; use a list",
      "konnectivity.adminPort: is not a valid port; use an integer from 1 to 65535",
      "scheduler: is a string, not a map; use a map",
    ],
  ),
  invalid(
    "with worker profiles that no kubelet reads",
    {
      workerProfiles: [
        {
          name: "default",
          values: {
            kind: "KubeletConfiguration",
            maxPods: "50",
            readonlyport: 10255,
            evictionHard: { "memory.available": 100 },
            authentication: { anonymus: { enabled: false } },
          },
        },
      ],
    },
    [
      "workerProfiles.0.values.kind: is not a field of k0s 1.32; use k0s 1.34 or later, or remove it",
      "workerProfiles.0.values.maxPods: is a string, not an integer; use an integer",
      'workerProfiles.0.values.readonlyport: is not a field of the kubelet\'s configuration; did you mean "readOnlyPort"?',
      "workerProfiles.0.values.evictionHard.memory.available: is a number, not a string; write it in quotes",
      'workerProfiles.0.values.authentication.anonymus: is not a field of the kubelet\'s configuration; did you mean "anonymous"?',
    ],
  ),
  invalid(
    "with arguments that have dashes or a value in their name",
    { api: { extraArgs: { "--audit-log-maxage": "30" } }, scheduler: { extraArgs: { "v=2": "" } } },
    ["api.extraArgs.--audit-log-maxage", "scheduler.extraArgs.v=2"].map(
      (path) => `${path}: is not the name of an argument; write it without dashes before it, and without =`,
    ),
  ),
  invalid(
    "with images that have none of a name and a tag",
    { images: { repository: "https://registry.example.com", coredns: { image: " coredns", version: "1.2 3" } } },
    [
      'images.repository: "https://registry.example.com" is not the name of an image or a registry; use registry/path, without scheme and blanks',
      'images.coredns.image: " coredns" is not the name of an image or a registry; use registry/path, without scheme and blanks',
      'images.coredns.version: "1.2 3" is not the tag of an image; use a tag, which a digest may follow: 1.2.3@sha256:…',
    ],
  ),
  invalid(
    "with feature gates that have no name, two values, or an unknown component",
    {
      featureGates: [
        { name: "", enabled: true },
        { name: "A", enabled: true },
        { name: "A", enabled: false, components: ["apiserver"] },
      ],
    },
    [
      "featureGates.0.name: is missing, and k0s requires it; add it",
      'featureGates.2.components.0: "apiserver" is not a value that k0s accepts; use kube-apiserver or kube-controller-manager or kubelet or kube-scheduler or kube-proxy',
      'featureGates.2.name: "A" is a name twice in this list; use unique names',
    ],
  ),
  invalid(
    "with numbers that k0s cannot hold, an address with a zone, and an empty item",
    {
      network: { calico: { vxlanVNI: 1e21 } },
      api: { sans: ["fe80::1%eth0"] },
      extensions: { helm: { charts: [null] } },
    },
    [
      "network.calico.vxlanVNI: is too large; use an integer",
      "extensions.helm.charts.0: is empty; remove it",
      'api.sans.0: "fe80::1%eth0" is neither an IP address nor a DNS name; use the name or the address alone',
    ],
  ),
  invalid(
    "with a load balancer of a later k0s",
    { network: { nodeLocalLoadBalancing: { enabled: true, type: "Traefik" } } },
    ['network.nodeLocalLoadBalancing.type: "Traefik" is not a value that k0s accepts; use EnvoyProxy'],
  ),
  invalid(
    "with an etcd of its own without a prefix",
    { storage: { etcd: { externalCluster: { endpoints: ["https://10.9.9.9:2379"] } } } },
    ["storage.etcd.externalCluster.etcdPrefix: is missing, and k0s requires it; add it"],
    "edge",
  ),
  {
    rule: "k0s-config-is-valid",
    name: "with metadata of a wrong type",
    change: (all) => {
      configOf(all, "demo")["k0s"].config = { metadata: { name: 5, labels: { tier: 1 }, owner: "me" } };
    },
    expected: [
      `${DEMO}.metadata.name: is a number, not a string; write it in quotes`,
      `${DEMO}.metadata.labels.tier: is a number, not a string; write it in quotes`,
      `${DEMO}.metadata.owner: is not a field of k0s's ClusterConfig; remove it`,
    ],
  },
  {
    rule: "k0s-config-is-valid",
    name: "with a chart of the name of an addon, in a namespace that is none",
    change: (all) => {
      configOf(all, "demo")["addons"] = { ccm: { enabled: true } };
      const charts = [{ name: "nutanix-ccm", chartname: "a/b", namespace: "My Apps" }];
      configOf(all, "demo")["k0s"].config = { spec: { extensions: { helm: { charts } } } };
    },
    expected: [
      `${DEMO}.spec.extensions.helm.charts.0.namespace: "My Apps" is not a namespace; use lower-case letters, digits and '-'`,
      `${DEMO}.spec.extensions.helm.charts.0.name: "nutanix-ccm" is a name that this project's chart uses for the cluster; use another name`,
    ],
  },
  invalid(
    "with timeouts without a unit",
    {
      extensions: { helm: { charts: [{ name: "a", chartname: "b/a", namespace: "c", timeout: 600 }] } },
      network: { kubeProxy: { iptables: { syncPeriod: "30" } } },
    },
    [
      'extensions.helm.charts.0.timeout: 600 is not a duration; add a unit, such as "10m"',
      'network.kubeProxy.iptables.syncPeriod: "30" is not a duration; add a unit, such as "10m"',
    ],
  ),
  invalid(
    "with a chart that has no name, and names that are none",
    {
      extensions: {
        helm: {
          charts: [
            { chartname: "a/b", namespace: "c" },
            { name: "My_App", chartname: "a/b", namespace: "c" },
          ],
          repositories: [
            { name: "a", url: "https://a.example.com" },
            { name: "a", url: "https://b.example.com" },
          ],
        },
      },
    },
    [
      "extensions.helm.charts.0.name: is missing, and k0s requires it; add it",
      "extensions.helm.charts.1.name: \"My_App\" is not the name of a Helm release; use lower-case letters, digits and '-', 53 at most",
      'extensions.helm.repositories.1.name: "a" is a name twice in this list; use unique names',
    ],
  ),
  invalid("with a name in the certificate that is none", { api: { sans: ["https://api.example.com"] } }, [
    'api.sans.0: "https://api.example.com" is neither an IP address nor a DNS name; use the name or the address alone',
  ]),
  invalid("with worker profiles that no worker has, and without values", { workerProfiles: [{ name: "gpu" }] }, [
    "workerProfiles.0.values: is missing, and k0s requires it; add it",
    'workerProfiles.0.name: "gpu" is a worker profile that no worker has; name it default, for all workers, or set it as profile of k0s.worker or of a worker pool',
  ]),
  withProfiles("with a profile that is not defined, in two places", { common: "smal", defined: ["small"] }, [
    'clusters.demo.k0s.config.spec.workerProfiles.0.name: "small" is a worker profile that no worker has; name it default, for all workers, or set it as profile of k0s.worker or of a worker pool',
    'clusters.demo.k0s.worker.profile: "smal" is not a worker profile of the cluster; add it to k0s.config.spec.workerProfiles',
    'clusters.demo.workerPools.gpu.profile: "gpu" is not a worker profile of the cluster; add it to k0s.config.spec.workerProfiles',
  ]),
  invalid(
    "with a worker profile that k0s does not accept",
    {
      workerProfiles: [{ name: "Big_Nodes", values: { clusterDNS: ["10.0.0.1"], maxPods: 1 } }],
    },
    [
      "workerProfiles.0.name: \"Big_Nodes\" is not the name of a worker profile; use lower-case letters, digits and '-'",
      "workerProfiles.0.values.clusterDNS: is set by k0s, which accepts it in no worker profile; remove it",
    ],
  ),
  invalid(
    "with data and addresses of one of several machines",
    {
      storage: { type: "kine", etcd: { peerAddress: "10.1.1.9" } },
      api: { address: "10.1.1.9", k0sApiPort: 9444 },
    },
    [
      'storage.type: "kine" keeps the data on one machine, and the cluster has several; use etcd, or 1 machine',
      'api.address: "10.1.1.9" is one address for all control plane machines; remove it',
      'storage.etcd.peerAddress: "10.1.1.9" is one address for all control plane machines; remove it',
      "api.k0sApiPort: 9444 is not 9443, where k0smotron lets further machines join; remove it",
    ],
    "edge",
  ),
];
