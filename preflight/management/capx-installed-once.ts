import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { ProviderEntry } from "../../manifests/management-object.ts";
import { MANAGEMENT, NAMESPACE, PROVIDER } from "../../manifests/names.ts";
import { answer, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";
import { installed } from "./installed.ts";
import type { Reader } from "./reader.ts";

const PROVIDERS = { apiVersion: "operator.cluster.x-k8s.io/v1alpha2", kind: "InfrastructureProvider" };
const INVENTORY = { apiVersion: "clusterctl.cluster.x-k8s.io/v1alpha3", kind: "Provider" };
const PROVIDER_LABEL = "cluster.x-k8s.io/provider=infrastructure-nutanix";

function placed({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Traces of a CAPX outside kcm's namespace: who installed it is told by where it stands, since kcm puts its own in its own. */
async function elsewhere(reader: Reader): Promise<string[]> {
  const [providers, inventory, deployments] = await Promise.all([
    reader.list(PROVIDERS),
    reader.list(INVENTORY),
    reader.list(KINDS.Deployment, { selector: PROVIDER_LABEL }),
  ]);
  const ofClusterctl = (inventory ?? []).filter((one) => {
    const { providerName, type } = one as KubernetesObject & { providerName?: string; type?: string };
    return providerName === "nutanix" && type === "InfrastructureProvider";
  });
  return [
    ...(providers ?? []).filter(({ metadata }) => metadata.name === "nutanix"),
    ...ofClusterctl,
    ...(deployments ?? []),
  ]
    .filter(({ metadata }) => metadata.namespace !== NAMESPACE)
    .map(placed);
}

/** An entry of Management under our name that is not ours. */
function otherTemplate(management: KubernetesObject | undefined): string[] {
  const providers = (management?.spec?.["providers"] ?? []) as readonly ProviderEntry[];
  const entry = providers.find(({ name }) => name === PROVIDER);
  // Any version of ours: the template's name is the chart's, with its version behind it.
  if (entry === undefined || entry.template?.startsWith(`${PROVIDER}-`)) return [];
  return [`the provider ${PROVIDER} of Management ${MANAGEMENT} (template ${entry.template ?? "of kcm's Release"})`];
}

export const capxIsInstalledOnce: StackCheck = {
  id: "capx-is-installed-once",
  asks: "is there no other CAPX on this management cluster: two of them work on the same machines?",
  scope: "stack",
  run: async (context) => {
    const say = answer(capxIsInstalledOnce.id);
    const reader = await managementOf(context);
    const { chart } = context.stack.capx;
    const places = await elsewhere(reader);
    if (chart !== undefined) {
      if (places.length === 0) return [say.pass(`no CAPX outside ${NAMESPACE}; it comes from ${chart}`)];
      return [say.unknown(`CAPX comes from ${chart}: whether ${places.join(", ")} is of that chart is not known`)];
    }
    const found = [...places, ...otherTemplate((await installed(reader)).management)];
    if (found.length === 0) return [say.pass("no CAPX but the one that kcm installs from this project's template")];
    return [
      say.fail(
        `there is another CAPX: ${found.join(", ")}`,
        "remove it as it was installed (clusterctl delete, or its provider in Management) when no cluster of its own is left",
      ),
    ];
  },
};
