import type { KubeconfigContext } from "../../kubernetes/kubeconfig.ts";
import type { ReportInput } from "../../operations/build-report.ts";
import { clusterTrees } from "../../operations/resource-tree.ts";
import { STACK_RULES } from "../../policy/rules/index.ts";
import type { PolicySettings } from "../../policy/rules/rule.ts";
import { statedWaivers } from "../../policy/rules/waivers.ts";
import { readLogin } from "./cluster-logins.ts";
import { openTarget, readTarget, type TargetCommandOptions } from "./target.ts";

/** Reads the data of a report; logins and certificates that are not readable are left out. */
export async function readReport(options: TargetCommandOptions): Promise<ReportInput> {
  const target = await openTarget(options);
  const { client, identity, planned, policy } = target;
  const snapshot = await readTarget(target);
  const trees = clusterTrees(snapshot);
  const logins = new Map<string, KubeconfigContext>();
  await Promise.all(
    trees.map(async ({ name }) => {
      const { login } = await readLogin(client, name);
      if (login !== undefined) logins.set(name, login);
    }),
  );
  const deployed = new Set(trees.map(({ name }) => name));
  const absent = planned.filter((name) => !deployed.has(name));
  const waivers =
    policy &&
    statedWaivers({ environment: "production", rules: policy as PolicySettings["rules"] & object }, STACK_RULES);
  return { snapshot, trees, absent, stack: identity, logins, waivers };
}
