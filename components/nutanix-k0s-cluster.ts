import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { Condition } from "../kubernetes/conditions.ts";
import { NOWHERE } from "../kubernetes/kubeconfig.ts";
import { serviceErrors } from "../manifests/addon-services.ts";
import { type Capacity, capacity } from "../manifests/cluster-capacity.ts";
import {
  addonLogins,
  type Config,
  capxObjects,
  hasOwnCredential,
  prismCentralOf,
} from "../manifests/cluster-config.ts";
import { clusterDeployment } from "../manifests/cluster-deployment.ts";
import { configViolations } from "../manifests/config-violations.ts";
import { ENCRYPTION_KEY, encryptionConfig } from "../manifests/encryption.ts";
import { clusterNames, NAMESPACE } from "../manifests/names.ts";
import { targetOptions } from "../manifests/target-options.ts";
import { type Cluster, type ClusterInput, cluster as clusterSchema, withDefaultK0s } from "../schema/cluster.ts";
import { clusterViolations } from "../schema/cluster-references.ts";
import { clusterKubeconfig } from "./internal/cluster-kubeconfig.ts";
import { clusterTrust } from "./internal/cluster-trust.ts";
import { createCredential } from "./internal/credential-objects.ts";
import { enforce, isEvaluated, readSpec, throwConfigErrors } from "./internal/enforce.ts";
import { createTrustBundle } from "./internal/trust-bundle-config-map.ts";
import { updatePolicyHook } from "./internal/update-policy-hook.ts";
import { customResource, stackIdentity, withOwnership } from "./internal/with-ownership.ts";
import type { NutanixCredential } from "./nutanix-credential.ts";
import type { NutanixPlatform, PrismCentralAccount } from "./nutanix-platform.ts";
import type { ServiceTemplates } from "./service-templates.ts";

export interface NutanixK0sClusterArgs {
  /** The cluster, as in the stack file. */
  readonly spec: ClusterInput;
  /** What the cluster is created with: waited for. */
  readonly platform: NutanixPlatform;
  /** Name of the cluster, and of its ClusterDeployment. @default the component's name */
  readonly clusterName?: string;
  /** The cluster's account of Prism Central. @default the platform's, for clusters without a credential of their own */
  readonly login?: PrismCentralAccount;
  /** Credential of the cluster. @default a new one, from `login` */
  readonly credential?: NutanixCredential;
  /** Charts of its services, and of its addons that are services. @default none */
  readonly serviceTemplates?: ServiceTemplates | undefined;
}

/**
 * One k0s cluster on Nutanix: its credential, its ClusterDeployment, and the key that encrypts its Secrets
 * at rest.
 *
 * @example
 * const edge = new NutanixK0sCluster("edge", { platform, spec: { mode: "hcp", … } }, { provider });
 * new k8s.core.v1.Namespace("team", {}, { provider: edge.provider });
 */
export class NutanixK0sCluster extends pulumi.ComponentResource {
  /** Name of the ClusterDeployment. */
  public readonly clusterName: pulumi.Output<string>;
  /** Its namespace. */
  public readonly namespace: pulumi.Output<string>;
  /** Where its control plane runs. */
  public readonly mode: Cluster["mode"];
  /** `host:port` of the API server. */
  public readonly endpoint: pulumi.Output<string>;
  /** Whether kcm reports the cluster as ready. */
  public readonly ready: pulumi.Output<boolean>;
  /** Kubeconfig of the cluster, a secret; empty while the control plane has written none. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** What its machines need of Nutanix. */
  public readonly capacity: Capacity;
  readonly #name: string;
  #provider: Provider | undefined;

  constructor(name: string, args: NutanixK0sClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform } = args;
    const { connection, prismCentral, settings, timeouts } = platform;
    const cluster = args.clusterName ?? name;
    const path = `clusters.${cluster}`;
    const isNew = !isEvaluated(args.spec);
    const spec: Cluster = isNew
      ? readSpec(clusterSchema, withDefaultK0s(args.spec, platform.kcmVersion), path)
      : (args.spec as Cluster);
    const services = { serviceTemplates: args.serviceTemplates?.templates ?? {}, kcmVersion: platform.kcmVersion };
    throwConfigErrors([
      ...clusterViolations(path, cluster, spec),
      ...serviceErrors(path, spec, services),
      ...loginErrors(path, spec, args),
    ]);
    const { pem, caCertificates, targets } = clusterTrust(cluster, spec, platform);
    const manifest = clusterDeployment(spec, { name: cluster, prismCentral, caCertificates, services });
    const options = targetOptions(cluster, spec, { ...settings, kcmVersion: platform.kcmVersion });
    const target = { at: path, object: manifest, options };
    if (isNew) enforce([target, ...targets], settings);
    if (isNew && platform.usesOwnCharts)
      throwConfigErrors(configViolations(path, spec, manifest.spec?.["config"] as Config));

