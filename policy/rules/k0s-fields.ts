/**
 * The fields of k0s's ClusterConfig (k0s.k0sproject.io/v1beta1), from its API types and definitions at 1.29 to 1.36. A name ends in the k0s
 * minor that has the field first, if that is later than 1.29: `rawArgs@1.34`.
 */
import { type FieldType, fields, list, oneOf, stringFields, strings } from "./field-type.ts";
import { KUBELET_CONFIG } from "./kubelet-fields.ts";

const imageName: FieldType = {
  pattern: /^(?!.*:\/\/)\S+$/,
  reason: "is not the name of an image or a registry",
  remedy: "use registry/path, without scheme and blanks",
};
const imageVersion: FieldType = {
  pattern: /^\w[\w.-]{0,127}(@[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/,
  reason: "is not the tag of an image",
  remedy: "use a tag, which a digest may follow: 1.2.3@sha256:…",
};
const image = fields({ image: imageName, version: imageVersion });
const ca = fields({ expiresAfter: "duration", certificatesExpireAfter: "duration" });
const component: Readonly<Record<string, FieldType>> = { extraArgs: "arguments", "rawArgs@1.34": strings };
const patches = list(
  fields(
    {
      target: fields({ kind: "string", name: "string", namespace: "string" }, "kind", "name"),
      patch: fields({ type: oneOf("JSON", "StrategicMergePatch", "MergePatch"), content: "string" }, "type", "content"),
    },
    "target",
    "patch",
  ),
);
const syncPeriods: Readonly<Record<string, FieldType>> = { syncPeriod: "duration", minSyncPeriod: "duration" };
const nodeLocalBalancer = fields({
  image,
  imagePullPolicy: oneOf("Always", "Never", "IfNotPresent"),
  apiServerBindPort: "port",
  konnectivityServerBindPort: "port",
});

const api = fields({
  ...component,
  address: "string",
  "onlyBindToAddress@1.31": "boolean",
  externalAddress: "string",
  k0sApiPort: "port",
  port: "port",
  sans: strings,
  "ca@1.33": ca,
});

const storage = fields({
  type: oneOf("etcd", "kine"),
  etcd: fields({
    ...component,
    peerAddress: "string",
    externalCluster: fields(
      { endpoints: strings, ...stringFields("etcdPrefix", "caFile", "clientCertFile", "clientKeyFile") },
      "endpoints",
      "etcdPrefix",
    ),
    "ca@1.33": ca,
  }),
  kine: fields({ dataSource: "string", "extraArgs@1.35": "arguments", "rawArgs@1.35": strings }),
});

const keepalived = fields({
  vrrpInstances: list(
    fields(
      {
        virtualIPs: strings,
        interface: "string",
        virtualRouterID: "integer",
        advertIntervalSeconds: "integer",
        authPass: "string",
        "unicastPeers@1.32": strings,
        "unicastSourceIP@1.32": "string",
        "addressLabel@1.34": "integer",
      },
      "virtualIPs",
      "authPass",
    ),
  ),
  virtualServers: list(
    fields(
      {
        ipAddress: "string",
        delayLoop: "duration",
        lbAlgo: oneOf("rr", "wrr", "lc", "wlc", "lblc", "dh", "sh", "sed", "nq"),
        lbKind: oneOf("NAT", "DR", "TUN"),
        persistenceTimeoutSeconds: "integer",
      },
      "ipAddress",
    ),
  ),
  "userSpaceProxyBindPort@1.32": "port",
  "disableLoadBalancer@1.32": "boolean",
  "configTemplateVRRP@1.35": "string",
  "configTemplateVS@1.35": "string",
});

const network = fields({
  provider: oneOf("kuberouter", "calico", "custom"),
  ...stringFields("podCIDR", "serviceCIDR", "clusterDomain"),
  "primaryAddressFamily@1.34": oneOf("IPv4", "IPv6"),
  dualStack: fields({ enabled: "boolean", IPv6podCIDR: "string", IPv6serviceCIDR: "string" }),
  calico: fields({
    mode: oneOf("bird", "vxlan", "ipip"),
    vxlanPort: "port",
    vxlanVNI: "integer",
    mtu: "integer",
    wireguard: "boolean",
    ...stringFields("flexVolumeDriverPath", "ipAutodetectionMethod", "ipV6AutodetectionMethod"),
    overlay: oneOf("Always", "CrossSubnet", "Never"),
    envVars: "texts",
    "patches@1.36": patches,
  }),
  kuberouter: fields({
    autoMTU: "boolean",
    mtu: "integer",
    // 0 turns metrics off.
    metricsPort: "integer",
    peerRouterIPs: "string",
    peerRouterASNs: "string",
    hairpin: oneOf("Enabled", "Allowed", "Disabled"),
    hairpinMode: "boolean",
    ipMasq: "boolean",
    ...component,
    "patches@1.36": patches,
  }),
  kubeProxy: fields({
    disabled: "boolean",
    mode: oneOf("iptables", "ipvs", "nftables", "userspace"),
    metricsBindAddress: "string",
    "healthzBindAddress@1.36": "string",
    nodePortAddresses: strings,
    iptables: fields({
      ...syncPeriods,
      masqueradeAll: "boolean",
      masqueradeBit: "integer",
      localhostNodePorts: "boolean",
    }),
    ipvs: fields({
      ...syncPeriods,
      excludeCIDRs: strings,
      scheduler: "string",
      strictARP: "boolean",
      tcpTimeout: "duration",
      tcpFinTimeout: "duration",
      udpTimeout: "duration",
    }),
    "nftables@1.31": fields({ ...syncPeriods, masqueradeAll: "boolean", masqueradeBit: "integer" }),
    "extraArgs@1.31": "arguments",
    "rawArgs@1.34": strings,
    "patches@1.36": patches,
  }),
  "coreDNS@1.36": fields({ patches }),
  nodeLocalLoadBalancing: fields({
    enabled: "boolean",
    type: oneOf("EnvoyProxy", "Traefik@1.36"),
    envoyProxy: nodeLocalBalancer,
    "traefik@1.36": nodeLocalBalancer,
  }),
  "controlPlaneLoadBalancing@1.30": fields({ enabled: "boolean", type: oneOf("Keepalived"), keepalived }),
});

const images = fields({
  repository: imageName,
  default_pull_policy: oneOf("Always", "IfNotPresent", "Never"),
  konnectivity: image,
  metricsserver: image,
  kubeproxy: image,
  coredns: image,
  pause: image,
  pushgateway: image,
  calico: fields({
    cni: image,
    node: image,
    kubecontrollers: image,
    "windows@1.34": fields({ cni: image, node: image }),
  }),
  kuberouter: fields({ cni: image, cniInstaller: image }),
  "windows@1.34": fields({ kubeproxy: image, pause: image }),
});

const helm = fields({
  concurrencyLevel: "integer",
  repositories: list(
    fields(
      {
        name: "string",
        url: "string",
        insecure: "boolean",
        ...stringFields("caFile", "certFile", "keyfile", "username", "password"),
      },
      "name",
      "url",
    ),
  ),
  charts: list(
    fields(
      {
        name: "string",
        chartname: "string",
        version: "string",
        values: "string",
        namespace: "string",
        timeout: "duration",
        order: "integer",
        forceUpgrade: "boolean",
      },
      "name",
      "chartname",
      "namespace",
    ),
  ),
});

/** What a feature gate can be for. */
const COMPONENTS = ["kube-apiserver", "kube-controller-manager", "kubelet", "kube-scheduler", "kube-proxy"];

export const CLUSTER_CONFIG: FieldType = fields({
  apiVersion: oneOf("k0s.k0sproject.io/v1beta1"),
  kind: oneOf("ClusterConfig"),
  metadata: fields({
    ...stringFields("name", "namespace", "creationTimestamp"),
    labels: "texts",
    annotations: "texts",
  }),
  spec: fields({
    api,
    controllerManager: fields(component),
    scheduler: fields(component),
    storage,
    network,
    images,
    extensions: fields({ helm, storage: fields({ type: "string", create_default_storage_class: "boolean" }) }),
    workerProfiles: list(fields({ name: "string", values: KUBELET_CONFIG }, "name", "values")),
    telemetry: fields({ enabled: "boolean" }),
    installConfig: fields({
      users: fields(stringFields("etcdUser", "kineUser", "konnectivityUser", "kubeAPIserverUser", "kubeSchedulerUser")),
    }),
    konnectivity: fields({ agentPort: "port", adminPort: "port", "externalAddress@1.31": "string" }),
    featureGates: list(
      fields({ name: "string", enabled: "boolean", components: list(oneOf(...COMPONENTS)) }, "name", "enabled"),
    ),
    "metricsServer@1.36": fields({ patches }),
  }),
});
