import type { Finding } from "./finding.ts";

/** The one fault that needs no snapshot. */
export const MANAGEMENT_UNREACHABLE = {
  id: "management-cluster-unreachable",
  severity: "error",
  description: "The API server of the management cluster does not answer, so that nothing in it can be read.",
  remedy:
    "check that the management cluster runs, that the kubeconfig and its context are the right ones, and that its address can be reached from here (VPN, firewall)",
} as const;

/** `reason`: the client's error. */
export function managementUnreachable(server: string, reason: string): Finding {
  const { id, severity, remedy } = MANAGEMENT_UNREACHABLE;
  return {
    id,
    severity,
    remedy,
    subject: server,
    cause: `the management cluster does not answer: ${reason}`,
    evidence: [{ what: "probe", of: server, text: reason }],
  };
}
