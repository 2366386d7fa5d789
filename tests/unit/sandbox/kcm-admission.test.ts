import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AdmissionRequest, review } from "../../../sandbox/controllers/admission.ts";
import type { AdmissionCaches } from "../../../sandbox/controllers/admission-denial.ts";

type Answer = "admitted" | [code: number, message: string, warning?: string];

/** What the webhooks of kcm 1.2.0 and 1.11.4, built from their sources, answered to these requests beside these objects. */
const ANSWERS: Readonly<Record<string, Answer | Readonly<Record<"1.2" | "1.11", Answer>>>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "kcm-admission.json"), "utf8"),
);

const named = (kind: string, name: string, more: object = {}) => ({
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind,
  metadata: { name, namespace: "kcm-system" },
  ...more,
});
const template = (kind: string, name: string, status: object = { valid: true }) => named(kind, name, { status });
const chain = (name: string, supportedTemplates: object[], status: object = { valid: true }) =>
  named("ServiceTemplateChain", name, { spec: { supportedTemplates }, status });
const service = (template: string, more: object = {}) => ({ name: "one", namespace: "one", template, ...more });
const two = { name: "two", namespace: "two" };
const cluster = (services: object[], spec: object = {}) =>
  named("ClusterDeployment", "x", {
    spec: { template: "ct-ok", credential: "c-ok", config: {}, serviceSpec: { services }, ...spec },
  });
const shared = (services: object[]) => named("MultiClusterService", "x", { spec: { serviceSpec: { services } } });
const management = (release: string, names: string[]) => ({
  ...named("Management", "kcm"),
  metadata: { name: "kcm" },
  spec: { release, core: { kcm: {}, capi: {} }, providers: names.map((name) => ({ name, template: name })) },
});

const INFRASTRUCTURE = { providers: ["infrastructure-nutanix"] };
const OBJECTS = {
  clusterTemplates: [
    template("ClusterTemplate", "ct-ok", { valid: true, ...INFRASTRUCTURE }),
    template("ClusterTemplate", "ct-bad", { valid: false, validationError: "no chart" }),
    template("ClusterTemplate", "ct-old-k8s", { valid: true, ...INFRASTRUCTURE }),
    template("ClusterTemplate", "ct-none", { valid: true, providers: ["bootstrap-k0sproject-k0smotron"] }),
    template("ClusterTemplate", "ct-other", { valid: true, providers: ["infrastructure-other"] }),
  ],
  credentials: [true, false].map((ready) =>
    named("Credential", ready ? "c-ok" : "c-bad", { spec: { identityRef: { kind: "Secret" } }, status: { ready } }),
  ),
  serviceTemplates: [
    template("ServiceTemplate", "st-ok"),
    template("ServiceTemplate", "st-next"),
    template("ServiceTemplate", "st-bad", { valid: false, validationError: "no chart" }),
  ],
  serviceChains: [
    chain("chain-ok", [{ name: "st-ok" }]),
    chain("chain-bad", [{ name: "st-ok" }], { valid: false, validationError: "no template" }),
    chain("chain-other", [{ name: "st-next" }]),
  ],
  clusterDeployments: [{ ...cluster([service("st-ok")]), metadata: { name: "using", namespace: "kcm-system" } }],
  multiClusterServices: [{ ...shared([service("st-next")]), metadata: { name: "using" } }],
  providerTemplates: [
    template("ProviderTemplate", "pt-waiting", { valid: false, capiContracts: { v1beta1: "v1beta1" } }),
  ],
  providerInterfaces: [
    {
      metadata: { name: "nutanix", labels: { "cluster.x-k8s.io/provider": "infrastructure-nutanix" } },
      spec: { clusterIdentities: [{ kind: "Secret" }] },
    },
  ],
  managements: [
    {
      ...management("kcm-1", []),
      status: { availableProviders: [...INFRASTRUCTURE.providers, "bootstrap-k0sproject-k0smotron"] },
    },
  ],
  releases: [named("Release", "kcm-1", { status: { ready: true } })],
};

function cachesOf(kcmVersion: string): AdmissionCaches {
  const caches = Object.entries(OBJECTS).map(([name, items]) => [
    name,
    { items, find: (wanted: string) => items.find(({ metadata }) => metadata.name === wanted) },
  ]);
  const controller = { metadata: { labels: { "app.kubernetes.io/version": kcmVersion } } };
  return { ...Object.fromEntries(caches), controller } as unknown as AdmissionCaches;
}

type Request = [operation: AdmissionRequest["operation"], before: object | undefined, after?: object];

