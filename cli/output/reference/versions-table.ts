import {
  DEFAULT_K0S_VERSION,
  DEFAULT_KCM_VERSION,
  FIRST_K0S_WITH_CPLB,
  KCM_LINES,
  REJECTED_K0S,
} from "../../../policy/rules/versions.ts";
import { markdownTable } from "../markdown-table.ts";

/** The version matrix, and the defaults. */
export function versionsTable(): string {
  const rows = KCM_LINES.map(({ kcm: [from, to], capi, k0smotron, capx, defaultCapx, k0smotronApi, tested }) => [
    from === to ? from : `${from} – ${to}`,
    ...[capi, k0smotron, capx.map((minor) => `${minor}.x`).join(", ")],
    ...[defaultCapx, k0smotronApi, tested ? "yes" : "no"],
  ]);
  const head = [
    "kcm",
    "Cluster API",
    "k0smotron",
    "CAPX",
    "default CAPX",
    "API of k0smotron kinds",
    "tested with its CRDs",
  ];
  const rejected = Object.entries(REJECTED_K0S).map(([version, why]) => `k0s ${version} ${why}`);
  return [
    markdownTable(head, rows),
    "",
    `Defaults: kcm ${DEFAULT_KCM_VERSION}, k0s ${DEFAULT_K0S_VERSION}. k0s has a load balancer from ${FIRST_K0S_WITH_CPLB} on. Not supported: ${rejected.join("; ")}.`,
  ].join("\n");
}
