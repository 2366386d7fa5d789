import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import pulumi from "@pulumi/pulumi";
import type { ObjectReference } from "../kubernetes/object.ts";
import { capxRelease, providerObjects } from "../manifests/capx-release.ts";
import { chartRepository as readChartRepository } from "../manifests/chart-archive.ts";
import { clusterTemplates } from "../manifests/cluster-deployment.ts";
import { CAPX_LABEL, capxVariables, loginVariables } from "../manifests/credential.ts";
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
import {
  type PrismCentral,
  type PrismCentralInput,
  prismCentral as prismCentralSchema,
} from "../schema/prism-central-settings.ts";
import { enforce, readSpec } from "./internal/enforce.ts";
import { resourceHook } from "./internal/hooks.ts";
import { log } from "./internal/log.ts";
import { rotationHooks } from "./internal/rotation-hook.ts";
import { stackIdentity, withOwnership } from "./internal/with-ownership.ts";
import type { ManagementConnection } from "./management-connection.ts";

export interface CapxArgs {
  /** kcm version that CAPX is installed by. @default "1.2.0" */
  readonly kcmVersion?: string;
  /** CAPX version. @default the one that goes with the kcm version */
  readonly capxVersion?: string | undefined;
  /** Prism Central of the global credentials, as in the stack file. */
  readonly prismCentral: PrismCentralInput;
  /** User of the global credentials. Kept as a secret. */
  readonly username: pulumi.Input<string>;
  /** Its password. Kept as a secret. */
  readonly password: pulumi.Input<string>;
  /** OCI registry with this package's charts. @default none: the management cluster serves them */
  readonly chartRepository?: string | undefined;
  /** Another chart in place of this package's: an oci:// address or a folder. It gets no values. @default this package's */
  readonly chart?: string | undefined;
  /** Version of that other chart. @default its newest */
  readonly chartVersion?: string | undefined;
  /** Let the Helm release adopt existing objects of its names; needs `connection`. @default false */
  readonly takeOwnership?: boolean;
  /** Adopts objects, checks for conflicts, and notifies the operator of a changed login. @default none */
  readonly connection?: ManagementConnection | undefined;
  /** Seconds for the release to be installed, upgraded or uninstalled. @default 600 */
  readonly timeout?: number;
  /** What the enforcement of policies depends on. @default production */
  readonly settings?: PolicySettings;
}

/**
 * Cluster API provider Nutanix as kcm installs it: the Secret of CAPX's variables, the charts and their source, and the Helm
 * release `nutanix-capx` of the ProviderTemplate, the ClusterTemplates and kcm's RBAC. Management installs CAPX from it.
 *
 * @example
 * new Capx("capx", { prismCentral: { address: "pc.example.com" }, username, password }, { provider, dependsOn: kcm });
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
    const { connection, chartRepository } = args;
    const kcmVersion = args.kcmVersion ?? DEFAULT_KCM_VERSION;
    const central = readSpec(prismCentralSchema, args.prismCentral, "prismCentral");
    const isOwnChart = args.chart === undefined;
    const spec = { ...args, kcmVersion, capxVersion: args.capxVersion ?? lineOf(kcmVersion)?.defaultCapx };
    const inputs = capxRelease(spec);
    enforce([releaseTarget("capx", inputs)], args.settings);

    super("k0rdent-nutanix:index:Capx", name, {}, opts);
    const variables = this.#variables(name, central, args);
    const charts = isOwnChart && chartRepository === undefined ? this.#charts(name, args) : undefined;
    const { chart, version, values } = inputs;
    const timeout = args.timeout ?? 600;
    const objects = isOwnChart ? providerObjects(chartRepository) : [];
    this.release = new Release(
      name,
      {
        name: CAPX_RELEASE,
        namespace: NAMESPACE,
        chart,
        ...(version === undefined ? {} : { version }),
        values: charts === undefined ? values : { ...values, charts: { digest: charts.digest } },
        timeout,
        description: releaseDescription(stackIdentity()),
      },
      {
        parent: this,
        dependsOn: charts === undefined ? [variables] : [variables, charts.configMap],
        customTimeouts: { create: `${timeout}s`, update: `${timeout}s`, delete: `${timeout}s` },
        ...(connection && {
          hooks: {
            beforeCreate: args.takeOwnership ? takeOwnership(name, connection, objects) : [],
            onError: connection.readinessErrorHook(),
          },
        }),
      },
    );
    this.providerTemplate = this.release.id.apply(() => nutanixEntry().template ?? PROVIDER);
    this.clusterTemplates = clusterTemplates(isOwnChart);
    this.credentialsSecret = variables.metadata.name;
    // Not the release, see Kcm.
    this.registerOutputs({
      providerTemplate: this.providerTemplate,
      clusterTemplates: this.clusterTemplates,
      credentialsSecret: this.credentialsSecret,
    });
  }

  #variables(name: string, central: PrismCentral, { connection, ...login }: CapxArgs): Secret {
    const manifest = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: CAPX_VARIABLES, namespace: NAMESPACE, labels: CAPX_LABEL },
    };
    const stringData = pulumi.all([login.username, login.password]).apply(([username, password]) => ({
      ...capxVariables(central),
      ...loginVariables({ username, password }),
    }));
    const beforeCreate = connection?.guards.protect({ manifests: [manifest] }) ?? [];
    return new Secret(
      `${name}-variables`,
      { metadata: withOwnership(manifest), stringData: pulumi.secret(stringData) },
      { parent: this, hooks: { beforeCreate, ...rotationHooks(CAPX_VARIABLES, GLOBAL_FOLLOWS, connection) } },
    );
  }

  /** The charts that the management cluster serves. */
  #charts(name: string, { connection }: CapxArgs): { configMap: ConfigMap; digest: pulumi.Output<string> } {
    const repository = readChartRepository([PROVIDER, ...Object.values(CLUSTER_CHARTS)]);
    const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: CHARTS, namespace: NAMESPACE } };
    const beforeCreate = connection?.guards.protect({ manifests: [manifest] }) ?? [];
    const configMap = new ConfigMap(
      `${name}-charts`,
      {
        metadata: withOwnership(manifest),
        data: repository.then(({ data }) => ({ ...data })),
        binaryData: repository.then(({ binaryData }) => ({ ...binaryData })),
      },
      { parent: this, hooks: { beforeCreate } },
    );
    return { configMap, digest: pulumi.output(repository.then(({ digest }) => digest)) };
  }
}

/** What Helm requires of an existing object before a release adopts it. */
const MARKERS = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": CAPX_RELEASE, "meta.helm.sh/release-namespace": NAMESPACE },
} as const;

/**
 * Adds Helm's markers to existing objects of the release right before its installation: Pulumi's provider has no flag for it at
 * this version, and Helm rejects objects without them.
 */
function takeOwnership(
  name: string,
  connection: ManagementConnection,
  objects: readonly ObjectReference[],
): pulumi.ResourceHook[] {
  return resourceHook(`${name}-take-ownership`, async () => {
    const api = await connection.api();
    await Promise.all(
      objects.map(async (reference) => {
        if ((await api.get(reference)) === undefined) return;
        await api.merge(reference, { metadata: { ...reference.metadata, ...MARKERS } });
        await log.info(`${reference.kind} ${reference.metadata.name}: adopted by the Helm release ${CAPX_RELEASE}`);
      }),
    );
  });
}
