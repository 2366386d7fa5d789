import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import pulumi from "@pulumi/pulumi";
import { clusterNames } from "../manifests/names.ts";
import { trustBundle } from "../manifests/trust-bundle-object.ts";
import type { PolicySettings } from "../policy/rules/rule.ts";
import { enforce } from "./internal/enforce.ts";
import { withOwnership } from "./internal/with-ownership.ts";

export interface TrustBundleArgs {
  /** Name of the cluster whose NutanixCluster reads the bundle. */
  readonly cluster: string;
  /** PEM text of one or more CA certificates. */
  readonly pem: string;
  /** Name of the ConfigMap, which CAPX will own and delete with the cluster. @default "<cluster>-pc-ca" */
  readonly configMapName?: string;
  /** What the strictness of rules depends on. @default production */
  readonly settings?: PolicySettings;
}

/**
 * The CA certificates that one cluster's Prism Central is checked against, as the ConfigMap that CAPX reads.
 *
 * @example
 * new TrustBundle("edge-trust-bundle", { cluster: "edge", pem: readFileSync("pc-ca.pem", "utf8") }, { provider });
 */
export class TrustBundle extends pulumi.ComponentResource {
  /** Name of the ConfigMap. */
  public readonly configMapName: pulumi.Output<string>;

  constructor(name: string, args: TrustBundleArgs, opts?: pulumi.ComponentResourceOptions) {
    const manifest = trustBundle(args.configMapName ?? clusterNames(args.cluster).trustBundle, args.pem);
    enforce([{ at: "trustBundle", object: manifest }], args.settings ?? { environment: "production" });
    super("k0rdent-nutanix:index:TrustBundle", name, {}, opts);
    const configMap = new ConfigMap(
      name,
      { metadata: withOwnership(manifest), data: { ...manifest.data } },
      { parent: this },
    );
    this.configMapName = configMap.metadata.name;
    this.registerOutputs({ configMapName: this.configMapName });
  }
}
