import { hasOwnCredential, trustBundleOf } from "../../manifests/cluster-config.ts";
import { clusterNames } from "../../manifests/names.ts";
import { trustBundle } from "../../manifests/trust-bundle-object.ts";
import type { PolicyTarget } from "../../policy/rules/rule.ts";
import type { Cluster } from "../../schema/cluster.ts";
import type { NutanixPlatform } from "../nutanix-platform.ts";
import { throwConfigErrors } from "./enforce.ts";
import { pemText } from "./pem-text.ts";

export interface ClusterTrust {
  /** PEM text of the bundle that goes with the cluster's own credential. */
  readonly pem: string | undefined;
  /** PEM text that its addons verify Prism Central with. */
  readonly caCertificates: string | undefined;
  /** What the rules read of it. */
  readonly targets: readonly PolicyTarget[];
}

/**
 * The CA certificates of a cluster's Prism Central.
 *
 * @throws RunError where they cannot be read, or where CAPX, which is installed before the cluster, does not trust them.
 */
export function clusterTrust(
  cluster: string,
  spec: Cluster,
  { prismCentral, trustBundle: global, trustBundles }: NutanixPlatform,
): ClusterTrust {
  const path = `clusters.${cluster}.nutanix.prismCentral.trustBundle`;
  const pem = pemText(trustBundleOf(spec, prismCentral), path);
  if (pem === undefined) return { pem, caCertificates: hasOwnCredential(spec) ? undefined : global, targets: [] };
  if (trustBundles !== undefined && !Object.values(trustBundles).includes(pem)) {
    const remedy = "add it to trustBundles of the NutanixPlatform";
    throwConfigErrors([{ path, reason: "is not among the certificates that CAPX trusts", remedy }]);
  }
  const targets = [{ at: path, object: trustBundle(clusterNames(cluster).trustBundle, pem) }];
  return { pem, caCertificates: pem, targets };
}
