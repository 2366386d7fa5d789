import { type Condition, conditionsOf, gradeOf } from "./conditions.ts";
import type { KindName } from "./kinds.ts";
import { at, type KubernetesObject, numberAt, textAt } from "./object.ts";

/** The words of kstatus. */
export type ReadinessStatus = "Current" | "InProgress" | "Failed" | "Terminating" | "NotFound" | "Unknown";

/** What keeps an object from being current. */
export interface ReadinessCause {
  /** The condition's type, or the field of the status. */
  readonly type: string;
  readonly reason?: string;
  readonly message: string;
  /** RFC 3339; undefined where it is not known. */
  readonly since?: string;
}

export interface Readiness {
  readonly status: ReadinessStatus;
  /** One line: the first cause, or what makes the object current, like `Ready`. */
  readonly message: string;
  /** The cause first, then what follows from it; empty for a current object. */
  readonly causes: readonly ReadinessCause[];
}

/** Conditions that summarize an object, the strongest first. */
const SUMMARIES = ["Ready", "CredentialReady", "Available", "Established"];

/** Conditions in the order in which one leads to the next: of two that are as bad, the earlier one is the cause. */
const ORDER = [
  "TemplateReady",
  "CredentialReady",
  "HelmChartReady",
  "HelmReleaseReady",
  "CredentialRefSecretOwnerSet",
  "TrustBundleSecretOwnerSet",
  "PrismClientInit",
  "PrismClientConvergedV4Init",
  "PrismCentralClientInitialized",
  "FailureDomainsValidated",
  "ClusterCategoryCreated",
  "InfrastructureReady",
  "BootstrapConfigReady",
  "BootstrapReady",
  "VMProvisioned",
  "ControlPlaneInitialized",
  "ControlPlaneReady",
  "ControlPlaneAvailable",
  "CAPIClusterSummary",
];

/** Kinds whose controllers always write a status: without one they are in progress. Any other kind is current by existing. */
const REPORTING: ReadonlySet<string> = new Set<KindName>([
  "Cluster",
  "ClusterDeployment",
  "ClusterTemplate",
  "Credential",
  "HelmChart",
  "HelmRelease",
  "InfrastructureProvider",
  "K0sControlPlane",
  "K0smotronControlPlane",
  "Machine",
  "MachineDeployment",
  "MachineSet",
  "Management",
  "Node",
  "NutanixCluster",
  "NutanixMachine",
  "ProviderTemplate",
  "ServiceTemplate",
]);

/** The judgement of an object, by what it says of itself; undefined: it does not exist. */
export function readiness(object: KubernetesObject | undefined): Readiness {
  if (object === undefined) return { status: "NotFound", message: "does not exist", causes: [] };
  const { metadata, status } = object;
  if (metadata.deletionTimestamp !== undefined) {
    const finalizers = metadata.finalizers?.join(", ");
    const message = finalizers ? `waits for the finalizers ${finalizers}` : "has no finalizers";
    return judged("Terminating", [{ type: "Terminating", message, since: metadata.deletionTimestamp }]);
  }
  const judgements = [ofFailure, ofComponents, ofGeneration, ofValidity, ofConditions]
    .map((judge) => judge(object))
    .filter((one): one is Readiness => one !== undefined);
  const [first] = judgements;
  if (first !== undefined)
    return first.status === "Current"
      ? first
      : judged(
          first.status,
          judgements.flatMap(({ causes }) => causes),
        );
  if (!REPORTING.has(object.kind)) return current(textAt(status, "phase") ?? "Exists");
  return pending(object, "status", `its controller has written no ${status ? "conditions" : "status"} yet`);
}

/** A cause in one line, like `CredentialReady (SecretNotFound): …`. */
export function formatCause({ type, reason, message }: ReadinessCause): string {
  return `${type}${reason === undefined || reason === message ? "" : ` (${reason})`}: ${message}`;
}

function judged(status: ReadinessStatus, causes: readonly ReadinessCause[]): Readiness {
  return { status, message: causes[0] === undefined ? "" : formatCause(causes[0]), causes };
}

function current(message: string): Readiness {
  return { status: "Current", message, causes: [] };
}

function pending(object: KubernetesObject, type: string, message: string): Readiness {
  return judged("InProgress", [dated(object, { type, message })]);
}

