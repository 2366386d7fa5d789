import pulumi from "@pulumi/pulumi";
import type { ProviderEntry, TrustBundles } from "../manifests/management-object.ts";
import { sharedNameViolations } from "../manifests/shared-names.ts";
import { capxTrustBundles, stackTargets } from "../manifests/stack-manifests.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { normalizedBundle } from "../policy/rules/trust-bundles.ts";
import type { CapxInput } from "../schema/capx-settings.ts";
import type { ManagementInput, Timeouts } from "../schema/management-settings.ts";
import type { PrismCentral, PrismCentralInput } from "../schema/prism-central-settings.ts";
import { stack as stackSchema } from "../schema/stack.ts";
import { referenceViolations } from "../schema/stack-references.ts";
import { Capx } from "./capx.ts";
import { clusterIdentity } from "./internal/cluster-identity.ts";
import { enforce, PRODUCTION, readSpec, throwConfigErrors } from "./internal/enforce.ts";
import { pemText } from "./internal/pem-text.ts";
import { Kcm } from "./kcm.ts";
import { Management } from "./management.ts";
import type { ManagementConnection } from "./management-connection.ts";

/** An account of Prism Central. Both parts are kept as secrets. */
export interface PrismCentralAccount {
  readonly username: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
}

export interface NutanixPlatformArgs {
  /** The management cluster. */
  readonly connection: ManagementConnection;
  /** Prism Central of the global credentials, and of clusters that name none, as in the stack file. */
  readonly prismCentral: PrismCentralInput;
  /** The global credentials, which CAPX is installed with. @default none: only with `capx.managedExternally` */
  readonly login?: PrismCentralAccount;
  /** kcm, its providers and timeouts, as in the stack file. @default kcm 1.2.0, installed by this program */
  readonly management?: Omit<ManagementInput, "kubeconfig" | "context" | "inCluster">;
  /** CAPX and its charts, as in the stack file. @default this package's charts, served by the management cluster */
  readonly capx?: CapxInput;
  /** PEM texts of the CA certificates of clusters' own Prism Centrals, by cluster. @default none */
  readonly trustBundles?: TrustBundles;
  /** Whether a cluster needs Cluster API's feature gate ClusterTopology. @default false */
  readonly clusterTopology?: boolean;
  /** Other stacks of this package, whose endpoints no cluster may use. @default none */
  readonly peerStacks?: readonly string[];
  /** Whether kcm manages itself, see {@link KcmArgs.selfManaged}. @default true */
  readonly selfManaged?: boolean;
  /** What the enforcement of policies depends on. @default production */
  readonly settings?: PolicySettings;
}

/**
 * Everything on the management cluster that clusters need: kcm, CAPX and Management, in this order, after guards: the stack stays
 * on one management cluster, and takes over no objects and no endpoints of others.
 *
 * @example
 * const platform = new NutanixPlatform("platform", { connection, prismCentral: { address: "pc.example.com" }, login }, { provider });
 */
export class NutanixPlatform extends pulumi.ComponentResource {
  /** kcm; undefined where an existing one is used. */
  public readonly kcm: Kcm | undefined;
  /** CAPX; undefined where another stack manages it. */
  public readonly capx: Capx | undefined;
  /** The Management object, or our part of it, and the ClusterTemplates. */
  public readonly management: Management;
  /** UID of the management cluster's namespace kube-system. */
  public readonly clusterUid: pulumi.Output<string | undefined>;
  /** @internal */
  readonly connection: ManagementConnection;
  /** @internal */
  readonly prismCentral: PrismCentral;
  /** @internal PEM text of the CA certificates of `prismCentral`. */
  readonly trustBundle: string | undefined;
  /** @internal What this platform makes CAPX trust; undefined where CAPX is installed by others. */
  readonly trustBundles: TrustBundles | undefined;
  /** @internal */
  readonly login: PrismCentralAccount | undefined;
  /** @internal Whether clusters are rendered by this package's charts. */
  readonly usesOwnCharts: boolean;
  /** @internal kcm that is installed, or that is said to run. */
  readonly kcmVersion: string;
  /** @internal */
  readonly timeouts: Timeouts;
  /** @internal */
  readonly settings: PolicySettings;

