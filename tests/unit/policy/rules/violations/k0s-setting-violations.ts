import { configOf } from "../valid-stack.ts";
import { k0sConfigCase, type ViolationCase } from "./violation-case.ts";

const repeated = k0sConfigCase("k0s-config-repeats-no-other-setting");
const open = k0sConfigCase("api-server-access-is-restricted");
const anonymous = (value: unknown, shown: unknown = value) =>
  open(`as ${JSON.stringify(value)}`, { api: { extraArgs: { "anonymous-auth": value } } }, [
    `api.extraArgs.anonymous-auth: ${JSON.stringify(shown)} lets unauthenticated clients call the API server; remove it, since k0s sets it to false`,
  ]);

export const K0S_SETTINGS: readonly ViolationCase[] = [
  repeated(
    "without any",
    { api: { extraArgs: { "audit-log-path": "-" } }, network: { kubeProxy: { mode: "ipvs" } } },
    [],
  ),
  open("closed", { api: { extraArgs: { "anonymous-auth": "false", "authorization-mode": "Node,RBAC,Webhook" } } }, []),
  open(
    "closed, with further admission plugins and settings of kubelets",
    {
      api: { extraArgs: { "enable-admission-plugins": "PodNodeSelector,NodeRestriction" } },
      workerProfiles: [
        { name: "default", values: { readOnlyPort: 0, authentication: { anonymous: { enabled: false } } } },
      ],
    },
    [],
  ),
  open(
    "open at the nodes",
    {
      api: {
        extraArgs: { "enable-admission-plugins": "PodNodeSelector" },
        rawArgs: ["--disable-admission-plugins=NodeRestriction"],
      },
      workerProfiles: [
        {
          name: "default",
          values: {
            readOnlyPort: 10255,
            authorization: { mode: "AlwaysAllow" },
            authentication: { anonymous: { enabled: true } },
          },
        },
      ],
    },
    [
      'api.extraArgs.enable-admission-plugins: "PodNodeSelector" replaces k0s\'s list: every node can change the other nodes and their pods; add NodeRestriction, and no AlwaysAdmit',
      'api.rawArgs.0: "--disable-admission-plugins=NodeRestriction" lets every node change the other nodes and their pods; remove NodeRestriction from it',
      "workerProfiles.0.values.authentication.anonymous.enabled: true lets unauthenticated clients call the kubelet, or do anything; remove it",
      'workerProfiles.0.values.authorization.mode: "AlwaysAllow" lets unauthenticated clients call the kubelet, or do anything; remove it',
      "workerProfiles.0.values.readOnlyPort: 10255 lets unauthenticated clients call the kubelet, or do anything; remove it",
    ],
  ),
  {
    rule: "k0s-config-repeats-no-other-setting",
    change: (all) => {
      configOf(all, "demo")["k0s"].config = { spec: { network: { podCIDR: "10.9.0.0/16" } } };
    },
  },
  repeated(
    "with the networks, by any way",
    {
      network: {
        serviceCIDR: "10.9.0.0/16",
        clusterDomain: "k8s.local",
        calico: { envVars: { CALICO_IPV4POOL_CIDR: "10.9.0.0/16" } },
        kubeProxy: { extraArgs: { "cluster-cidr": "10.9.0.0/16" } },
        dualStack: { enabled: true },
      },
      controllerManager: { rawArgs: ["--cluster_cidr", "10.9.0.0/16"] },
    },
    [
      "network.calico.envVars.CALICO_IPV4POOL_CIDR: overrides clusterNetwork.pods.cidrBlocks; remove it, and set that",
      "network.serviceCIDR: overrides clusterNetwork.services.cidrBlocks; remove it, and set that",
      "network.clusterDomain: overrides clusterNetwork.serviceDomain; remove it, and set that",
      "controllerManager.rawArgs.0: overrides clusterNetwork.pods.cidrBlocks; remove it, and set that",
      "network.kubeProxy.extraArgs.cluster-cidr: overrides clusterNetwork.pods.cidrBlocks; remove it, and set that",
      "network.dualStack.enabled: true needs IPv6, and CAPX machines have none; remove it",
    ],
  ),
  repeated(
    "with another user of the API server, who cannot read the key of encryption at rest",
    { installConfig: { users: { kubeAPIserverUser: "apiserver" } }, network: { primaryAddressFamily: "IPv6" } },
    [
      'network.primaryAddressFamily: "IPv6" needs IPv6, and CAPX machines have none; remove it',
      'installConfig.users.kubeAPIserverUser: "apiserver" cannot read the key of encryptionAtRest, which is kube-apiserver\'s; remove it',
    ],
    "edge",
  ),
  repeated(
    "with the endpoint and its load balancer",
    {
      network: {
        controlPlaneLoadBalancing: { enabled: true, keepalived: { vrrpInstances: [{ virtualRouterID: 7 }] } },
      },
      api: { port: 443, externalAddress: "api.example.com", extraArgs: { "secure-port": "443" } },
    },
    [
      "network.controlPlaneLoadBalancing: overrides loadBalancing; remove it, and set that",
      "api.externalAddress: overrides nutanix.controlPlaneEndpoint.host; remove it, and set that",
      "api.port: overrides nutanix.controlPlaneEndpoint.port; remove it, and set that",
      "api.extraArgs.secure-port: overrides nutanix.controlPlaneEndpoint.port; remove it, and set that",
    ],
    "edge",
  ),
  repeated(
    "with encryption at rest, and arguments of k0s's own",
    {
      api: {
        extraArgs: { encryption_provider_config: "/etc/encryption.yaml", "etcd-servers": "https://10.1.1.9:2379" },
        rawArgs: ["--tls-cert-file=/etc/a.crt"],
      },
    },
    [
      "api.extraArgs.encryption_provider_config: overrides encryptionAtRest; remove it, and set that",
      "api.extraArgs.etcd-servers: is an argument that k0s sets itself; remove it",
      "api.rawArgs.0: is an argument that k0s sets itself; remove it",
    ],
  ),
  repeated(
    "with what k0smotron sets for hosted control planes",
    {
      storage: { type: "kine", kine: { dataSource: "sqlite:///a" } },
      konnectivity: { agentPort: 8132 },
    },
    [
      "storage.type: has no effect: k0smotron sets it for hosted control planes; remove it",
      "storage.kine: has no effect: k0smotron sets it for hosted control planes; remove it",
      "konnectivity.agentPort: has no effect: k0smotron sets it for hosted control planes; remove it",
    ],
  ),
  ...["1", "t", "T", "TRUE", "true", "True"].map((value) => anonymous(value)),
  anonymous(true),
  open("in Kubernetes' other spelling", { api: { extraArgs: { anonymous_auth: "1" } } }, [
    'api.extraArgs.anonymous_auth: "1" lets unauthenticated clients call the API server; remove it, since k0s sets it to false',
  ]),
  open("in raw arguments", { api: { rawArgs: ["--anonymous-auth", "false", "--authorization-mode", "AlwaysAllow"] } }, [
    'api.rawArgs.0: "--anonymous-auth" lets unauthenticated clients call the API server; remove it, since k0s sets it to false',
    'api.rawArgs.2: "--authorization-mode" lets every client do anything, or none what it needs; remove it, since k0s sets it to Node,RBAC',
  ]),
  open("with another way to authorize", { api: { extraArgs: { "authorization-mode": "AlwaysAllow" } } }, [
    'api.extraArgs.authorization-mode: "AlwaysAllow" lets every client do anything, or none what it needs; remove it, since k0s sets it to Node,RBAC',
  ]),
];
