import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { type Capacity, capacity } from "../manifests/cluster-capacity.ts";
import { prismCentralOf } from "../manifests/cluster-config.ts";
import { clusterDeployment, clusterTemplate } from "../manifests/cluster-deployment.ts";
import { ENCRYPTION_KEY, encryptionConfig } from "../manifests/encryption.ts";
import { clusterNames, NAMESPACE } from "../manifests/names.ts";
import { targetOptions } from "../manifests/target-options.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { type Cluster, type ClusterInput, cluster as clusterSchema } from "../schema/cluster.ts";
import { clusterViolations } from "../schema/cluster-references.ts";
import {
  type PrismCentral,
  type PrismCentralInput,
  prismCentral as prismCentralSchema,
} from "../schema/prism-central-settings.ts";
import { readKubeconfig } from "./internal/cluster-kubeconfig.ts";
import { enforce, readSpec, throwViolations } from "./internal/enforce.ts";
import { withHooks } from "./internal/hooks.ts";
import { updatePolicyHook } from "./internal/update-policy-hook.ts";
import { withOwnership } from "./internal/with-ownership.ts";
import type { Management } from "./management.ts";
import type { ManagementConnection } from "./management-connection.ts";
import type { NutanixCredential } from "./nutanix-credential.ts";
import type { TrustBundle } from "./trust-bundle.ts";

export interface NutanixK0sClusterArgs {
  /** The cluster, in the words of the stack file. */
  readonly spec: ClusterInput;
  /** Name of the cluster, and of its ClusterDeployment. @default the component's name */
  readonly clusterName?: string;
  /** Prism Central of the stack, for clusters that name none of their own. */
  readonly prismCentral: PrismCentralInput;
  /** The cluster's login. */
  readonly credential: NutanixCredential;
  /** The cluster's CA certificates. @default none */
  readonly trustBundle?: TrustBundle | undefined;
  /** PEM text that the cluster's addons check Prism Central's certificate with. @default none: public CAs only */
  readonly caCertificates?: string | undefined;
  /** The Management whose templates the cluster is made from; waited for. @default the templates are there already */
  readonly templates?: Management;
  /** Asked for the kubeconfig, and why, when the cluster does not become ready. @default none: no kubeconfig output */
  readonly management?: ManagementConnection;
  /** Seconds for the cluster to become ready, and for its machines to go. @default 3600 */
  readonly timeout?: number;
  /** What the strictness of rules depends on; clusters are protected outside dev. @default production */
  readonly settings?: PolicySettings;
}

/**
 * One k0s cluster on Nutanix: its ClusterDeployment, and the key that its Secrets are encrypted with at rest.
 *
 * @example
 * const credential = new NutanixCredential("edge-credential", { cluster: "edge", username, password }, { provider });
 * const edge = new NutanixK0sCluster("edge", { spec: { mode: "hcp", … }, prismCentral, credential, management }, { provider });
 * export const kubeconfig = edge.kubeconfig;
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
  /** Whether kcm says that the cluster is ready. */
  public readonly ready: pulumi.Output<boolean>;
  /** Kubeconfig of the cluster, a secret; empty while the control plane has written none. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** What its machines ask of Nutanix. */
  public readonly capacity: Capacity;

  constructor(name: string, args: NutanixK0sClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const cluster = args.clusterName ?? name;
    const spec: Cluster = readSpec(clusterSchema, args.spec, `clusters.${cluster}`);
    const central: PrismCentral = readSpec(prismCentralSchema, args.prismCentral, "prismCentral");
    const settings = args.settings ?? { environment: "production" };
    throwViolations(clusterViolations(`clusters.${cluster}`, cluster, spec), "this cannot be read:");
    const manifest = clusterDeployment(spec, {
      name: cluster,
      prismCentral: central,
      caCertificates: args.caCertificates,
    });
    const subject = { at: `clusters.${cluster}`, object: manifest, options: targetOptions(cluster, spec, settings) };
    enforce([subject], settings);

    super("k0rdent-nutanix:index:NutanixK0sCluster", name, {}, opts);
    const encryption = spec.encryptionAtRest ? this.#encryption(name, cluster) : undefined;
    const timeout = `${args.timeout ?? 3600}s`;
    const needed = [args.credential, args.trustBundle, args.templates, encryption].filter((one) => one !== undefined);
    const deployment = new CustomResource(
      name,
      {
        apiVersion: manifest.apiVersion,
        kind: manifest.kind,
        metadata: withOwnership(manifest, spec.waitForReady ? ["condition=Ready"] : []),
        spec: {
          ...manifest.spec,
          template: args.templates?.clusterTemplates[spec.mode] ?? clusterTemplate(spec.mode),
          credential: args.credential.credentialName,
        },
        // Asks for the live status among the outputs.
        status: undefined,
      },
      {
        parent: this,
        dependsOn: needed,
        protect: subject.options.protect,
        customTimeouts: { create: timeout, update: timeout, delete: timeout },
        hooks: {
          ...args.management?.readinessErrorHook().hooks,
          ...withHooks(() => ({ beforeUpdate: [updatePolicyHook(name, subject, settings)] })).hooks,
        },
      },
    );

    const { host, port } = spec.nutanix.controlPlaneEndpoint;
    this.clusterName = deployment.metadata.name;
    this.namespace = deployment.metadata.namespace;
    this.mode = spec.mode;
    this.endpoint = pulumi.output(`${host}:${port}`);
    this.ready = isReady(deployment);
    this.kubeconfig = readKubeconfig(deployment, {
      cluster,
      management: args.management,
      required: spec.waitForReady,
    });
    this.capacity = capacity(spec);
    this.registerOutputs({
      clusterName: this.clusterName,
      namespace: this.namespace,
      mode: this.mode,
      endpoint: this.endpoint,
      ready: this.ready,
      kubeconfig: this.kubeconfig,
      capacity: this.capacity,
      prismCentral: prismCentralOf(spec, central).address,
    });
  }

  /**
   * What the key is derived from is made once and stays: another key would make every Secret of the cluster unreadable.
   * A password, since the id of random bytes is the bytes themselves, in clear text in the state.
   */
  #encryption(name: string, cluster: string): Secret {
    const seed = new RandomPassword(`${name}-encryption-seed`, { length: 64, special: false }, { parent: this });
    return new Secret(
      `${name}-encryption-at-rest`,
      {
        metadata: withOwnership({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: clusterNames(cluster).encryptionAtRest, namespace: NAMESPACE },
        }),
        stringData: { [ENCRYPTION_KEY]: seed.result.apply(ifDefined(encryptionConfig)) },
      },
      { parent: this },
    );
  }
}

/** A destroy that runs the program hands on what was never made as undefined: nothing is derived from it, and no key from nothing. */
function ifDefined(derive: (text: string) => string): (text: string | undefined) => string {
  return (text) => (text === undefined ? "" : derive(text));
}

interface Status {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

function isReady(deployment: CustomResource): pulumi.Output<boolean> {
  const { status } = deployment as unknown as { status: pulumi.Output<Status | undefined> };
  return pulumi
    .output(status)
    .apply((live) => live?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false);
}
