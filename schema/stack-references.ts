/** What the parts of one stack file say of each other: references that lead nowhere, and words that have no effect. */
import { formatValue, type Violation } from "../policy/rules/violation.ts";
import type { Cluster } from "./cluster.ts";
import { clusterViolations } from "./cluster-references.ts";
import type { Stack } from "./stack.ts";

/** Faults of a stack file whose parts can each be read. `credentials` are the names of its credentials. */
export function referenceViolations(stack: Stack, credentials: readonly string[]): Violation[] {
  return [
    ...managementFaults(stack),
    ...waiverFaults(stack),
    ...chartFaults(stack),
    ...globalFaults(stack, credentials),
    ...Object.entries(stack.clusters).flatMap(([name, cluster]) => [
      ...clusterViolations(`clusters.${name}`, name, cluster),
      ...credentialFaults(`clusters.${name}`, cluster, { stack, credentials, name }),
    ]),
  ];
}

/** Name of the entry of `credentials` that a cluster logs in with. */
export function credentialOf(name: string, cluster: Cluster): string {
  return cluster.nutanix.prismCentral?.usePerClusterCredential ? (cluster.credential ?? name) : "global";
}

function managementFaults({ management, capx }: Stack): Violation[] {
  const faults: Violation[] = [];
  if ((management.kubeconfig === undefined) === !management.inCluster) {
    faults.push({
      path: "management.kubeconfig",
      ...(management.kubeconfig === undefined ? {} : { value: management.kubeconfig }),
      reason: management.inCluster ? "stands beside inCluster: true" : "is missing, and inCluster is false",
      remedy: "name the kubeconfig of the management cluster, or set inCluster: true, one of the two",
    });
  }
  if (capx.managedExternally && !management.adopt) {
    faults.push({
      path: "capx.managedExternally",
      value: true,
      reason: "says that another stack brought CAPX, but management.adopt says that kcm is this stack's own",
      remedy: "set management.adopt: true, or leave capx.managedExternally out",
    });
  }
  return faults;
}

/** Waivers of clusters that are not there: whoever wrote one believes that something is waived. */
function waiverFaults({ policy, clusters }: Stack): Violation[] {
  return Object.entries(policy).flatMap(([rule, settings]) => {
    const { waivers = [] } = (settings ?? {}) as { waivers?: readonly { cluster: string }[] };
    return waivers.flatMap(({ cluster }, index) =>
      Object.hasOwn(clusters, cluster)
        ? []
        : [
            {
              path: `policy.${rule}.waivers.${index}.cluster`,
              value: cluster,
              reason: "is no cluster of this stack",
              remedy: "write the name of one, or take the waiver out",
            },
          ],
    );
  });
}

/** Settings of this project's own chart, which another one is not given. */
function chartFaults({ capx }: Stack): Violation[] {
  const given =
    capx.chart === undefined ? (["chartVersion"] as const) : (["chartRepository", "version", "takeOwnership"] as const);
  return given
    .filter((key) => capx[key] !== undefined && capx[key] !== false)
    .map((key) => ({
      path: `capx.${key}`,
      value: capx[key],
      reason: `has no effect ${capx.chart === undefined ? "without" : "beside"} capx.chart`,
      remedy: capx.chart === undefined ? "take it out, or name a chart" : "take one of the two out",
    }));
}

function globalFaults({ capx }: Stack, credentials: readonly string[]): Violation[] {
  if (capx.managedExternally || credentials.includes("global")) return [];
  return [
    {
      path: "credentials.global",
      reason: "is missing, and CAPX is installed with it",
      remedy:
        "add a username, and set the password with pulumi config set --secret --path 'credentials.global.password'",
    },
  ];
}

interface Surroundings {
  readonly name: string;
  readonly stack: Stack;
  readonly credentials: readonly string[];
}

function credentialFaults(at: string, cluster: Cluster, around: Surroundings): Violation[] {
  const central = cluster.nutanix.prismCentral;
  return central?.usePerClusterCredential
    ? ownCredentialFaults(at, cluster, around)
    : [...unusedFaults(at, cluster), ...otherCentralFaults(at, cluster, around.stack)];
}

function ownCredentialFaults(at: string, cluster: Cluster, { name, stack, credentials }: Surroundings): Violation[] {
  const faults: Violation[] = [];
  const central = cluster.nutanix.prismCentral;
  const entry = credentialOf(name, cluster);
  if (!credentials.includes(entry)) {
    faults.push({
      path: cluster.credential === undefined ? `credentials.${entry}` : `${at}.credential`,
      ...(cluster.credential === undefined ? {} : { value: cluster.credential }),
      reason:
        cluster.credential === undefined
          ? `is missing, and ${at} uses a credential of its own`
          : "is no entry of credentials",
      remedy: `add credentials.${entry}, its password with pulumi config set --secret --path 'credentials.${entry}.password'`,
    });
  }
  const hasBundle =
    central?.trustBundle !== undefined ||
    (central?.address === stack.prismCentral.address && stack.prismCentral.trustBundle);
  if (central?.additionalTrustBundleConfigMapName !== undefined && !hasBundle) {
    faults.push({
      path: `${at}.nutanix.prismCentral.additionalTrustBundleConfigMapName`,
      value: central.additionalTrustBundleConfigMapName,
      reason: "names a trust bundle, and no certificates are given for it",
      remedy: "give them in nutanix.prismCentral.trustBundle, as {file: path} or {pem: text}",
    });
  }
  return faults;
}

/** Words that only a per-cluster credential gives a meaning to. */
function unusedFaults(at: string, cluster: Cluster): Violation[] {
  const central = cluster.nutanix.prismCentral;
  const words: [path: string, value: unknown][] = [
    ["credential", cluster.credential],
    ["nutanix.prismCentral.credentialSecretName", central?.credentialSecretName],
    ["nutanix.prismCentral.additionalTrustBundleConfigMapName", central?.additionalTrustBundleConfigMapName],
    ["nutanix.prismCentral.trustBundle", central?.trustBundle],
  ];
  return words
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => ({
      path: `${at}.${path}`,
      ...(typeof value === "string" ? { value } : {}),
      reason: "has no effect, since the cluster uses the global credentials",
      remedy: "set nutanix.prismCentral.usePerClusterCredential: true, or take it out",
    }));
}

/** With global credentials a cluster is made on the Prism Central that CAPX is installed with, whatever the cluster says. */
function otherCentralFaults(at: string, cluster: Cluster, { prismCentral }: Stack): Violation[] {
  const own = cluster.nutanix.prismCentral;
  if (own === undefined) return [];
  return (["address", "port", "insecure"] as const)
    .filter((key) => own[key] !== prismCentral[key])
    .map((key) => ({
      path: `${at}.nutanix.prismCentral.${key}`,
      value: own[key],
      reason: `differs from prismCentral.${key} (${formatValue(prismCentral[key])}), which the global credentials are for`,
      remedy: "set usePerClusterCredential: true and give the cluster a credential, or write the same",
    }));
}
