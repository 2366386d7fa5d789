/** Helm releases that an interrupted run left unfinished: Helm does not touch such a release again. */
import type { KubernetesObject } from "./object.ts";

/** Labels of the Secrets in which Helm keeps unfinished revisions. */
const PENDING_STATES = ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"] as const;
export const PENDING_SELECTOR = `owner=helm,status in (${PENDING_STATES.join(",")})`;

export interface PendingRelease {
  readonly name: string;
  /** Like `Helm release kcm in kcm-system is pending-install`. */
  readonly text: string;
  /** An imperative that can be pasted. */
  readonly remedy: string;
  /** RFC 3339. */
  readonly since: string | undefined;
}

/** Those among Helm's Secrets; their metadata is enough. */
export function pendingReleases(secrets: readonly KubernetesObject[]): PendingRelease[] {
  return secrets.flatMap(({ metadata: { name: secret, namespace = "", labels = {}, creationTimestamp: since } }) => {
    const { owner, name = "", status = "" } = labels;
    if (owner !== "helm" || !PENDING_STATES.some((state) => state === status)) return [];
    const command =
      status === "uninstalling"
        ? `helm uninstall ${name} -n ${namespace}`
        : `kubectl delete secret ${secret} -n ${namespace}`;
    const text = `Helm release ${name} in ${namespace} is ${status}${since === undefined ? "" : ` since ${since}`}`;
    return [{ name, text, remedy: `if no run is at work on it, run ${command}, then pulumi up again`, since }];
  });
}
