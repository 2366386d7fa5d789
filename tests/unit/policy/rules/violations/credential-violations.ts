import type { PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { configOf, objectOf, specOf, targetAt } from "../valid-stack.ts";
import { ruleSettings, type ViolationCase } from "./violation-case.ts";

/** A second cluster with the login of `edge`. */
function far(all: PolicyTarget[]): void {
  const edge = targetAt(all, "clusters.edge");
  const object = { ...structuredClone(edge.object), metadata: { name: "far", namespace: "kcm-system" } };
  all.push({ at: "clusters.far", object, options: { ...edge.options, login: "edge" } });
}

const fact = (kind: string, spec: object): PolicyTarget => ({
  at: kind,
  object: { apiVersion: "k0rdent-nutanix/facts", kind, metadata: { name: "x" }, spec: { ...spec } },
});
const IN_CLEAR = "move it to a Secret, reference that here, and treat the value as compromised";
const SECRET = "Secret kcm-system/raw-capx";

export const CREDENTIALS: readonly ViolationCase[] = [
  { rule: "credentials-are-not-shared", change: far },
  {
    rule: "credentials-are-not-shared",
    name: "by two Credentials",
    capi: true,
    change: (all) => {
      const one = structuredClone(targetAt(all, "Credential kcm-system/raw-nutanix"));
      Object.assign(one, { at: "Credential kcm-system/two" });
      (one.object as { metadata: object }).metadata = { name: "two", namespace: "kcm-system" };
      all.push(one);
    },
    expected: [
      'Credential kcm-system/two spec.identityRef.name: "raw-identity" is the identity of Credential kcm-system/raw-nutanix too; use a dedicated Secret for each Credential',
    ],
  },
  {
    rule: "clusters-use-dedicated-credentials",
    change: () => undefined,
  },
  {
    rule: "clusters-use-dedicated-credentials",
    name: "by a NutanixCluster without prismCentral",
    capi: true,
    change: (all) => {
      delete objectOf(all, "NutanixCluster kcm-system/raw-nutanix")["spec"].prismCentral;
    },
    expected: [
      "NutanixCluster kcm-system/raw-nutanix spec.prismCentral.credentialRef.name: makes a production cluster use the global credentials; set it to true, and add a credential for the cluster",
    ],
  },
  {
    rule: "capx-owned-objects-are-not-shared",
    name: "the trust bundle",
    change: (all) => {
      for (const name of ["demo", "edge"])
        configOf(all, name)["nutanix"].prismCentral.additionalTrustBundleConfigMapName = "edge-ca";
    },
    expected: [
      'clusters.edge.nutanix.prismCentral.additionalTrustBundleConfigMapName: "edge-ca" is referenced by clusters.demo too, and CAPX deletes it with the first of them; remove it, so that each cluster has its own',
    ],
  },
  {
    rule: "capx-owned-objects-are-not-referenced-elsewhere",
    name: "by a Credential of any name",
    capi: true,
    change: (all) => {
      objectOf(all, "Credential kcm-system/raw-nutanix")["spec"].identityRef.name = "raw-capx";
    },
    expected: [
      'NutanixCluster kcm-system/raw-nutanix spec.prismCentral.credentialRef.name: "raw-capx" is used elsewhere, and CAPX deletes it with the cluster; remove it, so that each cluster has its own',
    ],
  },
  {
    rule: "prism-central-user-is-not-admin",
    change: (all) => {
      specOf(all, "credentials.global")["isBuiltIn"] = true;
    },
  },
  {
    rule: "prism-central-user-is-not-admin",
    name: "in a Secret, as base64",
    capi: true,
    change: (all) => {
      delete objectOf(all, SECRET)["stringData"];
      objectOf(all, SECRET)["data"] = { NUTANIX_USER: Buffer.from("Admin").toString("base64") };
    },
    expected: [
      `${SECRET} data.NUTANIX_USER: is Prism Central's built-in administrator; create a dedicated user with the permissions that CAPX needs`,
    ],
  },
  {
    rule: "credentials-are-rotated",
    change: (all) => {
      specOf(all, "credentials.edge")["rotated"] = "2025-01-01";
    },
    settings: { now: new Date("2026-12-02T00:00:00Z"), rules: {} },
  },
  {
    rule: "credentials-are-rotated",
    name: "in a Secret, by a limit of the stack's own",
    capi: true,
    change: (all) => {
      objectOf(all, SECRET)["metadata"].annotations = { "k0rdent-nutanix/rotated": "2026-11-01" };
    },
    settings: { now: new Date("2026-12-02T00:00:00Z"), ...ruleSettings("credentials-are-rotated", { maxAgeDays: 30 }) },
    expected: [
      `${SECRET} metadata.annotations.k0rdent-nutanix/rotated: "2026-11-01" is 31 days ago, more than 30; change the password in Prism Central and in the stack, and set the date here`,
    ],
  },
  {
    rule: "ccm-credential-is-propagated",
    capi: true,
    change: (all) => {
      all.push({
        at: "ClusterDeployment kcm-system/edge spec.config",
        object: {
          apiVersion: "k0rdent.mirantis.com/v1beta1",
          kind: "ClusterDeployment",
          metadata: { name: "edge", namespace: "kcm-system" },
          spec: {
            template: "nutanix-k0s-hcp-1-0-0",
            propagateCredentials: false,
            config: { addons: { ccm: { enabled: true }, csi: { enabled: false } } },
          },
        },
      });
    },
  },
  {
    rule: "secrets-are-not-in-plain-text",
    name: "as a private key",
    change: (all) => {
      configOf(all, "edge")["k0s"].config = {
        files: [{ text: "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----" }],
      };
    },
    expected: [`clusters.edge.k0s.config.files.0.text: contains a private key; ${IN_CLEAR}`],
  },
  {
    rule: "outputs-do-not-contain-credentials",
    change: (all) => {
      all.push(fact("Stack", { outputs: { login: "https://reader:canary@example.com" } }));
    },
    expected: [
      "Stack.outputs.login: contains a URL with credentials; wrap it in pulumi.secret unless it is, or remove it",
    ],
  },
];
