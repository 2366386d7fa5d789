import {
  DEFAULT_K0S_VERSION,
  DEFAULT_KCM_VERSION,
  FIRST_K0S_WITH_CPLB,
  KCM_LINES,
  KUBERNETES_ENDS,
  REJECTED_K0S,
} from "../../../policy/rules/versions.ts";
import { markdownTable } from "../markdown-table.ts";

/** The version matrix, and the defaults. */
export function versionsTable(): string {
  const rows = KCM_LINES.map(({ kcm: [from, to], capx, defaultCapx, k0s, defaultK0s, ...line }) => [
    from === to ? from : `${from} – ${to}`,
    ...[line.capi, line.k0smotron, capx.map((minor) => `${minor}.x`).join(", "), defaultCapx],
    ...[k0s.join(" – "), defaultK0s.slice(1), line.k0smotronApi, line.tested ? "yes" : "no"],
  ]);
  const head = [
    "kcm",
    "Cluster API",
    "k0smotron",
    "CAPX",
    "default CAPX",
    "k0s",
    "default k0s",
    "API of k0smotron kinds",
    "tested with its CRDs",
  ];
  const rejected = Object.entries(REJECTED_K0S).map(([version, why]) => `k0s ${version} ${why}`);
  const ends = Object.entries(KUBERNETES_ENDS).map(([minor, day]) => `${minor} on ${day}`);
  return [
    markdownTable(head, rows),
    "",
    `The k0s versions are those that the k0smotron of the line is tested with, or that kcm's own templates use. Kubernetes ends ${ends.join(", ")}.`,
    "",
    `Defaults: kcm ${DEFAULT_KCM_VERSION}, k0s ${DEFAULT_K0S_VERSION}. k0s has a load balancer from ${FIRST_K0S_WITH_CPLB} on. Not supported: ${rejected.join("; ")}.`,
  ].join("\n");
}
