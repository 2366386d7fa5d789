/** Services of a cluster as its ClusterDeployment reports them, in the words of kcm 1.2 and of later ones. */
import { type Condition, conditionOf } from "../kubernetes/conditions.ts";
import { at, type KubernetesObject, textAt } from "../kubernetes/object.ts";
import type { ReadinessStatus } from "../kubernetes/readiness.ts";

export interface ServiceState {
  /** Name of the Helm release. */
  readonly name: string;
  readonly namespace: string;
  readonly template: string;
  readonly state: ReadinessStatus;
  /** Why it is not deployed; empty where it is, or where no reason is given. */
  readonly message: string;
  /** RFC 3339. */
  readonly since?: string;
}

type StatusMap = Record<string, unknown>;

/** Those of the ClusterDeployment itself, then those that MultiClusterServices add, which kcm 1.2 reports elsewhere. */
export function servicesOf({ spec, status }: KubernetesObject): ServiceState[] {
  const wanted = list(at(spec, "serviceSpec", "services"));
  const reported = list(at(status, "services"));
  const own = wanted.map((service) => {
    const name = textAt(service, "name") ?? "";
    const namespace = textAt(service, "namespace") ?? name;
    const template = textAt(service, "template") ?? "";
    return { name, namespace, template, ...stateOf(reported, namespace, name) };
  });
  const keys = new Set(own.map(({ namespace, name }) => `${namespace}/${name}`));
  const others = reported
    .filter((one) => one["state"] !== undefined && !keys.has(`${textAt(one, "namespace")}/${textAt(one, "name")}`))
    .map((one) => {
      const [name = "", namespace = "", template = ""] = ["name", "namespace", "template"].map((key) =>
        textAt(one, key),
      );
      return { name, namespace, template, ...stateOf(reported, namespace, name) };
    });
  return [...own, ...others];
}

function stateOf(
  reported: readonly StatusMap[],
  namespace: string,
  name: string,
): Pick<ServiceState, "state" | "message" | "since"> {
  const state = reported.find((one) => textAt(one, "namespace") === namespace && textAt(one, "name") === name);
  if (state !== undefined) return ofState(state);
  // kcm 1.2: one entry for the cluster, with a condition for each release and one for Helm as a whole.
  const conditions = reported.flatMap((one) => list(one["conditions"]) as unknown as Condition[]);
  const helm = conditions.find(({ type, status }) => type === "Helm" && status === "False");
  const release = conditions.find(({ type }) => type === `${namespace}.${name}/SveltosHelmReleaseReady`);
  const condition = release?.status === "False" ? release : (helm ?? release);
  if (condition === undefined) return { state: "InProgress", message: "is not reported yet" };
  const since = condition.lastTransitionTime;
  if (condition.status === "True") return { state: "Current", message: "" };
  return { state: "Failed", message: condition.message ?? "", ...(since ? { since } : {}) };
}

const STATES: Readonly<Record<string, ReadinessStatus>> = {
  Deployed: "Current",
  Failed: "Failed",
  Deleting: "Terminating",
};

function ofState(one: StatusMap): Pick<ServiceState, "state" | "message" | "since"> {
  const word = textAt(one, "state") ?? "";
  const state = STATES[word] ?? "InProgress";
  const since = textAt(one, "lastStateTransitionTime");
  const message = textAt(one, "failureMessage") ?? (state === "Current" ? "" : `is ${word.toLowerCase()}`);
  return { state, message, ...(since ? { since } : {}) };
}

/** Why kcm does not take a changed service, where it says so. */
export function upgradeError(deployment: KubernetesObject): Condition | undefined {
  const condition = conditionOf(deployment, "SveltosProfileReady");
  return condition?.status === "False" && /can't be upgraded from/.test(condition.message ?? "")
    ? condition
    : undefined;
}

function list(value: unknown): StatusMap[] {
  return Array.isArray(value) ? (value as StatusMap[]) : [];
}
