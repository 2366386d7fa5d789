import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ProviderEntry } from "../../manifests/management-object.ts";
import { MANAGEMENT, NAMESPACE, PROVIDER } from "../../manifests/names.ts";
import { at, list } from "../../policy/rules/plain-values.ts";
import { type Check, fail, inconclusive, pass } from "../check.ts";
import { installedKcm } from "./installed.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

const OPERATOR_PROVIDERS = { apiVersion: "operator.cluster.x-k8s.io/v1alpha2", kind: "InfrastructureProvider" };
const CLUSTERCTL_PROVIDERS = { apiVersion: "clusterctl.cluster.x-k8s.io/v1alpha3", kind: "Provider" };
/** Selects the Deployments of CAPX, in any namespace. */
export const CAPX_DEPLOYMENTS = { selector: "cluster.x-k8s.io/provider=infrastructure-nutanix" };

export const CAPX_CHECK: Check = {
  id: "capx-is-installed-once",
  description: "no other CAPX is installed on this management cluster: two would reconcile the same machines",
  scope: "stack",
  run: async (context) => {
    const reader = await managementOf(context);
    const { chart } = context.stack.capx;
    const others = await otherInstallations(reader);
    if (chart !== undefined) {
      if (others.length === 0) return pass(`no CAPX outside ${NAMESPACE}; ${chart} installs it`);
      return inconclusive(`${chart} installs CAPX; whether ${others.join(", ")} is part of it is unknown`);
    }
    const found = [...others, ...otherEntry((await installedKcm(reader)).management)];
    if (found.length === 0) return pass("no CAPX beside the one of this project's provider template");
    return fail(
      `another CAPX is installed: ${found.join(", ")}`,
      "uninstall it (clusterctl delete, or its provider in Management) after its last cluster is deleted",
    );
  },
};

/** A CAPX outside kcm's namespace: kcm installs its own there. */
async function otherInstallations(reader: Reader): Promise<string[]> {
  const [providers = [], clusterctl = [], deployments = []] = await Promise.all([
    reader.list(OPERATOR_PROVIDERS),
    reader.list(CLUSTERCTL_PROVIDERS),
    reader.list(KINDS.Deployment, CAPX_DEPLOYMENTS),
  ]);
  const ofClusterctl = clusterctl.filter(
    (one) => at(one, "providerName") === "nutanix" && at(one, "type") === "InfrastructureProvider",
  );
  return [...providers.filter(({ metadata }) => metadata.name === "nutanix"), ...ofClusterctl, ...deployments]
    .filter(({ metadata }) => metadata.namespace !== NAMESPACE)
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
}

/** An entry of Management with our name and another template. */
function otherEntry(management: KubernetesObject | undefined): string[] {
  const entry = (list(management?.spec?.["providers"]) as ProviderEntry[]).find(({ name }) => name === PROVIDER);
  // Any version of ours: the template's name is the chart's, with its version.
  if (entry === undefined || entry.template?.startsWith(`${PROVIDER}-`)) return [];
  return [`the provider ${PROVIDER} of Management ${MANAGEMENT} (template ${entry.template ?? "of kcm's Release"})`];
}
