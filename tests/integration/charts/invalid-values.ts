import type { Mode } from "./helm-template.ts";

const VIP = { type: "kube-vip", virtualRouterID: null, prefixLength: null, authPass: null };

/** Wrong values of both cluster charts, and what the message must say. */
export const WRONG: [what: string, values: unknown, message: RegExp][] = [
  ["an unknown key", { workerNumber: 2 }, /additional properties 'workerNumber' not allowed/],
  ["an unknown key of nutanix", { nutanix: { prismCentra: {} } }, /'\/nutanix': additional properties 'prismCentra'/],
  ["an unknown key of a machine", { worker: { cpus: 2 } }, /'\/worker': additional properties 'cpus'/],
  ["a class that is no yes or no", { clusterClass: "nutanix-k0s" }, /'\/clusterClass': got string, want boolean/],
  ["a class by a word in quotes", { clusterClass: "true" }, /'\/clusterClass': got string, want boolean/],
  ["an unknown line", { kcmLine: "1.4" }, /'\/kcmLine': value must be one of/],
  [
    "no endpoint",
    { nutanix: { controlPlaneEndpoint: { host: null } } },
    /'\/nutanix\/controlPlaneEndpoint': missing property 'host'/,
  ],
  [
    "an endpoint that nothing reaches",
    { nutanix: { controlPlaneEndpoint: { host: "0.0.0.0" } } },
    /'\/nutanix\/controlPlaneEndpoint\/host'/,
  ],
  [
    "an endpoint with a scheme",
    { nutanix: { controlPlaneEndpoint: { host: "https://a" } } },
    /'\/nutanix\/controlPlaneEndpoint\/host': 'https:\/\/a' does not match/,
  ],
  [
    "a port out of range",
    { nutanix: { controlPlaneEndpoint: { port: 65536 } } },
    /'\/nutanix\/controlPlaneEndpoint\/port': maximum/,
  ],
  [
    "a port as text",
    { nutanix: { prismCentral: { port: "9440" } } },
    /'\/nutanix\/prismCentral\/port': got string, want integer/,
  ],
  [
    "insecure as text",
    { nutanix: { prismCentral: { insecure: "false" } } },
    /'\/nutanix\/prismCentral\/insecure': got string, want boolean/,
  ],
  [
    "own credentials without a Secret",
    { nutanix: { prismCentral: { usePerClusterCredential: true, address: "pc" } } },
    /'\/nutanix\/prismCentral': missing property 'credentialSecretName'/,
  ],
  [
    "own credentials without an address",
    { nutanix: { prismCentral: { usePerClusterCredential: true, credentialSecretName: "a" } } },
    /'\/nutanix\/prismCentral': missing property 'address'/,
  ],
  [
    "a Secret that nothing would read",
    { nutanix: { prismCentral: { credentialSecretName: "a" } } },
    /'\/nutanix\/prismCentral\/usePerClusterCredential': value must be true/,
  ],
  [
    "a trust bundle that nothing would read",
    { nutanix: { prismCentral: { additionalTrustBundleConfigMapName: "a" } } },
    /'\/nutanix\/prismCentral\/usePerClusterCredential': value must be true/,
  ],
  [
    "a Secret's name that is none",
    { nutanix: { prismCentral: { usePerClusterCredential: true, address: "pc", credentialSecretName: "A_b" } } },
    /'\/nutanix\/prismCentral\/credentialSecretName': 'A_b'/,
  ],
  [
    "an address of Prism Central with a path",
    { nutanix: { prismCentral: { address: "pc/api" } } },
    /'\/nutanix\/prismCentral\/address': 'pc\/api'/,
  ],
  [
    "no image",
    { machineDefaults: { image: null } },
    /machineDefaults\.image: exactly one of image and imageLookup is needed/,
  ],
  [
    "an image beside an image lookup",
    { machineDefaults: { imageLookup: { baseOS: "a" } } },
    /machineDefaults\.image: exactly one of image and imageLookup is needed and \w+ has both/,
  ],
  [
    "a GPU by name without one",
    { worker: { gpus: [{ type: "name" }] } },
    /'\/worker\/gpus\/0': missing property 'name'/,
  ],
  [
    "too small a data disk",
    { worker: { dataDisks: [{ diskSize: "1000Mi" }] } },
    /'\/worker\/dataDisks\/0\/diskSize': '1000Mi'/,
  ],
  ["no Prism Element", { machineDefaults: { cluster: null } }, /machineDefaults\.cluster: is missing/],
  ["no subnet", { machineDefaults: { subnets: [] } }, /'\/machineDefaults\/subnets': minItems/],
  [
    "a subnet twice",
    {
      machineDefaults: {
        subnets: [
          { type: "name", name: "a" },
          { type: "name", name: "a" },
        ],
      },
    },
    /'\/machineDefaults\/subnets': items at 0 and 1 are equal/,
  ],
  ["an image as text", { machineDefaults: { image: "ubuntu" } }, /'\/machineDefaults\/image': got string, want object/],
  [
    "an image by name without one",
    { machineDefaults: { image: { name: null } } },
    /'\/machineDefaults\/image': missing property 'name'/,
  ],
  [
    "an image by name and UUID",
    { machineDefaults: { image: { uuid: "550e8400-e29b-41d4-a716-446655440000" } } },
    /'\/machineDefaults\/image': 'not' failed/,
  ],
  [
    "a UUID that is none",
    { worker: { cluster: { type: "uuid", uuid: "550e8400" } } },
    /'\/worker\/cluster\/uuid': '550e8400'/,
  ],
  [
    "an identifier of another type",
    { machineDefaults: { cluster: { type: "id" } } },
    /'\/machineDefaults\/cluster\/type': value must be one of 'name', 'uuid'/,
  ],
  [
    "a project as text",
    { machineDefaults: { project: "k0s-project" } },
    /'\/machineDefaults\/project': got string, want object/,
  ],
  [
    "a category as text",
    { machineDefaults: { additionalCategories: ["env:dev"] } },
    /'\/machineDefaults\/additionalCategories\/0': got string, want object/,
  ],
  [
    "a category without a value",
    { machineDefaults: { additionalCategories: [{ key: "env" }] } },
    /'\/machineDefaults\/additionalCategories\/0': missing property 'value'/,
  ],
  [
    "secure boot",
    { machineDefaults: { bootType: "secureboot" } },
    /'\/machineDefaults\/bootType': value must be one of 'legacy', 'uefi'/,
  ],
  ["no vCPU", { worker: { vcpuSockets: 0 } }, /'\/worker\/vcpuSockets': minimum/],
  ["half a vCPU", { machineDefaults: { vcpusPerSocket: 0.5 } }, /'\/machineDefaults\/vcpusPerSocket'/],
  ["too little memory", { worker: { memorySize: "1Gi" } }, /'\/worker\/memorySize': '1Gi'/],
  ["too little memory in Mi", { worker: { memorySize: "2047Mi" } }, /'\/worker\/memorySize': '2047Mi'/],
  ["memory in a unit that is none", { worker: { memorySize: "4GB" } }, /'\/worker\/memorySize': '4GB'/],
  ["too little memory in decimal units", { worker: { memorySize: "2147M" } }, /'\/worker\/memorySize': '2147M'/],
  ["too small a disk", { machineDefaults: { systemDiskSize: "19Gi" } }, /'\/machineDefaults\/systemDiskSize': '19Gi'/],
  [
    "too small a disk in Mi",
    { machineDefaults: { systemDiskSize: "20479Mi" } },
    /'\/machineDefaults\/systemDiskSize': '20479Mi'/,
  ],
  ["a version that is not k0s's", { k0s: { version: "v1.32.6" } }, /'\/k0s\/version': 'v1\.32\.6'/],
  ["the k0s version that k0smotron refuses", { k0s: { version: "v1.31.1+k0s.0" } }, /'\/k0s\/version'/],
  [
    "an effect that is none",
    { k0s: { worker: { taints: [{ key: "a", effect: "NoRun" }] } } },
    /'\/k0s\/worker\/taints\/0\/effect': value must be one of/,
  ],
  [
    "a taint without an effect",
    { k0s: { worker: { taints: [{ key: "a" }] } } },
    /'\/k0s\/worker\/taints\/0': missing property 'effect'/,
  ],
  [
    "a label that a shell would read",
    { k0s: { worker: { labels: { a: "$(id)" } } } },
    /'\/k0s\/worker\/labels\/a': '\$\(id\)'/,
  ],
  [
    "a label that the kubelet refuses",
    { k0s: { worker: { labels: { "example.k8s.io/a": "b" } } } },
    /k0s\.worker\.labels: "example\.k8s\.io\/a" is refused by the kubelet/,
  ],
  [
    "a label that is no text",
    { k0s: { worker: { labels: { a: true } } } },
    /'\/k0s\/worker\/labels\/a': got boolean, want string/,
  ],
  [
    "a network provider by another name",
    { k0s: { config: { spec: { network: { provider: "kube-router" } } } } },
    /'\/k0s\/config\/spec\/network\/provider': value must be one of/,
  ],
  [
    "a k0s.config that is of another kind",
    { k0s: { config: { kind: "Cluster" } } },
    /'\/k0s\/config\/kind': value must be 'ClusterConfig'/,
  ],
  [
    "k0s.config with more than a ClusterConfig has",
    { k0s: { config: { network: {} } } },
    /'\/k0s\/config': additional properties 'network'/,
  ],
  [
    "a network that is none",
    { clusterNetwork: { pods: { cidrBlocks: ["10.0.0.0"] } } },
    /'\/clusterNetwork\/pods\/cidrBlocks\/0': '10\.0\.0\.0'/,
  ],
  [
    "two networks for Services",
    { clusterNetwork: { services: { cidrBlocks: ["10.0.0.0/16", "10.1.0.0/16"] } } },
    /'\/clusterNetwork\/services\/cidrBlocks': maxItems/,
  ],
  ["fewer workers than none", { workersNumber: -1 }, /'\/workersNumber': minimum/],
  [
    "an encryption Secret's name that is none",
    { encryptionAtRest: { secretName: "" } },
    /'\/encryptionAtRest\/secretName'/,
  ],
];

