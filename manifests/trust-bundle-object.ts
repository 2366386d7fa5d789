import { TRUST_BUNDLE_KEY, TRUST_BUNDLE_LABEL } from "../policy/rules/trust-bundles.ts";
import type { Manifest } from "./manifest.ts";
import { NAMESPACE } from "./names.ts";

/** The ConfigMap of CA certificates that a NutanixCluster names, under CAPX's key and under the one that older guides use. */
export function trustBundle(name: string, pem: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: NAMESPACE, labels: TRUST_BUNDLE_LABEL },
    data: { [TRUST_BUNDLE_KEY]: pem, "ca-bundle.crt": pem },
  };
}
