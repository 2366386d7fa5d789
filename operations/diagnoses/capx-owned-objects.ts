/** The Secret and the trust bundle that a cluster names, and that CAPX takes for its own. */
import { textAt } from "../../kubernetes/object.ts";
import { type Diagnosis, type Found, nameOf, ofStatus } from "./finding.ts";
import { clusterOf, isBlind, named } from "./input.ts";
import { clusterName, clusters, complaints, secretOf, X509 } from "./nutanix-cluster.ts";

export const secretGone: Diagnosis = {
  id: "credentials-gone",
  severity: "error",
  means:
    "The Secret with which CAPX logs in for a cluster is not there. While the cluster lives nothing works any more; while it is deleted, its machines cannot be: the finalizer of the NutanixCluster waits for a login that nobody has.",
  remedy:
    "make the Secret again, with a login that still works: `pulumi refresh` and then `pulumi up` do it. Do not take the finalizer away: the virtual machines would stay on Nutanix",
  find: (the) => {
    if (isBlind(the, "Secret")) return [];
    return clusters(the).flatMap((cluster): Found[] => {
      const name = secretOf(cluster);
      if (name === undefined || named(the, "Secret", name) !== undefined) return [];
      const { deletionTimestamp, finalizers = [] } = cluster.metadata;
      const holds = deletionTimestamp === undefined ? "" : `; its deletion is held by ${finalizers.join(", ")}`;
      return [
        {
          subject: nameOf(cluster),
          cluster: clusterOf(cluster),
          cause: `the Secret ${name} with the login of ${clusterName(cluster)} is gone${holds}`,
          evidence: [
            { what: "object", of: `Secret ${name}`, text: "not found" },
            ...(deletionTimestamp === undefined
              ? []
              : [{ ...ofStatus(cluster, "is being deleted"), since: deletionTimestamp }]),
            ...complaints(the, cluster)
              .filter(({ text }) => text.includes(name))
              .map(({ evidence }) => evidence)
              .slice(0, 2),
          ],
        },
      ];
    });
  },
};

const OWNED = /already owned by another nutanixCluster/i;

export const secretShared: Diagnosis = {
  id: "credentials-owned-by-another-cluster",
  severity: "error",
  means:
    "CAPX takes the Secret and the trust bundle that a cluster names for its own, refuses them to a second cluster, and deletes them with the first.",
  remedy:
    "give each cluster a Secret and a bundle of its own: leave `credentialSecretName` and `additionalTrustBundleConfigMapName` out of the stack file, and run `pulumi up`",
  find: (the) =>
    clusters(the).flatMap((cluster): Found[] => {
      const name = secretOf(cluster);
      const owner = named(the, "Secret", name)?.metadata.ownerReferences?.find(
        (one) => one.kind === "NutanixCluster" && one.name !== cluster.metadata.name,
      );
      const said = complaints(the, cluster).filter(({ text }) => OWNED.test(text));
      if (owner === undefined && said.length === 0) return [];
      const other = owner && named(the, "NutanixCluster", owner.name);
      const whose = owner === undefined ? "another cluster" : `the cluster ${other ? clusterName(other) : owner.name}`;
      return [
        {
          subject: nameOf(cluster),
          cluster: clusterOf(cluster),
          cause: `${clusterName(cluster)} names the Secret ${name ?? "or bundle"} that belongs to ${whose}`,
          evidence: [
            ...(owner
              ? [{ what: "object" as const, of: `Secret ${name}`, text: `owned by NutanixCluster ${owner.name}` }]
              : []),
            ...said.map(({ evidence }) => evidence).slice(0, 2),
          ],
        },
      ];
    }),
};

export const bundleWithoutCa: Diagnosis = {
  id: "trust-bundle-without-ca",
  severity: "error",
  means:
    "CAPX reads the trust bundle of a cluster under the key `ca.crt` and takes a ConfigMap without it for an empty bundle, with no error. The only sign is an x509 error on every call later.",
  remedy:
    "name the bundle as `prismCentral.trustBundle` in the stack file and run `pulumi up`, which writes it under `ca.crt`",
  find: (the) => {
    if (isBlind(the, "ConfigMap")) return [];
    return clusters(the).flatMap((cluster): Found[] => {
      if (textAt(cluster.spec, "prismCentral", "additionalTrustBundle", "kind") !== "ConfigMap") return [];
      const name = textAt(cluster.spec, "prismCentral", "additionalTrustBundle", "name") ?? "";
      const bundle = named(the, "ConfigMap", name);
      if (bundle?.data?.["ca.crt"]) return [];
      const keys = Object.keys(bundle?.data ?? {});
      const lacks = keys.length === 0 ? "is empty" : `has ${keys.join(", ")} and no ca.crt`;
      return [
        {
          subject: nameOf(cluster),
          cluster: clusterOf(cluster),
          cause: `the trust bundle ${name} of ${clusterName(cluster)} ${bundle === undefined ? "is not there" : lacks}`,
          evidence: [
            {
              what: "object",
              of: `ConfigMap ${name}`,
              text: bundle === undefined ? "not found" : `keys: ${keys.join(", ") || "none"}`,
            },
            ...complaints(the, cluster)
              .filter(({ text }) => X509.test(text) || text.includes(name))
              .map(({ evidence }) => evidence)
              .slice(0, 2),
          ],
        },
      ];
    });
  },
};
