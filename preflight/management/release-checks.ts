import { existsSync } from "node:fs";
import { KINDS } from "../../kubernetes/kinds.ts";
import { PENDING_SELECTOR, pendingReleases } from "../../kubernetes/pending-releases.ts";
import { capxRelease } from "../../manifests/capx-release.ts";
import { CAPX_RELEASE, KCM_RELEASE, NAMESPACE } from "../../manifests/names.ts";
import { type Check, fail, Inconclusive, inconclusive, pass } from "../check.ts";
import { dryRunOutcomes } from "./dry-run-checks.ts";
import { managementOf } from "./management-client.ts";

export const PENDING_RELEASE_CHECK: Check = {
  id: "helm-releases-are-not-pending",
  description: "no Helm release of the stack is left unfinished by an interrupted run",
  scope: "stack",
  run: async (context) => {
    const reader = await managementOf(context);
    const selector = `${PENDING_SELECTOR},name in (${KCM_RELEASE},${CAPX_RELEASE})`;
    const pending = pendingReleases((await reader.list(KINDS.Secret, { namespace: NAMESPACE, selector })) ?? []);
    if (pending.length === 0) return pass("no Helm release is pending");
    return pending.map(({ text, remedy }) => fail(text, remedy));
  },
};

export const RELEASE_DRY_RUN_CHECK: Check = {
  id: "release-contents-are-admitted",
  description:
    "the management cluster accepts the rendered objects of the provider's Helm release, in a dry run; where Helm is installed",
  scope: "stack",
  run: async (context) => {
    const { stack, renderChart } = context;
    // Pulumi's own provider renders the release in every preview and up.
    if (stack.capx.managedExternally || renderChart === undefined) return [];
    const { version: capxVersion, ...capx } = stack.capx;
    const { name, chart, values } = capxRelease({ ...capx, capxVersion, kcmVersion: stack.management.kcm.version });
    if (!existsSync(chart)) {
      const remedy = `run helm template ${name} ${chart}, and kubectl apply --dry-run=server -f - with its output`;
      return inconclusive(`${chart} is not a local chart`, remedy);
    }
    const manifests = await renderChart({ chart, release: name, values }).catch((error: unknown) => {
      throw new Inconclusive(`Helm fails to render ${name}: ${error instanceof Error ? error.message : "no reason"}`);
    });
    return dryRunOutcomes(context, manifests);
  },
};
