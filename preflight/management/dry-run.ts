import { KINDS } from "../../kubernetes/kinds.ts";
import { nutanixEntry } from "../../manifests/management-object.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { NAMESPACE, releaseName } from "../../manifests/names.ts";
import { clusterManifests, sharedManifests } from "../../manifests/stack-manifests.ts";
import { answer, type CheckContext, type CheckResult, type ClusterCheck, type StackCheck } from "../check.ts";
import { deniedBy, describeAdmissionError, isForbidden, isHomeless, placeOf } from "./admission-errors.ts";
import { managementOf } from "./connection.ts";
import { type DryRunResult, dryRun } from "./dry-run-request.ts";
import { capxComes, type Installed, installed, kcmComes } from "./installed.ts";
import type { Reader } from "./reader.ts";

/** What the trial of one object means for the up: `comes` is no fault, since this up brings what is missing. */
type Meaning = "accepted" | "comes" | "not asked" | "refused";

interface World {
  readonly context: CheckContext;
  readonly reader: Reader;
  readonly live: Installed;
}

async function meaningOf(world: World, trial: DryRunResult): Promise<Meaning> {
  if (trial.outcome === "accepted" || trial.outcome === "not asked") return trial.outcome;
  const { context, live } = world;
  if (kcmComes(context, live) && trial.code === 404) return "comes";
  // kinds-are-served says it.
  if (trial.outcome === "unserved") return "not asked";
  // management-permissions-are-sufficient says the one, namespace-exists the other.
  if (isForbidden(trial) || isHomeless(trial)) return "not asked";
  const denied = deniedBy(trial);
  if (denied === undefined) return "refused";
  const comes =
    trial.manifest.kind === "Management"
      ? await managementComes(world, denied.reason)
      : await clusterComes(world, trial);
  return comes ? "comes" : "refused";
}

/** kcm looks for its Release, then for the templates that Management names: both may come with this up, before Management. */
async function managementComes({ context, reader, live }: World, reason: string): Promise<boolean> {
  const release = releaseName(context.stack.management.kcm.version);
  if (!live.releases.some(({ metadata }) => metadata.name === release) && reason.includes(release)) return true;
  const template = nutanixEntry().template ?? "";
  return reason.includes(template) && (await capxComes(context, reader));
}

/**
 * kcm looks for the template first, then for the Credential, which the up writes and waits for before it sends the cluster:
 * a webhook that misses what this up brings is no fault.
 */
async function clusterComes({ context, reader, live }: World, { manifest, code }: DryRunResult): Promise<boolean> {
  if (manifest.kind !== "ClusterDeployment") return false;
  const { template, credential } = manifest.spec as { template: string; credential: string };
  const [liveTemplate, liveCredential] = await Promise.all([
    reader.object(KINDS.ClusterTemplate, { namespace: NAMESPACE, name: template }),
    reader.object(KINDS.Credential, { namespace: NAMESPACE, name: credential }),
  ]);
  if (liveTemplate === undefined) return !context.stack.capx.managedExternally;
  if (liveTemplate.status?.["valid"] !== true) {
    // A template becomes valid once its providers are there: they may come with this up's Management.
    const { providers = [] } = (live.management?.spec ?? {}) as { providers?: { name: string }[] };
    return !context.stack.capx.managedExternally && !providers.some(({ name }) => name === nutanixEntry().name);
  }
  return liveCredential === undefined && code === 404;
}

/** Sends objects in a dry run, and says what came of it. */
export async function verdicts(context: CheckContext, say: ReturnType<typeof answer>, manifests: readonly Manifest[]) {
  const reader = await managementOf(context);
  const world = { context, reader, live: await installed(reader) };
  const trials = await Promise.all(manifests.map((manifest) => dryRun(reader, context, manifest)));
  const meanings = await Promise.all(trials.map((trial) => meaningOf(world, trial)));
  const with_ = (meaning: Meaning) => trials.filter((_, index) => meanings[index] === meaning);
  const refused = with_("refused").map((trial): CheckResult => {
    const { found, remedy } = describeAdmissionError(trial);
    return say.fail(found, remedy);
  });
  const unasked = with_("not asked");
  const left = unasked.length === 0 ? [] : [say.unknown(`${names(unasked)} could not be tried: ${why(unasked)}`)];
  if (refused.length > 0 || left.length > 0) return [...refused, ...left];
  const accepted = with_("accepted").length;
  const coming = with_("comes");
  const later = coming.length === 0 ? "" : `; what is missing for ${names(coming)} comes with this up`;
  return [say.pass(`${accepted} of ${trials.length} objects are accepted by a dry run${later}`)];
}

function names(trials: readonly DryRunResult[]): string {
  return trials.map(placeOf).join(", ");
}

function why([first]: readonly DryRunResult[]): string {
  if (first?.outcome === "unserved") return "their kinds are not served";
  if (first !== undefined && isForbidden(first)) return "the user may not write them";
  if (first !== undefined && isHomeless(first)) return first.message;
  return `the API server answered ${first?.code}`;
}

export const sharedObjectsAreAdmitted: StackCheck = {
  id: "shared-objects-are-admitted",
  asks: "does the management cluster accept the objects that all clusters share, sent as the up sends them, in a dry run?",
  scope: "stack",
  run: async (context) => {
    const shared = sharedManifests(context.stack);
    return shared.length === 0 ? [] : verdicts(context, answer(sharedObjectsAreAdmitted.id), shared);
  },
};

export const clusterIsAdmitted: ClusterCheck = {
  id: "cluster-is-admitted",
  asks: "does the management cluster accept the objects of the cluster, its webhooks too, sent as the up sends them, in a dry run?",
  scope: "cluster",
  run: (context) =>
    verdicts(
      context,
      answer(clusterIsAdmitted.id, context.name),
      clusterManifests(context.name, context.stack, context.bundles),
    ),
};
