import type { Finding } from "./finding.ts";

/** What is wrong where nothing can be seen: the one finding that needs no snapshot. */
export const MANAGEMENT_UNREACHABLE = {
  id: "management-cluster-unreachable",
  severity: "error",
  means: "The management cluster's API server does not answer: nothing in it can be looked at.",
  remedy:
    "check that the management cluster runs, that the kubeconfig and its context are the right ones, and that its address can be reached from here (VPN, firewall)",
} as const;

/** `reason` is what the client said. */
export function managementUnreachable(place: string, reason: string): Finding {
  const { id, severity, remedy } = MANAGEMENT_UNREACHABLE;
  return {
    id,
    severity,
    remedy,
    subject: place,
    cause: `the management cluster does not answer: ${reason}`,
    evidence: [{ what: "probe", of: place, text: reason }],
  };
}
