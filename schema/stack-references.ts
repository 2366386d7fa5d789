/** Violations between parts of a stack file: broken references, and settings without effect. */
import { formatValue, type Violation } from "../policy/rules/violation.ts";
import type { Cluster } from "./cluster.ts";
import { clusterViolations } from "./cluster-references.ts";
import { clusterServiceViolations, serviceViolations } from "./service-references.ts";
import type { Stack } from "./stack.ts";

/** `credentials` are the names of the stack's credentials. */
export function referenceViolations(stack: Stack, credentials: readonly string[]): Violation[] {
  return [
    ...managementViolations(stack),
    ...waiverViolations(stack),
    ...chartViolations(stack),
    ...globalViolations(stack, credentials),
    ...Object.entries(stack.multiClusterServices).flatMap(([name, { services }]) =>
      serviceViolations(`multiClusterServices.${name}.services`, services, stack.serviceTemplates),
    ),
    ...Object.entries(stack.clusters).flatMap(([name, cluster]) => [
      ...clusterViolations(`clusters.${name}`, name, cluster),
      ...clusterServiceViolations(`clusters.${name}`, cluster, {
        templates: stack.serviceTemplates,
        kcmVersion: stack.management.kcm.version,
      }),
      ...credentialViolations(`clusters.${name}`, cluster, { stack, credentials, name }),
    ]),
  ];
}

/** A cluster's entry of `credentials`. */
export function credentialOf(name: string, cluster: Cluster): string {
  return cluster.nutanix.prismCentral?.usePerClusterCredential ? (cluster.credential ?? name) : "global";
}

function managementViolations({ management, capx }: Stack): Violation[] {
  const violations: Violation[] = [];
  if ((management.kubeconfig === undefined) === !management.inCluster) {
    violations.push({
      path: "management.kubeconfig",
      ...(management.kubeconfig === undefined ? {} : { value: management.kubeconfig }),
      reason: management.inCluster ? "conflicts with inCluster: true" : "is missing, while inCluster is false",
      remedy: "set the kubeconfig of the management cluster, or inCluster: true",
    });
  }
  if (capx.managedExternally && !management.adopt) {
    violations.push({
      path: "capx.managedExternally",
      value: true,
      reason: "requires management.adopt: this stack installs kcm, so no other stack can manage CAPX",
      remedy: "set management.adopt: true, or remove capx.managedExternally",
    });
  }
  return violations;
}

/** Waivers of unknown clusters have no effect. */
function waiverViolations({ policy, clusters }: Stack): Violation[] {
  return Object.entries(policy).flatMap(([rule, settings]) => {
    const { waivers = [] } = (settings ?? {}) as { waivers?: readonly { cluster: string }[] };
    return waivers.flatMap(({ cluster }, index) =>
      Object.hasOwn(clusters, cluster)
        ? []
        : [
            {
              path: `policy.${rule}.waivers.${index}.cluster`,
              value: cluster,
              reason: "is not a cluster of this stack",
              remedy: "set the name of one, or remove the waiver",
            },
          ],
    );
  });
}

/** Settings of this project's chart have no effect with another chart. */
function chartViolations({ capx }: Stack): Violation[] {
  const given =
    capx.chart === undefined ? (["chartVersion"] as const) : (["chartRepository", "version", "takeOwnership"] as const);
  return given
    .filter((key) => capx[key] !== undefined && capx[key] !== false)
    .map((key) => ({
      path: `capx.${key}`,
      value: capx[key],
      reason: `has no effect ${capx.chart === undefined ? "without" : "with"} capx.chart`,
      remedy: capx.chart === undefined ? "remove it, or set capx.chart" : "remove one of the two",
    }));
}

function globalViolations({ capx }: Stack, credentials: readonly string[]): Violation[] {
  if (capx.managedExternally || credentials.includes("global")) return [];
  return [
    {
      path: "credentials.global",
      reason: "is missing, and CAPX needs it",
      remedy:
        "add a username, and set the password with pulumi config set --secret --path 'credentials.global.password'",
    },
  ];
}

interface CredentialContext {
  readonly name: string;
  readonly stack: Stack;
  readonly credentials: readonly string[];
}

function credentialViolations(at: string, cluster: Cluster, around: CredentialContext): Violation[] {
  const prismCentral = cluster.nutanix.prismCentral;
  return prismCentral?.usePerClusterCredential
    ? ownCredentialViolations(at, cluster, around)
    : [...unusedViolations(at, cluster), ...otherCentralViolations(at, cluster, around.stack)];
}

function ownCredentialViolations(
  at: string,
  cluster: Cluster,
  { name, stack, credentials }: CredentialContext,
): Violation[] {
  const violations: Violation[] = [];
  const prismCentral = cluster.nutanix.prismCentral;
  const entry = credentialOf(name, cluster);
  if (!credentials.includes(entry)) {
    violations.push({
      path: cluster.credential === undefined ? `credentials.${entry}` : `${at}.credential`,
      ...(cluster.credential === undefined ? {} : { value: cluster.credential }),
      reason:
        cluster.credential === undefined
          ? `is missing, and ${at} uses a dedicated credential`
          : "is not an entry of credentials",
      remedy: `add credentials.${entry}, its password with pulumi config set --secret --path 'credentials.${entry}.password'`,
    });
  }
  const hasBundle =
    prismCentral?.trustBundle !== undefined ||
    (prismCentral?.address === stack.prismCentral.address && stack.prismCentral.trustBundle);
  if (prismCentral?.additionalTrustBundleConfigMapName !== undefined && !hasBundle) {
    violations.push({
      path: `${at}.nutanix.prismCentral.additionalTrustBundleConfigMapName`,
      value: prismCentral.additionalTrustBundleConfigMapName,
      reason: "has no trust bundle",
      remedy: "set nutanix.prismCentral.trustBundle to {file: path} or {pem: text}",
    });
  }
  return violations;
}

/** Settings that have an effect only with a per-cluster credential. */
function unusedViolations(at: string, cluster: Cluster): Violation[] {
  const prismCentral = cluster.nutanix.prismCentral;
  const settings: [path: string, value: unknown][] = [
    ["credential", cluster.credential],
    ["nutanix.prismCentral.credentialSecretName", prismCentral?.credentialSecretName],
    ["nutanix.prismCentral.additionalTrustBundleConfigMapName", prismCentral?.additionalTrustBundleConfigMapName],
    ["nutanix.prismCentral.trustBundle", prismCentral?.trustBundle],
  ];
  return settings
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => ({
      path: `${at}.${path}`,
      ...(typeof value === "string" ? { value } : {}),
      reason: "has no effect, since the cluster uses the global credentials",
      remedy: "set nutanix.prismCentral.usePerClusterCredential: true, or remove it",
    }));
}

/** With global credentials CAPX ignores the cluster's Prism Central and uses its own. */
function otherCentralViolations(at: string, cluster: Cluster, { prismCentral }: Stack): Violation[] {
  const own = cluster.nutanix.prismCentral;
  if (own === undefined) return [];
  return (["address", "port", "insecure"] as const)
    .filter((key) => own[key] !== prismCentral[key])
    .map((key) => ({
      path: `${at}.nutanix.prismCentral.${key}`,
      value: own[key],
      reason: `differs from prismCentral.${key} (${formatValue(prismCentral[key])}), the Prism Central of the global credentials`,
      remedy: "set usePerClusterCredential: true and add a credential, or use the same value",
    }));
}