const RACK = { cluster: { type: "name", name: "a" }, subnets: [{ type: "name", name: "a" }] };
const KEY = `ssh-ed25519 ${"A".repeat(68)}`;

/** The same, of the parts that a cluster need not have. */
export const WRONG_PARTS: typeof WRONG = [
  ["a pool without a number", { workerPools: { a: {} } }, /'\/workerPools\/a': missing property 'number'/],
  ["a pool of less than none", { workerPools: { a: { number: -1 } } }, /'\/workerPools\/a\/number': minimum/],
  [
    "a pool's key misspelt",
    { workerPools: { a: { replicas: 1, gpu: [] } } },
    /'\/workerPools\/a': additional properties 'gpu'/,
  ],
  [
    "a pool's name in capitals",
    { workerPools: { A: { replicas: 1 } } },
    /'\/workerPools': additional properties 'A' not allowed/,
  ],
  [
    "a pool's name of 21 letters",
    { workerPools: { ["a".repeat(21)]: { replicas: 1 } } },
    /'\/workerPools': additional properties 'a{21}' not allowed/,
  ],
  [
    "too little memory in a pool",
    { workerPools: { a: { replicas: 1, memorySize: "1Gi" } } },
    /'\/workerPools\/a\/memorySize': '1Gi'/,
  ],
  [
    "a pool of the first one's name",
    { workerPools: { md: { replicas: 1 } } },
    /workerPools\.md: makes a MachineDeployment edge-md, and so does worker/,
  ],
  [
    "two pools of one name",
    {
      failureDomains: { c: RACK, "b-c": RACK },
      workerPools: { a: { replicas: 1, failureDomains: ["b-c"] }, "a-b": { replicas: 1, failureDomains: ["c"] } },
    },
    /workerPools\.a-b: makes a MachineDeployment edge-a-b-c, and so does workerPools\.a/,
  ],
  ["GPUs of all machines", { machineDefaults: { gpus: [] } }, /'\/machineDefaults': additional properties 'gpus'/],
  [
    "a failure domain without subnets",
    { failureDomains: { a: { cluster: RACK.cluster } } },
    /'\/failureDomains\/a': missing property 'subnets'/,
  ],
  [
    "a failure domain without a subnet",
    { failureDomains: { a: { ...RACK, subnets: [] } } },
    /'\/failureDomains\/a\/subnets': minItems/,
  ],
  [
    "a failure domain that is not there",
    { worker: { failureDomains: ["b"] } },
    /worker\.failureDomains: "b" is no failure domain of the cluster/,
  ],
  [
    "a failure domain that is not there, of a pool",
    { workerPools: { a: { replicas: 1, failureDomains: ["b"] } } },
    /workerPools\.a\.failureDomains: "b" is no failure domain of the cluster/,
  ],
  [
    "a failure domain twice",
    { failureDomains: { a: RACK }, worker: { failureDomains: ["a", "a"] } },
    /'\/worker\/failureDomains': items at 0 and 1 are equal/,
  ],
  ["an SSH user without keys", { ssh: { user: "ops" } }, /'\/ssh': properties 'publicKeys' required, if 'user' exists/],
  ["the superuser over SSH", { ssh: { user: "root", publicKeys: [KEY] } }, /'\/ssh\/user': 'not' failed/],
  ["a user's name that a shell would read", { ssh: { user: "a;id", publicKeys: [KEY] } }, /'\/ssh\/user': 'a;id'/],
  [
    "a private key",
    { ssh: { user: "ops", publicKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] } },
    /'\/ssh\/publicKeys\/0'/,
  ],
  ["a key of two lines", { ssh: { user: "ops", publicKeys: [`${KEY} a\n${KEY} b`] } }, /'\/ssh\/publicKeys\/0'/],
  [
    "a template in a key's comment",
    { ssh: { user: "ops", publicKeys: [`${KEY} {{ v1.x }}`] } },
    /'\/ssh\/publicKeys\/0'/,
  ],
  ["a login in the proxy's address", { proxy: { https: "http://a:b@proxy:3128" } }, /'\/proxy\/https'/],
  ["a proxy without a scheme", { proxy: { http: "proxy:3128" } }, /'\/proxy\/http': 'proxy:3128'/],
  [
    "a shell's words in noProxy",
    { proxy: { http: "http://a", noProxy: ["$(id)"] } },
    /'\/proxy\/noProxy\/0': '\$\(id\)'/,
  ],
  ["an addon that is not known", { addons: { cni: {} } }, /'\/addons': additional properties 'cni'/],
  [
    "a manager without a Prism Central",
    { addons: { ccm: { enabled: true } } },
    /nutanix\.prismCentral\.address: is missing and addons\.ccm asks/,
  ],
  ["charts without TLS", { addons: { ccm: { repository: "http://a" } } }, /'\/addons\/ccm\/repository': 'http:\/\/a'/],
  ["a login in a chart's address", { addons: { csi: { repository: "https://a:b@c" } } }, /'\/addons\/csi\/repository'/],
  ["a CSI driver before 3.0", { addons: { csi: { version: "2.6.10" } } }, /'\/addons\/csi\/version': '2\.6\.10'/],
  [
    "an ignored address that is none",
    { addons: { ccm: { ignoredNodeIPs: ["a"] } } },
    /'\/addons\/ccm\/ignoredNodeIPs\/0': 'a'/,
  ],
  [
    "a private key in the trust bundle",
    { addons: { ccm: { trustBundle: "-----BEGIN PRIVATE KEY-----" } } },
    /'\/addons\/ccm\/trustBundle': 'not' failed/,
  ],
];

