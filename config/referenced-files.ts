/** Files that the stack file names: the kubeconfig and trust bundles. */
import pulumi from "@pulumi/pulumi";
import { KubeconfigError } from "../kubernetes/errors.ts";
import { contextNames, NOWHERE, readKubeconfig } from "../kubernetes/kubeconfig.ts";
import type { ApiAccess } from "../kubernetes/transport.ts";
import type { Bundles } from "../manifests/stack-manifests.ts";
import { readBundle } from "../manifests/trust-bundle-file.ts";
import type { Violation } from "../policy/rules/violation.ts";
import type { TrustBundleSource } from "../schema/prism-central-settings.ts";
import type { Stack } from "../schema/stack.ts";

/** PEM texts of the stack's trust bundles. Errors are added to `errors`. */
export function readBundles({ prismCentral, clusters }: Stack, errors: Violation[]): Bundles {
  const sources: [key: string, path: string, source: TrustBundleSource | undefined][] = [
    ["prismCentral", "prismCentral.trustBundle", prismCentral.trustBundle],
    ...Object.entries(clusters).map(([name, { nutanix }]): [string, string, TrustBundleSource | undefined] => [
      name,
      `clusters.${name}.nutanix.prismCentral.trustBundle`,
      nutanix.prismCentral?.trustBundle,
    ]),
  ];
  const bundles = sources.flatMap(([key, path, source]) => {
    const pem = readBundle(source, path, errors);
    return pem === undefined ? [] : [[key, pem]];
  });
  return Object.fromEntries(bundles);
}

/** How to reach the management cluster. Errors are added to `errors`. */
export function readAccess({ management }: Stack, errors: Violation[]): ApiAccess {
  const { kubeconfig: path, context } = management;
  if (path === undefined) return { context };
  try {
    const kubeconfig = readKubeconfig(path);
    const contexts = contextNames(kubeconfig);
    if (context === undefined || contexts.includes(context)) return { kubeconfig, context };
    const remedy = contexts.length === 0 ? "set another file in management.kubeconfig" : `set ${contexts.join(" or ")}`;
    errors.push({ path: "management.context", value: context, reason: "is not a context of the kubeconfig", remedy });
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    if (pulumi.runtime.isDryRun() && error.problem === "missing") {
      pulumi.log.debug(`${path} does not exist: the preview does not use the management cluster`);
      return { kubeconfig: NOWHERE };
    }
    const { reason, remedy } = error;
    errors.push({ path: "management.kubeconfig", value: path, reason, remedy });
  }
  return { context };
}
