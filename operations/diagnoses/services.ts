/** Services that kcm does not deploy. */

import { servicesOf, upgradeError } from "../services.ts";
import { conditionEvidence, type Diagnosis, firstLine, nameOf, statusEvidence } from "./finding.ts";
import { falseCondition, objectsOf } from "./input.ts";

export const serviceUpgradePathMissing: Diagnosis = {
  id: "service-upgrade-path-missing",
  severity: "error",
  description:
    "kcm before 1.6 upgrades a service only along a path that it recorded from the chain of an earlier update. It reports this for ever, and changes no service of the cluster meanwhile.",
  remedy:
    "restore the former version of the service in the stack file and run `pulumi up`, which records the chain; then set the new version and run it again",
  find: (input) =>
    objectsOf(input, "ClusterDeployment").flatMap((cluster) => {
      const condition = upgradeError(cluster);
      if (condition === undefined) return [];
      const { name } = cluster.metadata;
      return [
        {
          subject: nameOf(cluster),
          cluster: name,
          cause: `kcm does not upgrade the services of ${name}: ${firstLine(condition.message ?? "")}`,
          evidence: [conditionEvidence(cluster, condition)],
        },
      ];
    }),
};

export const serviceFailed: Diagnosis = {
  id: "service-not-deployed",
  severity: "error",
  description:
    "Sveltos cannot install or upgrade a service in the workload cluster: its chart cannot be fetched from there, its values do not fit, a Secret of `valuesFrom` is missing or not of the type `addons.projectsveltos.io/cluster-profile`, another object has the release, or the cluster cannot be reached.",
  remedy:
    "read the message, which is Helm's or Sveltos's; correct the service in the stack file and run `pulumi up`. `kubectl get clustersummaries -n kcm-system -o yaml` shows more",
  find: (input) =>
    objectsOf(input, "ClusterDeployment").flatMap((cluster) =>
      servicesOf(cluster)
        .filter(({ state }) => state === "Failed")
        .map(({ name, namespace, message, since }) => ({
          subject: `Service ${cluster.metadata.name}/${name}`,
          cluster: cluster.metadata.name,
          cause: `the service ${name} of ${cluster.metadata.name} is not deployed: ${firstLine(message) || "no reason given"}`,
          evidence: [
            { ...statusEvidence(cluster, `services: ${namespace}/${name}: ${message}`), ...(since ? { since } : {}) },
          ],
        })),
    ),
};

export const sharedServiceFailed: Diagnosis = {
  id: "multi-cluster-service-rejected",
  severity: "error",
  description:
    "kcm does not take a MultiClusterService: a template is missing or not valid, or a dependency is wrong. No cluster gets its services.",
  remedy: "correct `multiClusterServices` in the stack file and run `pulumi up`",
  find: (input) =>
    objectsOf(input, "MultiClusterService").flatMap((service) => {
      const types = ["ServicesReferencesValidation", "ServicesDependencyValidation", "SveltosClusterProfileReady"];
      const [condition] = types.flatMap((type) => falseCondition(service, type) ?? []);
      if (condition === undefined) return [];
      const message = firstLine(condition.message ?? condition.reason ?? "no reason given");
      return [
        {
          subject: nameOf(service),
          cause: `the services of ${nameOf(service)} reach no cluster: ${message}`,
          evidence: [conditionEvidence(service, condition)],
        },
      ];
    }),
};
