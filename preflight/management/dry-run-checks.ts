import { KINDS } from "../../kubernetes/kinds.ts";
import { nutanixEntry } from "../../manifests/management-object.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { NAMESPACE, releaseName } from "../../manifests/names.ts";
import { clusterManifests, sharedManifests } from "../../manifests/stack-manifests.ts";
import { serviceTargets } from "../../manifests/stack-services.ts";
import { at, list } from "../../policy/rules/plain-values.ts";
import { type Check, type CheckContext, type CheckOutcome, inconclusive, pass } from "../check.ts";
import { denialOf, describeAdmissionError, isForbidden, lacksNamespace, objectName } from "./admission-errors.ts";
import { type DryRunResult, dryRun } from "./dry-run-request.ts";
import { type InstalledKcm, installedKcm, installsCapx, installsKcm } from "./installed.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

export const SHARED_DRY_RUN_CHECK: Check = {
  id: "shared-objects-are-admitted",
  description: "the management cluster accepts the objects that all clusters share, in a dry run",
  scope: "stack",
  run: (context) => dryRunOutcomes(context, sharedManifests(context.stack, context.bundles)),
};

export const CLUSTER_DRY_RUN_CHECK: Check = {
  id: "cluster-is-admitted",
  description: "the management cluster and its webhooks accept the objects of the cluster, in a dry run",
  scope: "cluster",
  run: (context) => dryRunOutcomes(context, clusterManifests(context.name, context.stack, context.bundles)),
};

/** Sends objects in a dry run. */
export async function dryRunOutcomes(
  context: CheckContext,
  manifests: readonly Manifest[],
): Promise<readonly CheckOutcome[]> {
  if (manifests.length === 0) return [];
  const reader = await managementOf(context);
  const cluster = { context, reader, kcm: await installedKcm(reader) };
  const results = await Promise.all(
    manifests.map(async (manifest) => {
      const result = await dryRun(reader, context, manifest);
      return { result, verdict: await judge(cluster, result) };
    }),
  );
  const {
    accepted = [],
    installedByUp = [],
    rejected = [],
    inconclusive: open = [],
  } = Object.groupBy(results, ({ verdict }) => verdict);
  const names = (of: typeof results) => of.map(({ result }) => objectName(result)).join(", ");
  const problems = rejected.map(({ result }) => describeAdmissionError(result));
  const [first] = open;
  if (first !== undefined) problems.push(inconclusive(`no dry run of ${names(open)}: ${reasonOf(first.result)}`));
  if (problems.length > 0) return problems;
  const later = installedByUp.length === 0 ? "" : `; this up installs what ${names(installedByUp)} need`;
  return [pass(`${accepted.length} of ${results.length} objects are accepted in a dry run${later}`)];
}

interface DryRunCluster {
  readonly context: CheckContext;
  readonly reader: Reader;
  readonly kcm: InstalledKcm;
}

/** What a result means for the up: `installedByUp` is no failure, since this up installs what is missing. */
async function judge(
  cluster: DryRunCluster,
  result: DryRunResult,
): Promise<"accepted" | "installedByUp" | "inconclusive" | "rejected"> {
  if (result.outcome === "accepted") return "accepted";
  if (result.outcome === "unavailable") return "inconclusive";
  if (installsKcm(cluster.context, cluster.kcm) && result.code === 404) return "installedByUp";
  // kinds-are-served, management-permissions-are-sufficient and namespace-exists report these.
  if (result.outcome === "notServed" || isForbidden(result) || lacksNamespace(result)) return "inconclusive";
  const denial = denialOf(result);
  if (denial === undefined) return "rejected";
  const { kind } = result.manifest;
  const isInstalledByUp =
    kind === "Management"
      ? await installsManagement(cluster, denial.reason)
      : installsServices(cluster, denial.reason) || (await installsCluster(cluster, result));
  return isInstalledByUp ? "installedByUp" : "rejected";
}

/** kcm looks up its Release, then the templates of Management: this up may install both, before Management. */
async function installsManagement({ context, reader, kcm }: DryRunCluster, reason: string): Promise<boolean> {
  const release = releaseName(context.stack.management.kcm.version);
  if (!kcm.releases.some(({ metadata }) => metadata.name === release) && reason.includes(release)) return true;
  return reason.includes(nutanixEntry().template ?? "") && (await installsCapx(context, reader));
}

/** The template of a service, which the up writes and waits for before it sends what uses it. */
function installsServices({ context }: DryRunCluster, reason: string): boolean {
  const missing = /^(\w+)\.k0rdent\.mirantis\.com "([^"]+)" not found$/.exec(reason);
  if (missing === null) return false;
  const [, kind, name] = missing;
  return serviceTargets(context.stack).some(({ object }) => object.kind === kind && object.metadata.name === name);
}

/** kcm looks up the template first, then the Credential, which the up writes and waits for before it sends the cluster. */
async function installsCluster(
  { context, reader, kcm }: DryRunCluster,
  { manifest, code }: DryRunResult,
): Promise<boolean> {
  if (manifest.kind !== "ClusterDeployment") return false;
  const { template, credential } = manifest.spec as { template: string; credential: string };
  const [liveTemplate, liveCredential] = await Promise.all([
    reader.object(KINDS.ClusterTemplate, { namespace: NAMESPACE, name: template }),
    reader.object(KINDS.Credential, { namespace: NAMESPACE, name: credential }),
  ]);
  if (liveTemplate === undefined) return !context.stack.capx.managedExternally;
  if (liveTemplate.status?.["valid"] !== true) {
    // A template becomes valid once its providers are installed, which this up's Management may do.
    const providers = list(kcm.management?.spec?.["providers"]);
    return !context.stack.capx.managedExternally && !providers.some((one) => at(one, "name") === nutanixEntry().name);
  }
  return liveCredential === undefined && code === 404;
}

function reasonOf(result: DryRunResult): string {
  if (result.outcome === "notServed") return "their kinds are not served";
  if (isForbidden(result)) return "the user may not write them";
  return lacksNamespace(result) ? result.message : `the API server responds with ${result.code}`;
}