export const WRONG_OF: Record<Mode, typeof WRONG> = {
  hcp: [
    ["no replica of the control plane", { controlPlaneNumber: 0 }, /'\/controlPlaneNumber': minimum/],
    ["values of the other mode", { loadBalancing: { type: "cplb" } }, /additional properties 'loadBalancing'/],
    [
      "virtual machines of a hosted control plane",
      { controlPlane: { vcpuSockets: 4 } },
      /additional properties 'controlPlane'/,
    ],
    [
      "a konnectivity port out of range",
      { k0smotron: { service: { konnectivityPort: 0 } } },
      /'\/k0smotron\/service\/konnectivityPort': minimum/,
    ],
  ],
  standalone: [
    [
      "a failure domain of the control plane that is not there",
      { controlPlane: { failureDomains: ["b"] } },
      /controlPlane\.failureDomains: "b" is no failure domain of the cluster/,
    ],
    [
      "GPUs of control plane machines",
      { controlPlane: { gpus: [] } },
      /'\/controlPlane': additional properties 'gpus'/,
    ],
    [
      "an even number of controllers",
      { controlPlaneNumber: 2 },
      /'\/controlPlaneNumber': value must be one of 1, 3, 5/,
    ],
    ["values of the other mode", { k0smotron: {} }, /additional properties 'k0smotron'/],
    [
      "an unknown balancer",
      { loadBalancing: { ...VIP, type: "metallb" } },
      /'\/loadBalancing\/type': value must be one of/,
    ],
    [
      "k0s's balancer without its values",
      { loadBalancing: { ...VIP, type: "cplb" } },
      /'\/loadBalancing': missing properties 'virtualRouterID', 'prefixLength', 'authPass'/,
    ],
    [
      "another balancer with values of k0s's",
      { loadBalancing: { type: "kube-vip" } },
      /'\/loadBalancing\/type': value must be 'cplb'/,
    ],
    [
      "a password that keepalived cuts",
      { loadBalancing: { authPass: "123456789" } },
      /'\/loadBalancing\/authPass': maxLength/,
    ],
    [
      "a router out of range",
      { loadBalancing: { virtualRouterID: 256 } },
      /'\/loadBalancing\/virtualRouterID': maximum/,
    ],
    [
      "k0s's balancer in a k0s that has none",
      { k0s: { version: "v1.29.2+k0s.0" } },
      /loadBalancing\.type: "cplb" is not to be had with k0s\.version v1\.29\.2/,
    ],
    [
      "a name that k0s's balancer should hold",
      { nutanix: { controlPlaneEndpoint: { host: "edge.example.com" } } },
      /nutanix\.controlPlaneEndpoint\.host: "edge\.example\.com" cannot be held/,
    ],
    [
      "a chart repository without TLS",
      { kubeVip: { repository: "http://a" } },
      /'\/kubeVip\/repository': 'http:\/\/a'/,
    ],
    [
      "an external address beside node-local balancing",
      { k0s: { config: { spec: { api: { externalAddress: "1.2.3.4" } } } } },
      /k0s\.config\.spec\.api\.externalAddress: cannot stand beside/,
    ],
  ],
};

