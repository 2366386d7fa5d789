/** What a changed login brings about beside its Secret: the same sentences in an up, in a review, and nowhere a login. */
import { CAPX_VARIABLES } from "./names.ts";

/** What takes the global login up. */
export const GLOBAL_FOLLOWS = `the login in Secret ${CAPX_VARIABLES} changes: the Cluster API operator copies it for CAPX, which takes it up without a restart; keep the old password valid until then, ten minutes at most`;

/** What takes a cluster's login up, and what has to be restarted by hand: nothing rolls a machine. */
export function loginFollows(cluster: string, addons: { readonly ccm: boolean; readonly csi: boolean }): string {
  const readers = addons.ccm ? "CAPX and the cloud controller manager take" : "CAPX takes";
  const restart = addons.csi
    ? `; its CSI driver reads it only at the start: run kubectl -n ntnx-system rollout restart deployment in that cluster`
    : "";
  return `the login of ${cluster} changes: no machine rolls; ${readers} it up without a restart${restart}`;
}