    super("k0rdent-nutanix:index:NutanixK0sCluster", name, {}, opts);
    this.#name = name;
    const { credential, before } = this.#credential(cluster, spec, args);
    const ownBundle = this.#trustBundle(cluster, spec, { pem, platform });
    const encryption = spec.encryptionAtRest ? this.#encryption(cluster, platform) : undefined;
    const after = [...before, ownBundle, platform.management, encryption, args.serviceTemplates];
    const timeout = `${timeouts.cluster}s`;
    const deployment = new CustomResource(
      name,
      {
        ...customResource(manifest, spec.waitForReady ? ["condition=Ready"] : []),
        spec: { ...manifest.spec, template: platform.management.clusterTemplates[spec.mode], credential },
        // Makes the live status an output.
        status: undefined,
      },
      {
        parent: this,
        dependsOn: after.filter((one) => one !== undefined),
        protect: target.options.protect,
        customTimeouts: { create: timeout, update: timeout, delete: timeout },
        hooks: {
          beforeCreate: connection.guards.protect({ manifests: [manifest], targets: [target] }),
          beforeUpdate: updatePolicyHook(name, target, settings),
          onError: connection.readinessErrorHook(),
        },
      },
    );

    const { host, port } = spec.nutanix.controlPlaneEndpoint;
    this.clusterName = deployment.metadata.name;
    this.namespace = deployment.metadata.namespace;
    this.mode = spec.mode;
    this.endpoint = pulumi.output(`${host}:${port}`);
    this.ready = isReady(deployment);
    this.kubeconfig = clusterKubeconfig(deployment, { cluster, connection, required: spec.waitForReady });
    this.capacity = capacity(spec);
    // Without the kubeconfig: the engine writes what is registered with every step, and a copy of a secret serves nobody.
    this.registerOutputs({
      clusterName: this.clusterName,
      namespace: this.namespace,
      mode: this.mode,
      endpoint: this.endpoint,
      ready: this.ready,
      capacity: this.capacity,
      prismCentral: prismCentralOf(spec, prismCentral).address,
    });
  }

  /**
   * Kubernetes provider of the cluster, for what runs in it; created on first use. A preview does not know the kubeconfig, and
   * a cluster without one is not reachable.
   */
  get provider(): Provider {
    this.#provider ??= new Provider(
      `${this.#name}-provider`,
      {
        // An empty one would stand for the user's own kubeconfig.
        kubeconfig: pulumi.secret(this.kubeconfig.apply((text) => text || NOWHERE)),
        clusterIdentifier: `${stackIdentity()}.${this.#name}`,
      },
      { parent: this },
    );
    return this.#provider;
  }

  /** Name of the Credential, and what the cluster is created after. */
  #credential(
    cluster: string,
    spec: Cluster,
    { platform, credential, login = platform.login }: NutanixK0sClusterArgs,
  ): { credential: pulumi.Output<string>; before: readonly pulumi.Resource[] } {
    if (credential !== undefined) return { credential: credential.credentialName, before: [credential] };
    const { connection, prismCentral, timeouts, management } = platform;
    const { credentialName, resources } = createCredential(
      `${this.#name}-credential`,
      {
        cluster,
        username: login?.username ?? "",
        password: login?.password ?? "",
        capxSecret: hasOwnCredential(spec) ? capxObjects(spec, cluster).secret : undefined,
        ...addonLogins(spec, prismCentral),
        connection,
        timeout: timeouts.credential,
      },
      { parent: this, dependsOn: [management] },
    );
    return { credential: credentialName, before: resources };
  }

  /** Only where the stack file names a ConfigMap for CAPX. */
  #trustBundle(
    cluster: string,
    spec: Cluster,
    { pem, platform: { connection, management } }: { pem: string | undefined; platform: NutanixPlatform },
  ): pulumi.Resource | undefined {
    const configMapName = capxObjects(spec, cluster).trustBundle;
    if (configMapName === undefined || pem === undefined) return undefined;
    return createTrustBundle(
      `${this.#name}-trust-bundle`,
      { configMapName, pem, connection },
      { parent: this, dependsOn: [management] },
    );
  }

  /**
   * The seed of the key is created once and never changes: another key would make every Secret of the cluster unreadable.
   * A password, since the id of random bytes is the bytes themselves, in plain text in the state.
   */
  #encryption(cluster: string, { connection, management }: NutanixPlatform): Secret {
    const args = { length: 64, special: false };
    const seed = new RandomPassword(`${this.#name}-encryption-seed`, args, { parent: this });
    const metadata = { name: clusterNames(cluster).encryptionAtRest, namespace: NAMESPACE };
    const manifest = { apiVersion: "v1", kind: "Secret", metadata };
    return new Secret(
      `${this.#name}-encryption-at-rest`,
      {
        metadata: withOwnership(manifest),
        stringData: { [ENCRYPTION_KEY]: seed.result.apply(ifDefined(encryptionConfig)) },
      },
      {
        parent: this,
        dependsOn: management,
        hooks: { beforeCreate: connection.guards.protect({ manifests: [manifest] }) },
      },
    );
  }
}

function loginErrors(path: string, spec: Cluster, { platform, login, credential }: NutanixK0sClusterArgs) {
  if (credential !== undefined || login !== undefined) return [];
  if (!hasOwnCredential(spec) && platform.login !== undefined) return [];
  return [
    { path, reason: "has no login to Prism Central", remedy: "set login or credential of its NutanixK0sCluster" },
  ];
}

/** In a destroy that runs the program, what was never created is undefined: nothing is derived from it. */
function ifDefined(derive: (text: string) => string): (text: string | undefined) => string {
  return (text) => (text === undefined ? "" : derive(text));
}

function isReady(deployment: CustomResource): pulumi.Output<boolean> {
  const { status } = deployment as unknown as { status: pulumi.Output<{ conditions?: Condition[] } | undefined> };
  return pulumi
    .output(status)
    .apply((live) => live?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false);
}
