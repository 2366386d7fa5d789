import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import pulumi from "@pulumi/pulumi";
import { capxRelease, providerObjects } from "../manifests/capx-release.ts";
import { type ChartRepository, chartRepository } from "../manifests/chart-archive.ts";
import { clusterTemplates } from "../manifests/cluster-deployment.ts";
import { CAPX_LABEL, capxVariables, credentialsText } from "../manifests/credential.ts";
import { nutanixEntry } from "../manifests/management-object.ts";
import {
  CAPX_RELEASE,
  CAPX_VARIABLES,
  CHARTS,
  CLUSTER_CHARTS,
  type Mode,
  NAMESPACE,
  PROVIDER,
  releaseDescription,
} from "../manifests/names.ts";
import { releaseTarget } from "../manifests/release-target.ts";
import { GLOBAL_FOLLOWS } from "../manifests/rotation-notes.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { DEFAULT_KCM_VERSION, lineOf } from "../policy/rules/versions.ts";
import { type PrismCentralInput, prismCentral as prismCentralSchema } from "../schema/prism-central-settings.ts";
import { enforce, readSpec } from "./internal/enforce.ts";
import { onRotation } from "./internal/rotation-hook.ts";
import { takeOwnership } from "./internal/take-ownership.ts";
import { stackIdentity, withOwnership } from "./internal/with-ownership.ts";
import type { ManagementConnection } from "./management-connection.ts";

export interface CapxArgs {
  /** kcm version that the provider goes with. @default "1.2.0" */
  readonly kcmVersion?: string;
  /** CAPX version. @default the one that goes with the kcm version */
  readonly capxVersion?: string | undefined;
  /** Prism Central of the global credentials, in the words of the stack file. */
  readonly prismCentral: PrismCentralInput;
  /** PEM text of its CA certificates. @default none */
  readonly trustBundle?: string | undefined;
  /** User of the global credentials. Kept as a secret. */
  readonly username: pulumi.Input<string>;
  /** Its password. Kept as a secret. */
  readonly password: pulumi.Input<string>;
  /** OCI registry with this package's charts. @default none: they are served from inside the management cluster */
  readonly chartRepository?: string | undefined;
  /** Another chart in place of this package's: an oci:// address or a folder. It is given no values. @default this package's */
  readonly chart?: string | undefined;
  /** Version of that other chart. @default its newest */
  readonly chartVersion?: string | undefined;
  /** Let the Helm release take over objects of its names that are there already; needs `management`. @default false */
  readonly takeOwnership?: boolean;
  /** The cluster in which ownership is taken, and the operator told that a login changed. @default none */
  readonly management?: ManagementConnection;
  /** Seconds for the release to install, upgrade or go. @default 600 */
  readonly timeout?: number;
  /** What the strictness of rules depends on. @default production */
  readonly settings?: PolicySettings;
}

/**
 * Cluster API for Nutanix as kcm takes it: the Secret that CAPX is installed with, the charts and their source, and the Helm
 * release `nutanix-capx` of the ProviderTemplate, the ClusterTemplates and the rights of kcm. Management installs CAPX from it.
 *
 * @example
 * new NutanixProvider("nutanix", { prismCentral: { address: "pc.example.com" }, username, password }, { provider, dependsOn: kcm });
 */
export class Capx extends pulumi.ComponentResource {
  /** The Helm release. */
  public readonly release: Release;
  /** Name of the ProviderTemplate that Management names. */
  public readonly providerTemplate: pulumi.Output<string>;
  /** Names of the ClusterTemplates, by mode. They become valid once Management is ready. */
  public readonly clusterTemplates: Readonly<Record<Mode, string>>;
  /** Name of the Secret of the global credentials. */
  public readonly credentialsSecret: pulumi.Output<string>;

  constructor(name: string, args: CapxArgs, opts?: pulumi.ComponentResourceOptions) {
    const kcmVersion = args.kcmVersion ?? DEFAULT_KCM_VERSION;
    const central = readSpec(prismCentralSchema, args.prismCentral, "prismCentral");
    const isOwnChart = args.chart === undefined;
    const spec = { ...args, kcmVersion, capxVersion: args.capxVersion ?? lineOf(kcmVersion)?.defaultCapx };
    const inputs = capxRelease(spec);
    enforce([releaseTarget("capx", inputs)], args.settings ?? { environment: "production" });

    super("k0rdent-nutanix:index:Capx", name, {}, opts);
    const parent = { parent: this };
    const secret = new Secret(
      `${name}-variables`,
      {
        metadata: withOwnership({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: CAPX_VARIABLES, namespace: NAMESPACE, labels: CAPX_LABEL },
        }),
        stringData: pulumi.secret(
          pulumi.all([args.username, args.password]).apply(([username, password]) => ({
            ...capxVariables({ ...central, trustBundle: args.trustBundle }),
            NUTANIX_USER: username,
            NUTANIX_PASSWORD: password,
            credentials: credentialsText({ username, password }),
          })),
        ),
      },
      { ...parent, ...onRotation(CAPX_VARIABLES, GLOBAL_FOLLOWS, args.management) },
    );
    const served = isOwnChart && args.chartRepository === undefined ? this.#servedCharts(name) : undefined;
    const { chart, version, values } = inputs;
    const timeout = args.timeout ?? 600;
    this.release = new Release(
      name,
      {
        name: CAPX_RELEASE,
        namespace: NAMESPACE,
        chart,
        ...(version === undefined ? {} : { version }),
        values: served === undefined ? values : { ...values, charts: { digest: served.digest } },
        timeout,
        description: releaseDescription(stackIdentity()),
      },
      {
        ...parent,
        dependsOn: served === undefined ? [secret] : [secret, served.configMap],
        customTimeouts: { create: `${timeout}s`, update: `${timeout}s`, delete: `${timeout}s` },
        ...(args.takeOwnership && args.management
          ? takeOwnership(args.management, isOwnChart ? providerObjects(args.chartRepository) : [])
          : {}),
      },
    );
    this.providerTemplate = this.release.id.apply(() => nutanixEntry().template ?? PROVIDER);
    this.clusterTemplates = clusterTemplates(isOwnChart);
    this.credentialsSecret = secret.metadata.name;
    this.registerOutputs({
      release: this.release,
      providerTemplate: this.providerTemplate,
      clusterTemplates: this.clusterTemplates,
      credentialsSecret: this.credentialsSecret,
    });
  }

  #servedCharts(name: string): { configMap: ConfigMap; digest: pulumi.Output<string> } {
    const repository: Promise<ChartRepository> = chartRepository([PROVIDER, ...Object.values(CLUSTER_CHARTS)]);
    const configMap = new ConfigMap(
      `${name}-charts`,
      {
        metadata: withOwnership({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: CHARTS, namespace: NAMESPACE },
        }),
        data: repository.then(({ data }) => ({ ...data })),
        binaryData: repository.then(({ binaryData }) => ({ ...binaryData })),
      },
      { parent: this },
    );
    return { configMap, digest: pulumi.output(repository.then(({ digest }) => digest)) };
  }
}
