/** Rules about `k0s.config`: what k0s accepts, and what is set elsewhere. */
import ipaddr from "ipaddr.js";
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { isDnsName } from "./endpoint-rules.ts";
import type { Field } from "./field.ts";
import { componentArguments } from "./k0s-arguments.ts";
import { typeViolations } from "./k0s-field-types.ts";
import { CLUSTER_CONFIG } from "./k0s-fields.ts";
import { mandatory, type Rule } from "./rule.ts";
import { minorOf } from "./versions.ts";
import type { Violation } from "./violation.ts";

const CONFIG = "`k0s.config` of ClusterDeployments, and the k0s configurations of control planes";

export const k0sConfigIsValid: Rule = {
  name: "k0s-config-is-valid",
  category: "shape",
  level: mandatory,
  inspects: `${CONFIG}, with the fields of the ClusterConfig of their k0s version, and the worker profiles that workers have`,
  why: "k0s stops at a value of a wrong type, and ignores a field that it does not know: machines start, and no control plane appears",
  remedy: "correct the field",
  example: 'clusters.demo.k0s.config.spec.telemetri: is not a field of k0s\'s ClusterConfig; did you mean "telemetry"?',
  check: (targets) =>
    clustersOf(targets).flatMap((cluster) => {
      const { version, config } = cluster.k0s;
      const minor = version.text === undefined ? undefined : minorOf(version.text);
      return [
        ...typeViolations(config, CLUSTER_CONFIG, minor),
        ...sanViolations(config),
        ...machineViolations(cluster),
        ...helmViolations(cluster),
        ...duplicateNames(config.at("spec", "featureGates").items.map((gate) => gate.at("name"))),
        ...profileViolations(cluster),
      ];
    }),
};

function sanViolations(config: Field): Violation[] {
  return (
    config
      .at("spec", "api", "sans")
      // Go's addresses have no zone.
      .items.filter(
        ({ text }) => text !== undefined && (text.includes("%") || !(ipaddr.isValid(text) || isDnsName(text))),
      )
      .map((san) => san.violation("is neither an IP address nor a DNS name", "use the name or the address alone"))
  );
}

/** Settings that several control plane machines cannot share. */
function machineViolations({ standalone, controlPlaneNumber, k0s }: ClusterFields): Violation[] {
  if (!standalone || (controlPlaneNumber.integer ?? 1) < 2) return [];
  const spec = k0s.config.at("spec");
  const storage = spec.at("storage", "type");
  const source = spec.at("storage", "kine", "dataSource").text ?? "sqlite:";
  const addresses = [spec.at("api", "address"), spec.at("storage", "etcd", "peerAddress")];
  return [
    ...(storage.value === "kine" && /^(sqlite|nats):/.test(source)
      ? [storage.violation("keeps the data on one machine, and the cluster has several", "use etcd, or 1 machine")]
      : []),
    ...addresses
      .filter(({ isSet }) => isSet)
      .map((address) => address.violation("is one address for all control plane machines", "remove it")),
    ...[spec.at("api", "k0sApiPort")]
      .filter(({ isSet, integer }) => isSet && integer !== 9443)
      .map((port) => port.violation("is not 9443, where k0smotron lets further machines join", "remove it")),
  ];
}

const RELEASE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Releases of the charts that the cluster's chart adds to these. */
function ownReleases({ config, loadBalancer }: ClusterFields): string[] {
  const addons = ["ccm", "csi"].filter((name) => {
    const addon = config.at("addons", name);
    return addon.at("enabled").value === true && addon.at("via").value !== "service";
  });
  return [...addons.map((name) => `nutanix-${name}`), ...(loadBalancer.value === "kube-vip" ? ["kube-vip"] : [])];
}

function helmViolations(cluster: ClusterFields): Violation[] {
  const helm = cluster.k0s.config.at("spec", "extensions", "helm");
  const own = ownReleases(cluster);
  const charts = helm.at("charts").items;
  const repositories = helm.at("repositories").items.map((repository) => repository.at("name"));
  const names = charts.map((chart) => chart.at("name"));
  const isLabel = ({ text }: Field) => !text || PROFILE_NAME.test(text);
  return [
    ...names
      .filter(({ text }) => text && (text.length > 53 || !RELEASE_NAME.test(text)))
      .map((name) =>
        name.violation("is not the name of a Helm release", "use lower-case letters, digits and '-', 53 at most"),
      ),
    ...charts
      .map((chart) => chart.at("namespace"))
      .filter((namespace) => !isLabel(namespace))
      .map((namespace) => namespace.violation("is not a namespace", "use lower-case letters, digits and '-'")),
    ...[...names, ...repositories]
      .filter(({ text = "" }) => own.includes(text))
      .map((name) => name.violation("is a name that this project's chart uses for the cluster", "use another name")),
    ...duplicateNames(names),
    ...duplicateNames(repositories),
  ];
}

/** Fields of the kubelet's configuration that k0s sets. */
const RESERVED = ["clusterDNS", "clusterDomain", "staticPodURL"];