  constructor(name: string, args: NutanixPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const { connection, login, settings = PRODUCTION } = args;
    const { stack, trustBundle } = readPlatform(args, settings);
    const { prismCentral, management, capx, peerStacks } = stack;

    super("k0rdent-nutanix:index:NutanixPlatform", name, {}, opts);
    const { kcm, adopt, timeouts } = management;
    const dependsOn = connection.guards.setPeers(name, peerStacks, settings, { parent: this });
    const { record, uid } = clusterIdentity(name, connection, { parent: this, dependsOn });
    const trustBundles = capxTrustBundles({
      ...normalized(args.trustBundles),
      ...(trustBundle === undefined ? {} : { prismCentral: trustBundle }),
    });
    const versions = { kcmVersion: kcm.version, capxVersion: capx.version };
    const common = { connection, settings };
    const after = (...components: (pulumi.Resource | undefined)[]) => ({
      parent: this,
      dependsOn: [record, ...components.filter((one) => one !== undefined)],
    });
    this.kcm = adopt
      ? undefined
      : new Kcm(
          `${name}-kcm`,
          { ...common, ...kcm, selfManaged: args.selfManaged ?? true, timeout: timeouts.release },
          after(),
        );
    this.capx =
      capx.managedExternally || login === undefined
        ? undefined
        : new Capx(
            `${name}-capx`,
            { ...common, ...versions, ...capx, ...login, prismCentral, timeout: timeouts.release },
            after(this.kcm),
          );
    this.management = new Management(
      `${name}-management`,
      {
        ...common,
        ...versions,
        trustBundles,
        release: this.kcm?.releaseName,
        kcmValues: kcm.values,
        providers: management.providers as readonly ProviderEntry[],
        ownership: adopt ? (capx.managedExternally ? "none" : "providerEntry") : "full",
        chartSource: capx.chart === undefined ? "package" : "custom",
        clusterTopology: args.clusterTopology ?? false,
        timeout: timeouts.management,
        templateTimeout: timeouts.template,
      },
      after(this.kcm, this.capx),
    );
    this.clusterUid = uid;
    this.connection = connection;
    this.prismCentral = prismCentral;
    this.trustBundle = trustBundle;
    this.trustBundles = capx.managedExternally || capx.chart !== undefined ? undefined : trustBundles;
    this.login = login;
    this.usesOwnCharts = capx.chart === undefined;
    this.kcmVersion = kcm.version;
    this.timeouts = timeouts;
    this.settings = settings;
    this.registerOutputs({ clusterUid: this.clusterUid, clusterTemplates: this.management.clusterTemplates });
  }
}

function normalized(bundles: TrustBundles = {}): TrustBundles {
  return Object.fromEntries(Object.entries(bundles).map(([name, pem]) => [name, normalizedBundle(pem)]));
}

/** The arguments as a stack without clusters: read by the same schema, and evaluated by the same policies. */
function readPlatform(args: NutanixPlatformArgs, settings: PolicySettings) {
  const { prismCentral, capx, peerStacks } = args;
  const management = { ...args.management, kubeconfig: undefined, context: undefined, inCluster: true };
  const stack = readSpec(stackSchema, { prismCentral, capx, peerStacks, management }, "");
  const references = referenceViolations(stack, args.login === undefined ? [] : ["global"]);
  throwConfigErrors([...references, ...sharedNameViolations(stack)]);
  const trustBundle = pemText(stack.prismCentral.trustBundle, "prismCentral.trustBundle");
  enforce(stackTargets(stack, trustBundle === undefined ? {} : { prismCentral: trustBundle }), settings);
  return { stack, trustBundle };
}