/** The same services in a cluster and in all clusters of a label. */
function serviceRequests(kind: string, make: (services: object[]) => { metadata: object }): Record<string, Request> {
  const create = (...services: object[]): Request => ["CREATE", undefined, make(services)];
  const missing = make([service("nowhere")]);
  const deleted = { ...missing, metadata: { ...missing.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
  const requests: Record<string, Request> = {
    valid: create(service("st-ok", { templateChain: "chain-ok" })),
    "template missing": create(service("nowhere")),
    "template invalid": create(service("st-bad")),
    "template missing and invalid": create(service("st-bad"), service("nowhere", two)),
    "chain missing": create(service("st-ok", { templateChain: "nowhere" })),
    "chain invalid": create(service("st-ok", { templateChain: "chain-bad" })),
    "chain without template": create(service("st-ok", { templateChain: "chain-other" })),
    "template missing in chain": create(service("nowhere", { templateChain: "chain-ok" })),
    "twice the same name": create(service("st-ok"), service("st-next")),
    "dependency missing": create(service("st-ok", { dependsOn: [two] })),
    "dependency on itself": create(service("st-ok", { dependsOn: [{ name: "one", namespace: "one" }] })),
    "values of another namespace": create(
      service("st-ok", { valuesFrom: [{ kind: "Secret", name: "a", namespace: "other" }] }),
    ),
    "disabled service with template missing": create(service("nowhere", { disable: true })),
    "update to a missing template": ["UPDATE", make([service("st-ok")]), missing],
    "update with the same missing template": ["UPDATE", missing, missing],
    "update with the same missing template, being deleted": ["UPDATE", missing, deleted],
  };
  return Object.fromEntries(Object.entries(requests).map(([title, request]) => [`${kind} ${title}`, request]));
}

const create = (spec: object): Request => ["CREATE", undefined, cluster([], spec)];
const upgrade = (template: string, status: object): Request => [
  "UPDATE",
  { ...cluster([]), status },
  cluster([], { template }),
];
const changed = (spec: object): Request => ["UPDATE", cluster([], spec), cluster([], { ...spec, config: { a: 1 } })];
const deletion = (kind: string, name: string): Request => ["DELETE", named(kind, name)];

const REQUESTS: Readonly<Record<string, Request>> = {
  ...serviceRequests("ClusterDeployment", cluster),
  ...serviceRequests("MultiClusterService", shared),
  "ClusterDeployment plain": create({}),
  "ClusterDeployment ClusterTemplate missing": create({ template: "nowhere" }),
  "ClusterDeployment ClusterTemplate invalid": create({ template: "ct-bad" }),
  "ClusterDeployment ClusterTemplate without infrastructure": create({ template: "ct-none" }),
  "ClusterDeployment ClusterTemplate of another infrastructure": create({ template: "ct-other" }),
  "ClusterDeployment Credential missing": create({ credential: "nowhere" }),
  "ClusterDeployment Credential not ready": create({ credential: "c-bad" }),
  "ClusterDeployment update, Credential not ready any more": changed({ credential: "c-bad" }),
  "ClusterDeployment update, ClusterTemplate missing": changed({ template: "nowhere" }),
  "ClusterDeployment update, ClusterTemplate not an upgrade": upgrade("ct-old-k8s", {}),
  "ClusterDeployment update, ClusterTemplate an upgrade": upgrade("ct-old-k8s", { availableUpgrades: ["ct-old-k8s"] }),
  "ClusterDeployment update, ClusterTemplate an invalid upgrade": upgrade("ct-bad", { availableUpgrades: ["ct-bad"] }),
  "ClusterDeployment delete": deletion("ClusterDeployment", "x"),
  "ServiceTemplate delete st-ok": deletion("ServiceTemplate", "st-ok"),
  "ServiceTemplate delete st-next": deletion("ServiceTemplate", "st-next"),
  "ClusterTemplate delete in use": deletion("ClusterTemplate", "ct-ok"),
  "ClusterTemplate delete": deletion("ClusterTemplate", "ct-bad"),
  "ServiceTemplateChain upgrade unknown": [
    "CREATE",
    undefined,
    chain("x", [{ name: "st-ok", availableUpgrades: [{ name: "other" }] }]),
  ],
  "ServiceTemplateChain valid": [
    "CREATE",
    undefined,
    chain("x", [{ name: "st-ok", availableUpgrades: [{ name: "st-next" }] }, { name: "st-next" }]),
  ],
  "ServiceTemplateChain template twice": ["CREATE", undefined, chain("x", [{ name: "st-ok" }, { name: "st-ok" }])],
  "Management release missing": ["CREATE", undefined, management("nowhere", [])],
  "Management provider template missing": ["UPDATE", management("kcm-1", []), management("kcm-1", ["nowhere"])],
  "Management provider template not valid": ["UPDATE", management("kcm-1", []), management("kcm-1", ["pt-waiting"])],
  "Management delete": ["DELETE", management("kcm-1", [])],
};

describe("the sandbox's admission answers as kcm's own", () => {
  it("to the recorded requests", () => {
    assert.deepEqual(Object.keys(REQUESTS).sort(), Object.keys(ANSWERS).sort());
  });

  for (const [title, [operation, before, after]] of Object.entries(REQUESTS)) {
    it(title, () => {
      for (const line of ["1.2", "1.11"] as const) {
        const { kind } = (after ?? before) as { kind: string };
        const request = { uid: "1", operation, kind: { kind }, object: after, oldObject: before };
        const denial = review(cachesOf(`${line}.0`), request);
        const { code, message, warning } = denial ?? {};
        const actual = denial ? [code, message, ...(warning ? [warning] : [])] : "admitted";
        const recorded = ANSWERS[title];
        assert.deepEqual(
          actual,
          recorded && typeof recorded === "object" && line in recorded ? (recorded as any)[line] : recorded,
          line,
        );
      }
    });
  }
});
