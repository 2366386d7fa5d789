/** Rule about the key that a workload cluster's Secrets are encrypted with. */
import { findDuplicates } from "./cluster-comparison.ts";
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { credentialsOf } from "./credential-objects.ts";
import type { Field } from "./field.ts";
import { always, mandatory, type Rule } from "./rule.ts";

const OWN_KEY = "remove it, so that the cluster has a key of its own";
/** Names of Secrets that Cluster API, kcm and this project make for a cluster. */
const OF_A_CLUSTER =
  /-(encryption-at-rest|capx-credentials|nutanix-identity|kubeconfig|ca|etcd|sa|proxy|apiserver-etcd-client)$/;

export const encryptionKeysAreNotShared: Rule = {
  name: "encryption-keys-are-not-shared",
  category: "credentials",
  level: mandatory,
  nonWaivable: always,
  inspects: "`encryptionAtRest.secretName` of ClusterDeployments, and the identities of Credentials",
  why: "the control plane reads the Secret: with another cluster's key it can decrypt that cluster's Secrets, with another Secret it gets a login",
  remedy: OWN_KEY,
  example: `clusters.demo.encryptionAtRest.secretName: "edge-encryption-at-rest" is not a key of this cluster alone; ${OWN_KEY}`,
  check: (targets) => {
    const logins = ["nutanix-creds", ...credentialsOf(targets).flatMap(({ identity }) => identity.text ?? [])];
    const other = clustersOf(targets).filter((cluster) => keyOf(cluster).text !== `${cluster.name}-encryption-at-rest`);
    const isForeign = (cluster: ClusterFields) => {
      const { text = "" } = keyOf(cluster);
      return OF_A_CLUSTER.test(text) || logins.includes(text);
    };
    const shared = findDuplicates(other, (cluster) => {
      const { text } = keyOf(cluster);
      return text && `${cluster.namespace}/${text}`;
    }).map(({ cluster }) => cluster);
    return [...new Set([...other.filter(isForeign), ...shared])].map((cluster) =>
      keyOf(cluster).violation("is not a key of this cluster alone", OWN_KEY),
    );
  },
};

function keyOf({ config }: ClusterFields): Field {
  return config.at("encryptionAtRest", "secretName");
}
