import { type Condition, conditionsOf, gradeOf } from "./conditions.ts";
import { at, type LiveObject, numberAt, textAt } from "./live-object.ts";

/** `missing`: something names it, and it is not there. `unknown`: this kubeconfig does not show it. */
export type ReadinessState = "ready" | "waiting" | "failed" | "deleting" | "missing" | "unknown";

/** What keeps an object from being ready. */
export interface Cause {
  /** The condition's type, or the field of the status that says it. */
  readonly type: string;
  readonly reason?: string;
  readonly message: string;
  /** RFC 3339; undefined where the object does not tell. */
  readonly since?: string;
}

export interface Readiness {
  readonly state: ReadinessState;
  readonly cause?: Cause;
}

/** Conditions that sum an object up, the strongest first. */
const HEADS = ["Ready", "CredentialReady", "Available"] as const;

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

/** What an object says of itself. */
export function readiness(object: LiveObject): Readiness {
  const { metadata, status } = object;
  if (metadata.deletionTimestamp !== undefined) {
    const holders = metadata.finalizers?.join(", ");
    const message = holders ? `being deleted, held by ${holders}` : "being deleted, held by nothing";
    return { state: "deleting", cause: { type: "Deleting", message, since: metadata.deletionTimestamp } };
  }
  // A Secret is all there is to it, and a health check waits for nothing.
  if (object.kind === "Secret" || (object.kind === "MachineHealthCheck" && status === undefined)) {
    return { state: "ready" };
  }
  return (
    terminal(object) ??
    ofComponents(object) ??
    unseen(object) ??
    ofValidity(object) ??
    ofConditions(object) ??
    ofFlags(object) ?? {
      state: "waiting",
      cause: caused(object, {
        type: "status",
        message: `its controller has written no ${status ? "verdict" : "status"} yet`,
      }),
    }
  );
}

/** A controller has given up: only a new object helps. */
function terminal(object: LiveObject): Readiness | undefined {
  const where = [object.status, at(object.status, "deprecated", "v1beta1")];
  for (const status of where) {
    const reason = textAt(status, "failureReason");
    const message = textAt(status, "failureMessage");
    if (reason !== undefined || message !== undefined) {
      const since = conditionsOf(object).find(({ status }) => status !== "True")?.lastTransitionTime;
      const cause = { type: "failureReason", ...(reason ? { reason } : {}), message: message ?? "no message" };
      return { state: "failed", cause: caused(object, { ...cause, ...(since ? { since } : {}) }) };
    }
  }
  return undefined;
}

/** kcm says Ready of a Management before it has looked at its components: those are asked too. */
function ofComponents(object: LiveObject): Readiness | undefined {
  if (object.kind !== "Management") return undefined;
  const components = (at(object.status, "components") ?? {}) as Record<string, { success?: boolean; error?: string }>;
  const named = (at(object.spec, "providers") ?? []) as { name: string }[];
  const failing = Object.entries(components).find(([, { success, error }]) => success !== true && error);
  if (failing !== undefined) {
    const [name, { error = "" }] = failing;
    const since = conditionsOf(object).find(({ type }) => type === "Ready")?.lastTransitionTime;
    const cause = { type: `component ${name}`, message: error, ...(since ? { since } : {}) };
    return { state: "failed", cause: caused(object, cause) };
  }
  const silent = named.filter(({ name }) => components[name]?.success !== true).map(({ name }) => name);
  if (silent.length === 0) return undefined;
  const message = `not reported yet: ${silent.join(", ")}`;
  return { state: "waiting", cause: caused(object, { type: "components", message }) };
}

/** A verdict on an older generation is no verdict. */
function unseen(object: LiveObject): Readiness | undefined {
  const { generation } = object.metadata;
  const observed = numberAt(object.status, "observedGeneration");
  if (generation === undefined || observed === undefined || observed >= generation) return undefined;
  const message = `its controller has seen generation ${observed} of ${generation}`;
  return { state: "waiting", cause: caused(object, { type: "observedGeneration", message }) };
}

function ofValidity(object: LiveObject): Readiness | undefined {
  const valid = at(object.status, "valid");
  if (typeof valid !== "boolean") return undefined;
  if (valid) return { state: "ready" };
  const message = textAt(object.status, "validationError") ?? "not valid, with no reason given";
  const isEarly = /^waiting|not deployed yet/i.test(message);
  return { state: isEarly ? "waiting" : "failed", cause: caused(object, { type: "valid", message }) };
}

function ofConditions(object: LiveObject): Readiness | undefined {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return undefined;
  const head = HEADS.map((name) => conditions.find(({ type }) => type === name)).find(Boolean);
  if (head?.status === "True") return { state: "ready" };
  const isHead = ({ type }: Condition) => (HEADS as readonly string[]).includes(type) && type !== "CredentialReady";
  const unmet = conditions.filter((one) => gradeOf(one) !== "good").sort(byWeight);
  const worst = unmet.find((one) => !isHead(one)) ?? unmet[0] ?? head;
  if (worst === undefined) return at(object.status, "ready") === false ? undefined : { state: "ready" };
  const isBad = unmet.some((one) => gradeOf(one) === "bad");
  const { type, reason, message, lastTransitionTime } = worst;
  return {
    state: isBad ? "failed" : "waiting",
    cause: caused(object, {
      type,
      ...(reason ? { reason } : {}),
      message: message || head?.message || reason || "no reason given",
      ...(lastTransitionTime ? { since: lastTransitionTime } : {}),
    }),
  };
}

function byWeight(one: Condition, other: Condition): number {
  const grade = (condition: Condition) => (gradeOf(condition) === "bad" ? 0 : 1);
  const place = ({ type }: Condition) => (ORDER.includes(type) ? ORDER.indexOf(type) : ORDER.length);
  return grade(one) - grade(other) || place(one) - place(other);
}

function ofFlags(object: LiveObject): Readiness | undefined {
  const ready = at(object.status, "ready");
  if (typeof ready !== "boolean") return undefined;
  if (ready) return { state: "ready" };
  return {
    state: "waiting",
    cause: caused(object, { type: "ready", message: "status.ready is false, with no reason given" }),
  };
}

/** What does not tell since when has been so since it was made, at the longest. */
function caused({ metadata }: LiveObject, cause: Cause): Cause {
  if (cause.since !== undefined || metadata.creationTimestamp === undefined) return cause;
  return { ...cause, since: metadata.creationTimestamp };
}
