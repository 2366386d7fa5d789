import type { Cluster } from "../schema/cluster.ts";
import { clusterServices } from "./addon-services.ts";
import { addonLogins, type ClusterContext, clusterConfig } from "./cluster-config.ts";
import { resourceTemplate } from "./credential.ts";
import type { Manifest } from "./manifest.ts";
import { CLUSTER_CHARTS, clusterNames, type Mode, NAMESPACE, templateName } from "./names.ts";
import { serviceSpec } from "./services.ts";

/**
 * Versions of the cluster charts that there are ClusterTemplates of, oldest first; clusters are made from the last, and may be
 * upgraded to it from each of the others. Only append: a cluster may still be made from an older one.
 */
export const CLUSTER_CHART_VERSIONS: Readonly<Record<Mode, readonly [string, ...string[]]>> = {
  hcp: ["1.0.0"],
  standalone: ["1.0.0"],
};

/** Name of the ClusterTemplate that clusters of a mode are made from. */
export function clusterTemplate(mode: Mode): string {
  const [first, ...later] = CLUSTER_CHART_VERSIONS[mode];
  return templateName(CLUSTER_CHARTS[mode], later.at(-1) ?? first);
}

/** The ClusterTemplates by mode: this project's, or those that another chart brings under the names of the guides. */
export function clusterTemplates(isOwnChart: boolean): Readonly<Record<Mode, string>> {
  return isOwnChart ? { hcp: clusterTemplate("hcp"), standalone: clusterTemplate("standalone") } : CLUSTER_CHARTS;
}

/** The ClusterDeployment of a cluster: name, template, credential and the chart's values. */
export function clusterDeployment(cluster: Cluster, context: ClusterContext): Manifest {
  const names = clusterNames(context.name);
  const services = clusterServices(context.name, cluster);
  return {
    apiVersion: "k0rdent.mirantis.com/v1beta1",
    kind: "ClusterDeployment",
    metadata: {
      name: names.clusterDeployment,
      namespace: NAMESPACE,
      ...(cluster.labels ? { labels: cluster.labels } : {}),
    },
    spec: {
      template: clusterTemplate(cluster.mode),
      credential: names.credential,
      // Where no addon logs in to Prism Central, the login stays in the management cluster.
      propagateCredentials: resourceTemplate(context.name, addonLogins(cluster, context.prismCentral)) !== undefined,
      ...(cluster.cleanupOnDeletion ? { cleanupOnDeletion: true } : {}),
      config: clusterConfig(cluster, context),
      ...(Object.keys(services).length > 0
        ? { serviceSpec: serviceSpec(services, cluster.serviceSettings, context.services) }
        : {}),
    },
  };
}