export const PROFILE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Profiles, and what chooses one. k0s has one named `default`, which workers without another have, and which one of that name changes. */
function profileViolations({ k0s, config }: ClusterFields): Violation[] {
  const profiles = k0s.config.at("spec", "workerProfiles").items;
  const names = profiles.map((profile) => profile.at("name"));
  const pools = config.at("workerPools").entries.map(([, pool]) => pool);
  const chosen = [config.at("k0s", "worker"), ...pools].map((workers) => workers.at("profile"));
  const among = (fields: readonly Field[], name: string) =>
    name === "default" || fields.some(({ text }) => text === name);
  const isUnused = (name = "") => PROFILE_NAME.test(name) && config.isSet && !among(chosen, name);
  return [
    ...names
      .filter(({ text }) => text !== undefined && !PROFILE_NAME.test(text))
      .map((name) => name.violation("is not the name of a worker profile", "use lower-case letters, digits and '-'")),
    ...names
      .filter(({ text }) => isUnused(text))
      .map((name) =>
        name.violation(
          "is a worker profile that no worker has",
          "name it default, for all workers, or set it as profile of k0s.worker or of a worker pool",
        ),
      ),
    ...chosen
      .filter(({ text }) => text !== undefined && !among(names, text))
      .map((profile) =>
        profile.violation("is not a worker profile of the cluster", "add it to k0s.config.spec.workerProfiles"),
      ),
    ...duplicateNames(names),
    ...profiles.flatMap((profile) =>
      RESERVED.map((key) => profile.at("values", key))
        .filter(({ isSet }) => isSet)
        .map((field) => field.redacted("is set by k0s, which accepts it in no worker profile", "remove it")),
    ),
  ];
}

function duplicateNames(names: readonly Field[]): Violation[] {
  const seen = new Set<string>();
  return names
    .filter(({ text }) => text !== undefined && (seen.has(text) || !seen.add(text)))
    .map((name) => name.violation("is a name twice in this list", "use unique names"));
}

const PODS = "clusterNetwork.pods.cidrBlocks";
const SERVICES = "clusterNetwork.services.cidrBlocks";
/** Fields of the k0s configuration that keys of the cluster stand for. */
const ELSEWHERE: readonly [path: string, key: string][] = [
  ["network.podCIDR", PODS],
  ["network.calico.envVars.CALICO_IPV4POOL_CIDR", PODS],
  ["network.serviceCIDR", SERVICES],
  ["network.clusterDomain", "clusterNetwork.serviceDomain"],
  ["network.controlPlaneLoadBalancing", "loadBalancing"],
  ["api.externalAddress", "nutanix.controlPlaneEndpoint.host"],
  ["api.port", "nutanix.controlPlaneEndpoint.port"],
];
/** Arguments of components that keys of the cluster stand for. */
const ARGUMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  api: {
    "encryption-provider-config": "encryptionAtRest",
    "secure-port": "nutanix.controlPlaneEndpoint.port",
    "service-cluster-ip-range": SERVICES,
  },
  controllerManager: { "cluster-cidr": PODS, "service-cluster-ip-range": SERVICES },
  "network.kubeProxy": { "cluster-cidr": PODS },
};
/** Arguments of the API server that k0s sets itself. */
const K0S_ARGUMENT =
  /^(advertise-address|client-ca-file|enable-bootstrap-token-auth|egress-selector-config-file|(kubelet|proxy)-client-(certificate|cert-file|key|key-file)|kubelet-certificate-authority|requestheader-.*|service-account-(signing-)?key-file|tls-(cert|private-key)-file|etcd-.*)$/;
/** What k0smotron writes over in the configuration of a hosted control plane. */
const OVERWRITTEN = ["storage.type", "storage.etcd.externalCluster", "storage.kine", "konnectivity.agentPort"];

export const k0sConfigRepeatsNoOtherSetting: Rule = {
  name: "k0s-config-repeats-no-other-setting",
  category: "shape",
  level: mandatory,
  inspects:
    "`k0s.config` of ClusterDeployments: fields and API server arguments that are keys of the cluster, or k0s's own",
  why: "the k0s configuration overrides the key of the cluster, so that policies and controllers read another value than k0s",
  remedy: "use the key of the cluster",
  example:
    "clusters.demo.k0s.config.spec.network.podCIDR: overrides clusterNetwork.pods.cidrBlocks; remove it, and set that",
  check: (targets) =>
    clustersOf(targets)
      .filter(({ config }) => config.isSet)
      .flatMap(({ standalone, k0s, config }) => {
        const spec = k0s.config.at("spec");
        const field = (path: string) => spec.at(...path.split("."));
        const overwritten = standalone === false ? OVERWRITTEN.map(field) : [];
        return [
          ...ELSEWHERE.map(([path, key]) => ({ field: field(path), key }))
            .filter((one) => one.field.isSet)
            .map((one) => one.field.redacted(`overrides ${one.key}`, "remove it, and set that")),
          ...Object.keys(ARGUMENTS).flatMap((path) => argumentViolations(path, field(path))),
          ...overwritten
            .filter(({ isSet }) => isSet)
            .map((one) => one.redacted("has no effect: k0smotron sets it for hosted control planes", "remove it")),
          ...[field("network.dualStack.enabled"), field("network.primaryAddressFamily")]
            .filter(({ value }) => value === true || value === "IPv6")
            .map((one) => one.violation("needs IPv6, and CAPX machines have none", "remove it")),
          ...(standalone && config.at("encryptionAtRest", "secretName").isSet ? otherUser(field(API_USER)) : []),
        ];
      }),
};

/** The user that k0s runs the API server as, and the chart's own for it. */
const API_USER = "installConfig.users.kubeAPIserverUser";
const API_USER_NAME = "kube-apiserver";

/** The key of encryption at rest is a file that only the chart's user may read. */
function otherUser(user: Field): Violation[] {
  if (user.text === undefined || user.text === API_USER_NAME) return [];
  return [user.violation(`cannot read the key of encryptionAtRest, which is ${API_USER_NAME}'s`, "remove it")];
}

function argumentViolations(path: string, component: Field): Violation[] {
  return componentArguments(component).flatMap(({ name, field }): Violation[] => {
    const key = ARGUMENTS[path]?.[name];
    if (key !== undefined) return [field.redacted(`overrides ${key}`, "remove it, and set that")];
    return path === "api" && K0S_ARGUMENT.test(name)
      ? [field.redacted("is an argument that k0s sets itself", "remove it")]
      : [];
  });
}
