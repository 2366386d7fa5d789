import { PENDING_SELECTOR, pendingReleases } from "../../kubernetes/pending-releases.ts";
import { CAPX_RELEASE, KCM_RELEASE, NAMESPACE } from "../../manifests/names.ts";
import { type Check, fail, pass } from "../check.ts";
import { managementOf } from "./management-client.ts";

const SECRETS = { apiVersion: "v1", kind: "Secret" };

export const PENDING_RELEASE_CHECK: Check = {
  id: "helm-releases-are-not-pending",
  description: "no Helm release of the stack is left unfinished by an interrupted run",
  scope: "stack",
  run: async (context) => {
    const reader = await managementOf(context);
    const selector = `${PENDING_SELECTOR},name in (${KCM_RELEASE},${CAPX_RELEASE})`;
    const pending = pendingReleases((await reader.list(SECRETS, { namespace: NAMESPACE, selector })) ?? []);
    if (pending.length === 0) return pass("no Helm release is pending");
    return pending.map(({ text, remedy }) => fail(text, remedy));
  },
};
