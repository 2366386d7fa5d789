import { conditionOf } from "../../kubernetes/conditions.ts";
import { lineOf } from "../crds.ts";
import type { ControllerContext } from "./context.ts";
import type { Informers } from "./informers.ts";
import { runningVersion } from "./kcm-self-upgrade.ts";
import { reviewServices } from "./service-admission.ts";
import type { ClusterDeployment, ServiceEntry, SimulatedMultiClusterService } from "./simulated-kinds.ts";
import { writeStatus } from "./status-writer.ts";

/** Simulates kcm's controllers of services: charts are not looked at, and a cluster that is ready has all its services. */
export async function reconcileServices({ client, informers }: ControllerContext): Promise<void> {
  if (!informers.management) return;
  for (const template of informers.serviceTemplates.items) {
    const { name, namespace, generation = 1 } = template.metadata;
    const { chartSpec } = template.spec?.helm ?? {};
    const chart = chartSpec && { name, namespace, version: chartSpec.version ?? "*" };
    await writeStatus(client, template, { name: "valid", values: { generation, chart } });
  }
  for (const chain of informers.serviceChains.items) {
    await writeStatus(client, chain, { name: "valid", values: {} });
  }
  for (const service of informers.multiClusterServices.items) {
    const conditions = sharedConditions(informers, service);
    const values = { generation: service.metadata.generation ?? 1, conditions };
    await writeStatus(client, service, { name: "reconciled", values });
  }
}

type ConditionWords = [type: string, status: "True" | "False", reason: string, message: string];

/** Where kcm has no webhook for it, it reports here what it does not take. */
function sharedConditions(informers: Informers, service: SimulatedMultiClusterService): ConditionWords[] {
  const denial = reviewServices(informers, service);
  if (denial) {
    return [
      ["ServicesReferencesValidation", "False", "Failed", denial.message],
      ["Ready", "False", "Failed", denial.message],
    ];
  }
  const { matchLabels = {} } = service.spec?.clusterSelector ?? {};
  const clusters = informers.clusterDeployments.items.filter(({ metadata }) =>
    Object.entries(matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
  );
  const ready = clusters.filter((cluster) => conditionOf(cluster, "Ready")?.status === "True").length;
  const count = `${ready}/${clusters.length}`;
  const isDone = ready === clusters.length;
  return [
    ["ServicesReferencesValidation", "True", "Succeeded", ""],
    ["ClusterInReadyState", isDone ? "True" : "False", isDone ? "Succeeded" : "Progressing", count],
    [
      "Ready",
      isDone ? "True" : "False",
      isDone ? "Succeeded" : "Failed",
      isDone ? "Object is ready" : `${count} Clusters are ready`,
    ],
  ];
}

/** What a ClusterDeployment reports of its services: the condition's parts and the list, in the words of the kcm that runs. */
export function servicesStatus(
  { informers }: ControllerContext,
  { metadata, spec }: ClusterDeployment,
  deployed: boolean,
): Record<string, unknown> {
  const services = spec?.serviceSpec?.services ?? [];
  const isFine = deployed || services.length === 0;
  const since = metadata.creationTimestamp;
  const old = lineOf(runningVersion(informers)) === "1.2";
  const conditions = services.map((service) => releaseCondition(service, deployed, since));
  const summary = { clusterName: metadata.name, clusterNamespace: metadata.namespace, conditions };
  const states = services.map(({ name, namespace = "default", template }) => ({
    name,
    namespace,
    template,
    type: "Helm",
    state: deployed ? "Deployed" : "Failed",
    lastStateTransitionTime: since,
    ...(deployed ? {} : { failureMessage: FAILURE }),
  }));
  return {
    status: isFine ? "True" : "False",
    reason: isFine ? "Succeeded" : old ? "Progressing" : "Failed",
    message: `${deployed ? services.length : 0}/${services.length}`,
    // kcm 1.11 treats services that are not ready as a warning.
    readyReason: old ? "Failed" : "Progressing",
    list: services.length === 0 ? [] : old ? [summary] : states,
  };
}

const FAILURE = "INSTALLATION FAILED: simulated by the sandbox";

function releaseCondition({ name, namespace = name }: ServiceEntry, deployed: boolean, since: string | undefined) {
  return {
    type: `${namespace}.${name}/SveltosHelmReleaseReady`,
    status: deployed ? "True" : "False",
    reason: "Managing",
    message: `Release ${namespace}/${name}${deployed ? "" : `: ${FAILURE}`}`,
    lastTransitionTime: since,
  };
}