/** Its controller has given up: only a new object helps. */
function ofFailure(object: KubernetesObject): Readiness | undefined {
  for (const status of [object.status, at(object.status, "deprecated", "v1beta1")]) {
    const reason = textAt(status, "failureReason");
    const message = textAt(status, "failureMessage");
    if (reason === undefined && message === undefined) continue;
    const since = conditionsOf(object).find((condition) => condition.status !== "True")?.lastTransitionTime;
    const cause = causeOf("failureReason", message ?? "no message", { reason, since });
    return judged("Failed", [dated(object, cause)]);
  }
  return undefined;
}

/** kcm sets Ready of a Management before it has seen its components, so that these are read too. */
function ofComponents(object: KubernetesObject): Readiness | undefined {
  if (object.kind !== "Management") return undefined;
  const components = (at(object.status, "components") ?? {}) as Record<string, { success?: boolean; error?: string }>;
  const named = (at(object.spec, "providers") ?? []) as { name: string }[];
  const since = conditionsOf(object).find(({ type }) => type === "Ready")?.lastTransitionTime;
  const failed = Object.entries(components).flatMap(([name, { success, error }]) =>
    success === true || !error ? [] : [dated(object, causeOf(`component ${name}`, error, { since }))],
  );
  const silent = [...new Set([...named.map(({ name }) => name), ...Object.keys(components)])].filter(
    (name) => components[name]?.success !== true && !components[name]?.error,
  );
  const waiting =
    silent.length === 0
      ? []
      : [dated(object, { type: "components", message: `not reported yet: ${silent.join(", ")}` })];
  if (failed.length > 0) return judged("Failed", [...failed, ...waiting]);
  return waiting.length > 0 ? judged("InProgress", waiting) : undefined;
}

/** A status of an older generation says nothing of this one. */
function ofGeneration(object: KubernetesObject): Readiness | undefined {
  const { generation } = object.metadata;
  const observed = numberAt(object.status, "observedGeneration");
  if (generation === undefined || observed === undefined || observed >= generation) return undefined;
  return pending(object, "observedGeneration", `its controller has seen generation ${observed} of ${generation}`);
}

function ofValidity(object: KubernetesObject): Readiness | undefined {
  const valid = at(object.status, "valid");
  if (typeof valid !== "boolean") return undefined;
  if (valid) return current("Valid");
  const message = textAt(object.status, "validationError") ?? "not valid, with no reason given";
  const isEarly = /^waiting|not deployed yet/i.test(message);
  return judged(isEarly ? "InProgress" : "Failed", [dated(object, { type: "valid", message })]);
}

function ofConditions(object: KubernetesObject): Readiness | undefined {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return ofReadyFlag(object);
  const summary = SUMMARIES.map((name) => conditions.find(({ type }) => type === name)).find(Boolean);
  if (summary?.status === "True") return current(summary.type);
  const unmet = conditions.filter((one) => gradeOf(one) !== "met").sort(byWeight);
  if (unmet.length === 0) return ofReadyFlag(object) ?? current("Ready");
  // A summary repeats what others say.
  const isSummary = ({ type }: Condition) => SUMMARIES.includes(type) && type !== "CredentialReady";
  const causes = [...unmet.filter((one) => !isSummary(one)), ...unmet.filter(isSummary)].map(
    ({ type, reason, message, lastTransitionTime: since }) =>
      dated(object, causeOf(type, message || summary?.message || reason || "no reason given", { reason, since })),
  );
  return judged(unmet.some((one) => gradeOf(one) === "failed") ? "Failed" : "InProgress", causes);
}

function byWeight(one: Condition, other: Condition): number {
  const grade = (condition: Condition) => (gradeOf(condition) === "failed" ? 0 : 1);
  const rank = ({ type }: Condition) => (ORDER.includes(type) ? ORDER.indexOf(type) : ORDER.length);
  return grade(one) - grade(other) || rank(one) - rank(other);
}

function ofReadyFlag(object: KubernetesObject): Readiness | undefined {
  const ready = at(object.status, "ready");
  if (typeof ready !== "boolean") return undefined;
  return ready ? current("Ready") : pending(object, "ready", "status.ready is false, with no reason given");
}

function causeOf(
  type: string,
  message: string,
  more: { reason?: string | undefined; since?: string | undefined },
): ReadinessCause {
  const { reason, since } = more;
  return { type, ...(reason ? { reason } : {}), message, ...(since ? { since } : {}) };
}

/** Where no time is known, it is so since the object was created, at the longest. */
function dated({ metadata }: KubernetesObject, cause: ReadinessCause): ReadinessCause {
  if (cause.since !== undefined || metadata.creationTimestamp === undefined) return cause;
  return { ...cause, since: metadata.creationTimestamp };
}