/** Wrong values of the other two charts. */
export const WRONG_CHARTS: [chart: string, values: unknown, message: RegExp][] = [
  ["nutanix-capx", { kcm: { line: "1.3" } }, /'\/kcm\/line': value must be one of '1\.2', '1\.5', '1\.11'/],
  ["nutanix-capx", { kcm: { line: 1.2 } }, /'\/kcm\/line': value must be one of/],
  [
    "nutanix-capx",
    { charts: { repository: "https://charts.example.com" } },
    /'\/charts\/repository': 'https:\/\/charts\.example\.com'/,
  ],
  ["nutanix-capx", { charts: { interval: "10m" } }, /'\/charts\/interval': '10m'/],
  ["nutanix-capx", { templates: { hcp: [] } }, /'\/templates\/hcp': minItems/],
  ["nutanix-capx", { templates: { hcp: ["1.0"] } }, /'\/templates\/hcp\/0': '1\.0'/],
  ["nutanix-capx", { server: { image: "nginx" } }, /'\/server\/image': 'nginx'/],
  ["nutanix-capx", { capx: { version: "1.7.0" } }, /'\/capx\/version': '1\.7\.0'/],
  ["cluster-api-provider-nutanix", { version: "1.7.0" }, /'\/version': '1\.7\.0'/],
  ["cluster-api-provider-nutanix", { configSecret: { name: "" } }, /'\/configSecret\/name': ''/],
  ["cluster-api-provider-nutanix", { fetchConfig: { oci: "a", url: "b" } }, /'\/fetchConfig': maxProperties/],
  ["cluster-api-provider-nutanix", { configSecrets: {} }, /additional properties 'configSecrets'/],
];
