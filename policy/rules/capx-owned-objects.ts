/** Does CAPX own what nobody else needs? */
import { clustersOf } from "./cluster-fields.ts";
import { credentialsOf } from "./credential-objects.ts";
import { findDuplicates } from "./duplicates.ts";
import { always, everywhere, type Rule } from "./rule.ts";

const OWN_NAME = "remove it, so that each cluster has its own";

export const capxOwnedObjectsAreNotShared: Rule = {
  name: "capx-owned-objects-are-not-shared",
  category: "credentials",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects:
    "names of the credential Secret and of the trust bundle's ConfigMap in ClusterDeployments and NutanixClusters",
  why: "CAPX owns the Secret and the ConfigMap that a cluster references, rejects a second owner, and deletes them with the cluster",
  remedy: OWN_NAME,
  example:
    'clusters.edge.nutanix.prismCentral.credentialSecretName: "edge-login" is referenced by clusters.demo too, and CAPX deletes it with the first of them; remove it, so that each cluster has its own',
  check: (subjects) =>
    (["secret", "bundle"] as const).flatMap((key) =>
      findDuplicates(clustersOf(subjects), ({ central, namespace }) =>
        central[key].text === undefined ? undefined : `${namespace}/${central[key].text}`,
      ).map(({ cluster, first }) =>
        cluster.central[key].violation(
          `is referenced by ${first.at} too, and CAPX deletes it with the first of them`,
          OWN_NAME,
        ),
      ),
    ),
};

export const capxOwnedObjectsAreNotReferencedElsewhere: Rule = {
  name: "capx-owned-objects-are-not-referenced-elsewhere",
  category: "credentials",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: "the same names, and the Secrets that Credentials and this project's own objects use",
  why: "CAPX deletes its Secret with the cluster: a Credential or another cluster that uses it would lose its login",
  remedy: OWN_NAME,
  example:
    'clusters.edge.nutanix.prismCentral.credentialSecretName: "edge-nutanix-identity" is used elsewhere, and CAPX deletes it with the cluster; remove it, so that each cluster has its own',
  check: (subjects) => {
    const clusters = clustersOf(subjects);
    const taken = new Set([
      "nutanix-creds",
      "nutanix-charts",
      ...credentialsOf(subjects).flatMap(({ identity }) => (identity.text === undefined ? [] : [identity.text])),
      ...clusters.flatMap(({ name }) => [
        `${name}-nutanix-identity`,
        `${name}-nutanix-identity-resource-template`,
        `${name}-encryption-at-rest`,
        `${name}-kubeconfig`,
      ]),
    ]);
    return clusters
      .flatMap(({ central: { secret, bundle } }) => [secret, bundle])
      .filter(({ text }) => text !== undefined && taken.has(text))
      .map((name) => name.violation("is used elsewhere, and CAPX deletes it with the cluster", OWN_NAME));
  },
};
