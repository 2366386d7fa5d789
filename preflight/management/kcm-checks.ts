import { formatCause, readiness } from "../../kubernetes/readiness.ts";
import { MANAGEMENT } from "../../manifests/names.ts";
import { compareMinors, KCM_LINES, lineOf, minorOf } from "../../policy/rules/versions.ts";
import { type Check, fail, inconclusive, pass } from "../check.ts";
import { installedKcm } from "./installed.ts";
import { managementOf } from "./management-client.ts";

const INSTALL = "set management.adopt: false to install kcm, or the kubeconfig of the cluster that has one";

export const KCM_CHECKS: readonly Check[] = [
  {
    id: "kcm-version-matches",
    description: "kcm is installed, at a supported version and at the one of the stack",
    scope: "stack",
    run: async (context) => {
      const { adopt, kcm } = context.stack.management;
      const { isInstalled, version } = await installedKcm(await managementOf(context));
      if (!isInstalled) {
        if (!adopt) return pass(`kcm is not installed: this up installs ${kcm.version}`);
        return fail("kcm is not installed, and management.adopt is true", INSTALL);
      }
      if (version === undefined)
        return inconclusive("kcm runs, and neither its Release nor its Deployment has a version");
      const line = lineOf(version);
      if (line === undefined) {
        const supported = `${KCM_LINES[0]?.kcm[0]} to ${KCM_LINES.at(-1)?.kcm[1]}`;
        return fail(
          `kcm ${version} runs; supported are ${supported}`,
          "use a version of this project that supports it",
        );
      }
      const difference = compareMinors(minorOf(version), minorOf(kcm.version));
      if (difference === 0) {
        return pass(`kcm ${version} runs${line.tested ? "" : "; this project's objects are not tested with it"}`);
      }
      const remedy = `set management.kcm.version: ${version}`;
      if (adopt) return fail(`kcm ${version} runs, and the stack has ${kcm.version}, which decides the CAPX`, remedy);
      if (difference < 0) return pass(`kcm ${version} runs: this up upgrades it to ${kcm.version}`);
      return inconclusive(`kcm ${version} runs; whether it can be downgraded to ${kcm.version} is unknown`, remedy);
    },
  },
  {
    id: "management-is-healthy",
    description: "Management is ready: its generation is observed, and every component is a success",
    scope: "stack",
    run: async (context) => {
      const { management } = await installedKcm(await managementOf(context));
      if (management === undefined) {
        if (!context.stack.management.adopt) return pass(`this up creates Management ${MANAGEMENT}`);
        return fail(`Management ${MANAGEMENT} does not exist, and management.adopt is true`, INSTALL);
      }
      const { deletionTimestamp } = management.metadata;
      if (deletionTimestamp !== undefined) {
        return fail(
          `Management ${MANAGEMENT} is terminating since ${deletionTimestamp}`,
          "wait until it is deleted, with all that kcm uninstalls; its finalizers show what blocks it",
        );
      }
      const reasons = readiness(management).causes.map(formatCause);
      if (management.status?.["observedGeneration"] === undefined) {
        reasons.unshift("its controller has observed no generation, whatever the conditions say");
      }
      if (reasons.length > 0) {
        return fail(
          `Management ${MANAGEMENT} is not ready: ${reasons.join("; ")}`,
          `fix this, or wait: kubectl describe management ${MANAGEMENT}`,
        );
      }
      const components = Object.keys((management.status?.["components"] ?? {}) as object);
      return pass(`Management ${MANAGEMENT} is ready, with ${components.length} components`);
    },
  },
];
