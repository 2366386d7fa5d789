import { existsSync } from "node:fs";
import { capxRelease } from "../../manifests/capx-release.ts";
import { answer, type CheckResult, Inconclusive, type StackCheck } from "../check.ts";
import { verdicts } from "./dry-run.ts";

export const releaseContentsAreAdmitted: StackCheck = {
  id: "release-contents-are-admitted",
  asks: "does the management cluster accept what the Helm release of the provider contains, rendered by Helm and sent in a dry run? Where Helm is at hand",
  scope: "stack",
  run: async (context): Promise<CheckResult[]> => {
    const { stack, render } = context;
    // Pulumi's own provider renders the release in every preview and up.
    if (stack.capx.managedExternally || render === undefined) return [];
    const { version: capxVersion, ...own } = stack.capx;
    const { name, chart, values } = capxRelease({ ...own, capxVersion, kcmVersion: stack.management.kcm.version });
    const say = answer(releaseContentsAreAdmitted.id);
    if (!existsSync(chart)) {
      return [
        say.unknown(
          `${chart} is not rendered here`,
          `helm template ${name} ${chart}, sent with kubectl apply --dry-run=server -f -`,
        ),
      ];
    }
    const rendered = await render({ chart, release: name, values }).catch((error: unknown) => {
      throw new Inconclusive(
        `Helm does not render ${name}: ${error instanceof Error ? error.message : "no reason given"}`,
      );
    });
    return verdicts(context, say, rendered);
  },
};
