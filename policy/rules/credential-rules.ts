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
  why: "a login lies in the cluster that uses it: who breaks into one cluster can delete the machines of all that share it",
  remedy: "give each cluster `usePerClusterCredential: true` and a credential of its own",
  example:
    'clusters.far.credential: "edge" is the credential of clusters.edge too; give each cluster a credential of its own',
  check: (subjects) => [
    ...findDuplicates(clustersOf(subjects), ({ central }) => (central.isGlobal() ? "global" : undefined)).map(
      ({ cluster, first }) =>
        globalPlace(cluster).violationWithoutValue(
          `leaves the cluster on the global credentials, which ${first.at} uses too`,
          "set it to true, and give the cluster a credential of its own",
        ),
    ),
    ...findDuplicates(clustersOf(subjects), loginKey).map(({ cluster, first }) =>
      loginPlace(cluster).violation(
        `is the credential of ${first.at} too`,
        "give each cluster a credential of its own",
      ),
    ),
    ...findDuplicates(credentialsOf(subjects), ({ identity }) => identity.text).map(({ cluster, first }) =>
      cluster.identity.violation(`is the identity of ${first.at} too`, "give each Credential a Secret of its own"),
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
  why: "the global login is the one that CAPX itself runs with: a cluster that gets it can act on the machines of every other",
  remedy: "set `usePerClusterCredential: true`, and give the cluster a login with no more rights than CAPX needs",
  example:
    "clusters.demo.nutanix.prismCentral.usePerClusterCredential: leaves a cluster in production on the global credentials; set it to true, and give the cluster a credential of its own",
  check: (subjects) =>
    clustersOf(subjects)
      .filter(({ central, endpoint }) => endpoint.host.isSet && central.isGlobal())
      .map((cluster) =>
        globalPlace(cluster).violationWithoutValue(
          "leaves a cluster in production on the global credentials",
          "set it to true, and give the cluster a credential of its own",
        ),
      ),
};

export const prismCentralUserIsNotAdmin: Rule = {
  name: "prism-central-user-is-not-admin",
  category: "credentials",
  level: strictInProduction,
  inspects:
    "the user names of credentials and of Secrets with them, and of each only whether it is Prism Central's built-in one",
  why: "the built-in administrator may do everything, is shared by people, and is locked for all of them by a wrong password",
  remedy: "make a user for this purpose alone, with the rights that CAPX needs",
  example:
    "credentials.global.username: is Prism Central's built-in administrator; make a user for this purpose alone, with the rights that CAPX needs",
  check: (subjects) =>
    loginsOf(subjects)
      .filter(({ isBuiltIn }) => isBuiltIn())
      .map(({ user }) =>
        user.violationWithoutValue(
          "is Prism Central's built-in administrator",
          "make a user for this purpose alone, with the rights that CAPX needs",
        ),
      ),
};

const DAY_MS = 86_400_000;
const MOST_DAYS = 180;

export const credentialsAreRotated: Rule = {
  name: "credentials-are-rotated",
  category: "credentials",
  level: always("advisory"),
  inspects: "`rotated` of credentials, and the annotation `k0rdent-nutanix/rotated` of Secrets, where there is one",
  why: "whoever has read a password once can use it until it is changed",
  remedy: "change the password in Prism Central and in the stack, and write the day into `rotated`",
  example:
    'credentials.edge.rotated: "2025-01-01" is 700 days ago, more than 180; change the password in Prism Central and in the stack, and write the day here',
  settings: {
    maxAgeDays: { type: "integer", minimum: 1, description: `days that a password may be used; default ${MOST_DAYS}` },
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
          "change the password in Prism Central and in the stack, and write the day here",
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
  why: "Nutanix's cloud controller and storage driver log in with what kcm copies into the cluster: without it they never start",
  remedy: "leave `propagateCredentials` at true, or switch the add-ons off",
  example:
    "ClusterDeployment kcm-system/edge spec.propagateCredentials: false leaves addons.ccm without a login; set it to true, or take the add-on out",
  check: (subjects) =>
    deployments(subjects).flatMap((subject) => {
      const name = deploymentField(subject).at("metadata", "name").text;
      const propagated = deploymentField(subject, name).at("spec", "propagateCredentials");
      if (propagated.value !== false) return [];
      const addons = configField(subject).at("addons");
      return (["ccm", "csi"] as const)
        .filter((addon) => addons.at(addon, "enabled").value === true)
        .map((addon) =>
          propagated.violation(`leaves addons.${addon} without a login`, "set it to true, or take the add-on out"),
        );
    }),
};
