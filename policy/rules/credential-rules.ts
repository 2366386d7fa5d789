/** Rules about credentials: dedicated, minimal, rotated, and not deleted by CAPX while in use. */
import { findDuplicates } from "./cluster-comparison.ts";
import type { ClusterFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import { credentialsOf, loginsOf } from "./credential-objects.ts";
import { clusterDeployments, configField, deploymentField, Field } from "./field.ts";
import { advisory, always, inProduction, mandatory, mandatoryInProduction, type Rule } from "./rule.ts";
import type { Violation } from "./violation.ts";

const ADD_CREDENTIAL = "set it to true, and add a credential for the cluster";
const DEDICATED = "use a dedicated credential for each cluster";

export const credentialsAreNotShared: Rule = {
  name: "credentials-are-not-shared",
  category: "credentials",
  level: mandatoryInProduction,
  inspects:
    "the login of each cluster: `usePerClusterCredential` and `spec.credential` of ClusterDeployments, `spec.identityRef` of Credentials",
  why: "a credential is stored in the cluster that uses it: an attacker in one cluster can delete the machines of all that share it",
  remedy: "set `usePerClusterCredential: true` and a dedicated credential for each cluster",
  example: `clusters.far.credential: "edge" is the credential of clusters.edge too; ${DEDICATED}`,
  check: (targets) => [
    ...findDuplicates(clustersOf(targets), ({ prismCentral }) => (prismCentral.isGlobal() ? "global" : undefined)).map(
      ({ cluster, first }) =>
        globalCredentialField(cluster).redacted(
          `makes the cluster use the global credentials, which ${first.at} uses too`,
          ADD_CREDENTIAL,
        ),
    ),
    ...findDuplicates(clustersOf(targets), loginKey).map(({ cluster, first }) =>
      credentialField(cluster).violation(`is the credential of ${first.at} too`, DEDICATED),
    ),
    ...findDuplicates(credentialsOf(targets), ({ identity }) => identity.text).map(({ cluster, first }) =>
      cluster.identity.violation(`is the identity of ${first.at} too`, "use a dedicated Secret for each Credential"),
    ),
  ],
};

function globalCredentialField({ config, credential }: ClusterFields): Field {
  return config.isSet ? config.at("nutanix", "prismCentral", "usePerClusterCredential") : credential;
}

/** A cluster's login: by its entry in the stack's `credentials` if known, else by its Credential. */
function loginKey({ prismCentral, config, credential, namespace, options }: ClusterFields): string | undefined {
  if (prismCentral.isGlobal() || !config.isSet) return undefined;
  if (options.login !== undefined) return `login ${options.login}`;
  return credential.text && `${namespace}/${credential.text}`;
}

function credentialField({ credential, name, options: { login } }: ClusterFields): Field {
  return login === undefined ? credential : new Field(credential.path, () => login, { cluster: name });
}

export const clustersUseDedicatedCredentials: Rule = {
  name: "clusters-use-dedicated-credentials",
  category: "credentials",
  level: (settings) => (inProduction(settings) ? "advisory" : "disabled"),
  inspects: "`usePerClusterCredential` of ClusterDeployments, `prismCentral` of NutanixClusters",
  why: "CAPX itself uses the global credentials: a cluster that has them can manage the machines of every other cluster",
  remedy: "set `usePerClusterCredential: true`, and add a credential with only the permissions that CAPX needs",
  example: `clusters.demo.nutanix.prismCentral.usePerClusterCredential: makes a production cluster use the global credentials; ${ADD_CREDENTIAL}`,
  check: (targets) =>
    clustersOf(targets)
      .filter(({ prismCentral, endpoint }) => endpoint.host.isSet && prismCentral.isGlobal())
      .map((cluster) =>
        globalCredentialField(cluster).redacted(
          "makes a production cluster use the global credentials",
          ADD_CREDENTIAL,
        ),
      ),
};

const DEDICATED_USER = "create a dedicated user with the permissions that CAPX needs";

export const prismCentralUserIsNotAdmin: Rule = {
  name: "prism-central-user-is-not-admin",
  category: "credentials",
  level: mandatoryInProduction,
  inspects: "user names in `credentials` and in Secrets: only whether they are Prism Central's built-in administrator",
  why: "the built-in administrator has all permissions, is shared by people, and is locked for all of them by wrong passwords",
  remedy: DEDICATED_USER,
  example: `credentials.global.username: is Prism Central's built-in administrator; ${DEDICATED_USER}`,
  check: (targets) =>
    loginsOf(targets)
      .filter(({ isBuiltIn }) => isBuiltIn())
      .map(({ user }) => user.redacted("is Prism Central's built-in administrator", DEDICATED_USER)),
};

const DAY_MS = 86_400_000;
const DEFAULT_MAX_AGE_DAYS = 180;
const ROTATE = "change the password in Prism Central and in the stack";

export const credentialsAreRotated: Rule = {
  name: "credentials-are-rotated",
  category: "credentials",
  level: advisory,
  inspects: "`rotated` of credentials, and the annotation `k0rdent-nutanix/rotated` of Secrets, if set",
  why: "a leaked password is valid until it is changed",
  remedy: `${ROTATE}, and set \`rotated\` to the date`,
  example: `credentials.edge.rotated: "2025-01-01" is 700 days ago, more than 180; ${ROTATE}, and set the date here`,
  settings: {
    maxAgeDays: {
      type: "integer",
      minimum: 1,
      description: `maximum age of a password, in days; default ${DEFAULT_MAX_AGE_DAYS}`,
    },
  },
  check: (targets, { settings: { maxAgeDays }, now }) => {
    const max = typeof maxAgeDays === "number" ? maxAgeDays : DEFAULT_MAX_AGE_DAYS;
    return loginsOf(targets).flatMap(({ rotated }): Violation[] => {
      const age = Math.floor((now.getTime() - Date.parse(rotated.text ?? "")) / DAY_MS);
      if (Number.isNaN(age) || age <= max) return [];
      return [rotated.violation(`is ${age} days ago, more than ${max}`, `${ROTATE}, and set the date here`)];
    });
  },
};

export const ccmCredentialIsPropagated: Rule = {
  name: "ccm-credential-is-propagated",
  category: "credentials",
  level: mandatory,
  inspects: "`spec.propagateCredentials`, and `addons.ccm` and `addons.csi` of ClusterDeployments",
  why: "Nutanix's cloud controller manager and CSI driver use the credential that kcm propagates to the cluster, and never start without it",
  remedy: "set `propagateCredentials: true`, or disable the addons",
  example:
    "ClusterDeployment kcm-system/edge spec.propagateCredentials: false leaves addons.ccm without a credential; set it to true, or remove the addon",
  check: (targets) =>
    clusterDeployments(targets).flatMap((target) => {
      const name = deploymentField(target).at("metadata", "name").text;
      const propagated = deploymentField(target, name).at("spec", "propagateCredentials");
      if (propagated.value !== false) return [];
      const addons = configField(target).at("addons");
      return ["ccm", "csi"]
        .filter((addon) => addons.at(addon, "enabled").value === true)
        .map((addon) =>
          propagated.violation(`leaves addons.${addon} without a credential`, "set it to true, or remove the addon"),
        );
    }),
};

const OWN_NAME = "remove it, so that each cluster has its own";

export const capxOwnedObjectsAreNotShared: Rule = {
  name: "capx-owned-objects-are-not-shared",
  category: "credentials",
  level: mandatory,
  nonWaivable: always,
  inspects:
    "names of the credential Secret and of the trust bundle's ConfigMap in ClusterDeployments and NutanixClusters",
  why: "CAPX owns the Secret and the ConfigMap that a cluster references, rejects a second owner, and deletes them with the cluster",
  remedy: OWN_NAME,
  example: `clusters.edge.nutanix.prismCentral.credentialSecretName: "edge-login" is referenced by clusters.demo too, and CAPX deletes it with the first of them; ${OWN_NAME}`,
  check: (targets) =>
    (["secret", "bundle"] as const).flatMap((key) =>
      findDuplicates(
        clustersOf(targets),
        ({ prismCentral, namespace }) => prismCentral[key].text && `${namespace}/${prismCentral[key].text}`,
      ).map(({ cluster, first }) =>
        cluster.prismCentral[key].violation(
          `is referenced by ${first.at} too, and CAPX deletes it with the first of them`,
          OWN_NAME,
        ),
      ),
    ),
};

/** Ends of the names of a cluster's other objects: this project's and its chart's, and Secrets of Cluster API and k0smotron. */
const OTHER_OBJECTS = ["nutanix-identity", "nutanix-identity-resource-template", "encryption-at-rest", "kubeconfig"];
const OTHER_CONFIG_MAPS = ["ccm-values", "csi-values"];
const OTHER_SECRETS = ["ca", "sa", "proxy", "etcd", "apiserver-etcd-client"];

export const capxOwnedObjectsAreNotReferencedElsewhere: Rule = {
  name: "capx-owned-objects-are-not-referenced-elsewhere",
  category: "credentials",
  level: mandatory,
  nonWaivable: always,
  inspects: "the same names, and the Secrets that Credentials and this project's own objects use",
  why: "CAPX deletes its Secret with the cluster: a Credential or another cluster that uses it would lose its login",
  remedy: OWN_NAME,
  example: `clusters.edge.nutanix.prismCentral.credentialSecretName: "edge-nutanix-identity" is used elsewhere, and CAPX deletes it with the cluster; ${OWN_NAME}`,
  check: (targets) => {
    const clusters = clustersOf(targets);
    const namesOf = (endings: readonly string[]) =>
      clusters.flatMap(({ name }) => endings.map((ending) => `${name}-${ending}`));
    const identities = credentialsOf(targets).flatMap(({ identity }) => identity.text ?? []);
    const used = ["nutanix-creds", "nutanix-charts", ...identities, ...namesOf(OTHER_OBJECTS)];
    const usedBy = {
      secret: new Set([...used, ...namesOf(OTHER_SECRETS)]),
      bundle: new Set([...used, ...namesOf(OTHER_CONFIG_MAPS)]),
    };
    return clusters
      .flatMap(({ prismCentral }) =>
        (["secret", "bundle"] as const).map((key) => ({ name: prismCentral[key], used: usedBy[key] })),
      )
      .filter(({ name, used }) => name.text !== undefined && used.has(name.text))
      .map(({ name }) => name.violation("is used elsewhere, and CAPX deletes it with the cluster", OWN_NAME));
  },
};
