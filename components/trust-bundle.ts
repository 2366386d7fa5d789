import pulumi from "@pulumi/pulumi";
import { clusterNames } from "../manifests/names.ts";
import { trustBundle } from "../manifests/trust-bundle-object.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { normalizedBundle } from "../policy/rules/trust-bundles.ts";
import { enforce } from "./internal/enforce.ts";
import { createTrustBundle } from "./internal/trust-bundle-config-map.ts";
import type { ManagementConnection } from "./management-connection.ts";

export interface TrustBundleArgs {
  /** Name of the cluster whose NutanixCluster reads the bundle. */
  readonly cluster: string;
  /** PEM text of one or more CA certificates. Plain text is checked at once, an Output by the policy pack. */
  readonly pem: pulumi.Input<string>;
  /** Name of the ConfigMap, which CAPX adopts and deletes with the cluster. @default "<cluster>-pc-ca" */
  readonly configMapName?: string | undefined;
  /** Checks for conflicts. @default none */
  readonly connection?: ManagementConnection | undefined;
  /** What the enforcement of policies depends on. @default production */
  readonly settings?: PolicySettings;
}

/**
 * The CA certificates that Prism Central's certificate is checked with, as the ConfigMap that CAPX reads for one cluster.
 *
 * @example
 * new TrustBundle("edge-trust-bundle", { cluster: "edge", pem: readFileSync("pc-ca.pem", "utf8") }, { provider });
 */
export class TrustBundle extends pulumi.ComponentResource {
  /** Name of the ConfigMap. */
  public readonly configMapName: pulumi.Output<string>;

  constructor(name: string, args: TrustBundleArgs, opts?: pulumi.ComponentResourceOptions) {
    const { connection } = args;
    const pem =
      typeof args.pem === "string" ? normalizedBundle(args.pem) : pulumi.output(args.pem).apply(normalizedBundle);
    const configMapName = args.configMapName ?? clusterNames(args.cluster).trustBundle;
    const manifest = trustBundle(configMapName, typeof pem === "string" ? pem : "");
    if (typeof pem === "string") enforce([{ at: "trustBundle", object: manifest }], args.settings);
    super("k0rdent-nutanix:index:TrustBundle", name, {}, opts);
    const configMap = createTrustBundle(name, { pem, configMapName, connection }, { parent: this });
    this.configMapName = configMap.metadata.name;
    this.registerOutputs({ configMapName: this.configMapName });
  }
}
