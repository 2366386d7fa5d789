/** Does every cluster log in as itself, with a login that is no more than it needs and can be taken back? */
import { type ClusterFields, clustersOf, deployments } from "./cluster-fields.ts";
import { credentialsOf } from "./credential-objects.ts";
import { findDuplicates } from "./duplicates.ts";
import { configField, deploymentField, Field } from "./field.ts";
import { loginsOf } from "./login-facts.ts";
import { always, inProduction, type Rule, strictInProduction } from "./rule.ts";
import type { Violation } from "./violation.ts";

export const credentialsAreNotShared: Rule = {
  name: "credentials-are-not-shared",
  category: "credentials",
  level: strictInProduction,
  inspects:
    "the login of each cluster: `usePerClusterCredential` and `spec.credential` of ClusterDeployments, `spec.identityRef` of Credentials",
  why: "a credential is stored in the cluster that uses it: an attacker in one cluster can delete the machines of all that share it",
  remedy: "set `usePerClusterCredential: true` and a dedicated credential for each cluster",
  example:
    'clusters.far.credential: "edge" is the credential of clusters.edge too; use a dedicated credential for each cluster',
  check: (subjects) => [
    ...findDuplicates(clustersOf(subjects), ({ central }) => (central.isGlobal() ? "global" : undefined)).map(
      ({ cluster, first }) =>
        globalPlace(cluster).violationWithoutValue(
          `makes the cluster use the global credentials, which ${first.at} uses too`,
          "set it to true, and add a credential for the cluster",
        ),
    ),
    ...findDuplicates(clustersOf(subjects), loginKey).map(({ cluster, first }) =>
      loginPlace(cluster).violation(
        `is the credential of ${first.at} too`,
        "use a dedicated credential for each cluster",
      ),
    ),
    ...findDuplicates(credentialsOf(subjects), ({ identity }) => identity.text).map(({ cluster, first }) =>
      cluster.identity.violation(`is the identity of ${first.at} too`, "use a dedicated Secret for each Credential"),
    ),
  ],
};

function globalPlace({ config, credential }: ClusterFields): Field {
  return config.isSet ? config.at("nutanix", "prismCentral", "usePerClusterCredential") : credential;
}

/** The login as the stack names it, else by the Credential that it comes in. */
function loginKey({ central, config, credential, namespace, options }: ClusterFields): string | undefined {
  if (central.isGlobal() || !config.isSet) return undefined;
  if (options.login !== undefined) return `login ${options.login}`;
  return credential.text === undefined ? undefined : `${namespace}/${credential.text}`;
}

function loginPlace({ credential, name, options: { login } }: ClusterFields): Field {
  return login === undefined ? credential : new Field(credential.path, () => login, { cluster: name });
}

export const clustersUseDedicatedCredentials: Rule = {
  name: "clusters-use-dedicated-credentials",
  category: "credentials",
  level: (settings) => (inProduction(settings) ? "advisory" : "disabled"),
  inspects: "`usePerClusterCredential` of ClusterDeployments, `prismCentral` of NutanixClusters",
  why: "CAPX itself uses the global credentials: a cluster that has them can manage the machines of every other cluster",
  remedy: "set `usePerClusterCredential: true`, and add a credential with only the permissions that CAPX needs",
  example:
    "clusters.demo.nutanix.prismCentral.usePerClusterCredential: makes a production cluster use the global credentials; set it to true, and add a credential for the cluster",
  check: (subjects) =>
    clustersOf(subjects)
      .filter(({ central, endpoint }) => endpoint.host.isSet && central.isGlobal())
      .map((cluster) =>
        globalPlace(cluster).violationWithoutValue(
          "makes a production cluster use the global credentials",
          "set it to true, and add a credential for the cluster",
        ),
      ),
};

export const prismCentralUserIsNotAdmin: Rule = {
  name: "prism-central-user-is-not-admin",
  category: "credentials",
  level: strictInProduction,
  inspects: "user names in `credentials` and in Secrets: only whether they are Prism Central's built-in administrator",
  why: "the built-in administrator has all permissions, is shared by people, and is locked for all of them by wrong passwords",
  remedy: "create a dedicated user with the permissions that CAPX needs",
  example:
    "credentials.global.username: is Prism Central's built-in administrator; create a dedicated user with the permissions that CAPX needs",
  check: (subjects) =>
    loginsOf(subjects)
      .filter(({ isBuiltIn }) => isBuiltIn())
      .map(({ user }) =>
        user.violationWithoutValue(
          "is Prism Central's built-in administrator",
          "create a dedicated user with the permissions that CAPX needs",
        ),
      ),
};

const DAY_MS = 86_400_000;
const MOST_DAYS = 180;

export const credentialsAreRotated: Rule = {
  name: "credentials-are-rotated",
  category: "credentials",
  level: always("advisory"),
  inspects: "`rotated` of credentials, and the annotation `k0rdent-nutanix/rotated` of Secrets, if set",
  why: "a leaked password is valid until it is changed",
  remedy: "change the password in Prism Central and in the stack, and set `rotated` to the date",
  example:
    'credentials.edge.rotated: "2025-01-01" is 700 days ago, more than 180; change the password in Prism Central and in the stack, and set the date here',
  settings: {
    maxAgeDays: {
      type: "integer",
      minimum: 1,
      description: `maximum age of a password, in days; default ${MOST_DAYS}`,
    },
  },
  check: (subjects, { settings, now }) => {
    const most = typeof settings["maxAgeDays"] === "number" ? settings["maxAgeDays"] : MOST_DAYS;
    return loginsOf(subjects).flatMap(({ rotated }): Violation[] => {
      const day = Date.parse(rotated.text ?? "");
      const age = Math.floor((now.getTime() - day) / DAY_MS);
      if (Number.isNaN(day) || age <= most) return [];
      return [
        rotated.violation(
          `is ${age} days ago, more than ${most}`,
          "change the password in Prism Central and in the stack, and set the date here",
        ),
      ];
    });
  },
};

export const ccmCredentialIsPropagated: Rule = {
  name: "ccm-credential-is-propagated",
  category: "credentials",
  level: always("mandatory"),
  inspects: "`spec.propagateCredentials`, and `addons.ccm` and `addons.csi` of ClusterDeployments",
  why: "Nutanix's cloud controller manager and CSI driver use the credential that kcm propagates to the cluster, and never start without it",
  remedy: "set `propagateCredentials: true`, or disable the addons",
  example:
    "ClusterDeployment kcm-system/edge spec.propagateCredentials: false leaves addons.ccm without a credential; set it to true, or remove the addon",
  check: (subjects) =>
    deployments(subjects).flatMap((subject) => {
      const name = deploymentField(subject).at("metadata", "name").text;
      const propagated = deploymentField(subject, name).at("spec", "propagateCredentials");
      if (propagated.value !== false) return [];
      const addons = configField(subject).at("addons");
      return (["ccm", "csi"] as const)
        .filter((addon) => addons.at(addon, "enabled").value === true)
        .map((addon) =>
          propagated.violation(`leaves addons.${addon} without a credential`, "set it to true, or remove the addon"),
        );
    }),
};
