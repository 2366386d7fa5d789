/** The Secret and the trust bundle that a NutanixCluster references: CAPX becomes their owner. */
import { textAt } from "../../kubernetes/object.ts";
import { type Diagnosis, forEachObject, missingEvidence, statusEvidence } from "./finding.ts";
import { objectNamed } from "./input.ts";
import { clusterErrors, clusterName, missingNutanixCluster, secretOf, X509 } from "./nutanix-cluster.ts";

export const nutanixClusterMissing: Diagnosis = {
  id: "nutanix-cluster-missing",
  severity: "error",
  description:
    "The NutanixCluster of a cluster does not exist, and CAPX reconciles none of the cluster's machines without it: it neither retries nor says so in their status. Charts that named it differently from the Cluster lost it at the start of every deletion, because CAPX counted no machines for that name.",
  remedy:
    "run `npm run recover -- --cluster NAME`: it writes the NutanixCluster again, so that CAPX deletes the virtual machines. Do not remove finalizers: the virtual machines would be left behind on Nutanix",
  find: forEachObject(["Cluster"], (cluster, input) => {
    const missing = missingNutanixCluster(input, cluster);
    if (missing === undefined) return undefined;
    const { name, machines } = missing;
    return {
      cause: `CAPX reconciles none of the ${machines.length} NutanixMachines of ${cluster.metadata.name}: the NutanixCluster ${name} does not exist`,
      evidence: [
        missingEvidence("NutanixCluster", name),
        ...machines.slice(0, 3).map((machine) => {
          const { deletionTimestamp, finalizers = [] } = machine.metadata;
          if (deletionTimestamp === undefined) return statusEvidence(machine, "references it through its Cluster");
          return {
            ...statusEvidence(machine, `terminating, finalizers: ${finalizers.join(", ")}`),
            since: deletionTimestamp,
          };
        }),
      ],
    };
  }),
};

export const nutanixClusterNameDiffers: Diagnosis = {
  id: "nutanix-cluster-name-differs",
  severity: "warning",
  description:
    "A NutanixCluster has another name than its Cluster. CAPX counts the machines that the deletion of a NutanixCluster waits for by its name, and counts none then: a deletion of the cluster leaves its virtual machines on Nutanix. With a ClusterClass Cluster API deletes the NutanixCluster after the machines.",
  remedy:
    "before you delete the cluster or update its chart, run the commands for such a NutanixCluster in docs/guides/upgrade.md",
  find: forEachObject(["Cluster"], (cluster, input) => {
    const { name } = cluster.metadata;
    const named = textAt(cluster.spec, "infrastructureRef", "name");
    const nutanixCluster = objectNamed(input, "NutanixCluster", named);
    if (named === name || nutanixCluster === undefined || cluster.spec?.["topology"] !== undefined) return undefined;
    return {
      cause: `the NutanixCluster of ${name} is named ${named}: a deletion of ${name} would leave its virtual machines on Nutanix`,
      evidence: [statusEvidence(cluster, `spec.infrastructureRef.name is ${named}`)],
    };
  }),
};

export const secretMissing: Diagnosis = {
  id: "credentials-missing",
  severity: "error",
  description:
    "The Secret with CAPX's credentials for a cluster does not exist. CAPX can neither change the cluster nor delete its machines: the finalizer of the NutanixCluster stays until there are credentials.",
  remedy:
    "create the Secret again, with valid credentials: `pulumi refresh` and then `pulumi up` do it. Do not remove the finalizer: the virtual machines would be left behind on Nutanix",
  requires: "Secret",
  find: forEachObject(["NutanixCluster"], (cluster, input) => {
    const name = secretOf(cluster);
    if (name === undefined || objectNamed(input, "Secret", name) !== undefined) return undefined;
    const { deletionTimestamp, finalizers = [] } = cluster.metadata;
    const blocks = deletionTimestamp === undefined ? "" : `; ${finalizers.join(", ")} blocks its deletion`;
    return {
      cause: `the Secret ${name} with the credentials of ${clusterName(cluster)} does not exist${blocks}`,
      evidence: [
        missingEvidence("Secret", name),
        ...(deletionTimestamp === undefined
          ? []
          : [{ ...statusEvidence(cluster, "terminating"), since: deletionTimestamp }]),
        ...clusterErrors(input, cluster)
          .filter(({ text }) => text.includes(name))
          .map(({ evidence }) => evidence)
          .slice(0, 2),
      ],
    };
  }),
};

export const secretShared: Diagnosis = {
  id: "credentials-owned-by-another-cluster",
  severity: "error",
  description:
    "CAPX becomes the owner of the Secret and the trust bundle that a cluster references, rejects a second cluster that references them, and deletes them with the first.",
  remedy:
    "use a Secret and a bundle of its own for each cluster: remove `credentialSecretName` and `additionalTrustBundleConfigMapName` from the stack file, and run `pulumi up`",
  find: forEachObject(["NutanixCluster"], (cluster, input) => {
    const name = secretOf(cluster);
    const owner = objectNamed(input, "Secret", name)?.metadata.ownerReferences?.find(
      (one) => one.kind === "NutanixCluster" && one.name !== cluster.metadata.name,
    );
    const errors = clusterErrors(input, cluster).filter(({ text }) =>
      /already owned by another nutanixCluster/i.test(text),
    );
    if (owner === undefined && errors.length === 0) return undefined;
    const other = owner && objectNamed(input, "NutanixCluster", owner.name);
    const whose = owner === undefined ? "another cluster" : `the cluster ${other ? clusterName(other) : owner.name}`;
    return {
      cause: `${clusterName(cluster)} references the Secret ${name ?? "or bundle"}, which ${whose} owns`,
      evidence: [
        ...(owner
          ? [{ what: "object" as const, of: `Secret ${name}`, text: `owned by NutanixCluster ${owner.name}` }]
          : []),
        ...errors.map(({ evidence }) => evidence).slice(0, 2),
      ],
    };
  }),
};

export const bundleWithoutCa: Diagnosis = {
  id: "trust-bundle-without-ca",
  severity: "error",
  description:
    "CAPX reads the trust bundle of a cluster from the key `ca.crt` and treats a ConfigMap without it as an empty bundle, without an error. Every later call fails with an x509 error.",
  remedy:
    "set the bundle as `prismCentral.trustBundle` in the stack file and run `pulumi up`, which writes it under `ca.crt`",
  requires: "ConfigMap",
  find: forEachObject(["NutanixCluster"], (cluster, input) => {
    if (textAt(cluster.spec, "prismCentral", "additionalTrustBundle", "kind") !== "ConfigMap") return undefined;
    const name = textAt(cluster.spec, "prismCentral", "additionalTrustBundle", "name") ?? "";
    const bundle = objectNamed(input, "ConfigMap", name);
    if (bundle?.data?.["ca.crt"]) return undefined;
    const keys = Object.keys(bundle?.data ?? {}).join(", ");
    const fault = bundle === undefined ? "does not exist" : keys === "" ? "is empty" : `has ${keys}, but not ca.crt`;
    return {
      cause: `the trust bundle ${name} of ${clusterName(cluster)} ${fault}`,
      evidence: [
        bundle === undefined
          ? missingEvidence("ConfigMap", name)
          : { what: "object", of: `ConfigMap ${name}`, text: `keys: ${keys || "none"}` },
        ...clusterErrors(input, cluster)
          .filter(({ text }) => X509.test(text) || text.includes(name))
          .map(({ evidence }) => evidence)
          .slice(0, 2),
      ],
    };
  }),
};
