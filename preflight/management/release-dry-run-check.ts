import { existsSync } from "node:fs";
import { capxRelease } from "../../manifests/capx-release.ts";
import { type Check, Inconclusive, inconclusive } from "../check.ts";
import { dryRunOutcomes } from "./dry-run-checks.ts";

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
