import type { PolicyTarget } from "../../../../../policy/rules/rule.ts";
import { objectOf, targetAt, validTargets } from "../valid-stack.ts";
import { ruleSettings, type ViolationCase } from "./violation-case.ts";

const INGRESS = { name: "ingress", namespace: "ingress", template: "ingress-4-12-1", templateChain: "ingress-one" };

function withService(all: PolicyTarget[], service: object): PolicyTarget[] {
  objectOf(all, "clusters.demo")["spec"].serviceSpec = { services: [{ ...INGRESS, ...service }] };
  return all;
}

/** A MultiClusterService that another program writes. */
const shared = (service: object): PolicyTarget => ({
  at: "MultiClusterService shared",
  object: {
    apiVersion: "k0rdent.mirantis.com/v1beta1",
    kind: "MultiClusterService",
    metadata: { name: "shared" },
    spec: { serviceSpec: { services: [{ ...INGRESS, ...service }] } },
  },
});

const source = (url: string): PolicyTarget => ({
  at: "serviceTemplates.ingress",
  object: {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "HelmRepository",
    metadata: { name: "services-ingress", namespace: "kcm-system" },
    spec: { url },
  },
});

const IN_TEXT =
  "move it to a Secret of type addons.projectsveltos.io/cluster-profile, name that in valuesFrom, and treat the value as compromised";
const before = { previous: withService(validTargets(), {}) };
const upgraded = { template: "ingress-4-13-0", templateChain: "ingress-two" };
const onKcm = (all: PolicyTarget[], kcmVersion: string) =>
  Object.assign(targetAt(all, "clusters.demo").options ?? {}, { kcmVersion });

/** What services make of rules that know them. */
export const SERVICES: readonly ViolationCase[] = [
  {
    rule: "service-upgrade-path-is-recorded",
    settings: before,
    change: (all) => withService(all, upgraded),
  },
  {
    rule: "service-upgrade-path-is-recorded",
    name: "not along the chain of the last update",
    settings: before,
    change: (all) => withService(all, { template: "ingress-4-13-0" }),
    expected: [],
  },
  {
    rule: "service-upgrade-path-is-recorded",
    name: "not with a kcm that reads the new chain",
    settings: before,
    change: (all) => onKcm(withService(all, upgraded), "1.11.4"),
    expected: [],
  },
  {
    rule: "service-upgrade-path-is-recorded",
    name: "not of a service that is new, or in another namespace",
    settings: before,
    change: (all) => withService(all, { ...upgraded, namespace: "other" }),
    expected: [],
  },
  {
    rule: "secrets-are-not-in-plain-text",
    name: "in a service's values, which are text",
    change: (all) => withService(all, { values: 'auth:\n  adminToken: "canary"\n' }),
    expected: [`clusters.demo.services.ingress.values: contains a secret; ${IN_TEXT}`],
  },
  {
    rule: "secrets-are-not-in-plain-text",
    name: "in a list of a MultiClusterService's values",
    change: (all) => void all.push(shared({ values: "users:\n  - password: canary\n" })),
    expected: [`MultiClusterService shared spec.serviceSpec.services.0.values: contains a password; ${IN_TEXT}`],
  },
  {
    rule: "secrets-are-not-in-plain-text",
    name: "not where a service's value is empty, a template or a reference",
    change: (all) =>
      withService(all, {
        values: 'password: ""\ntoken: null\napiKey: "{{ .key }}"\nexistingSecretName: login\nhost: a:b\n',
      }),
    expected: [],
  },
  {
    rule: "flux-sources-verify-tls",
    name: "of a service's chart",
    change: (all) => void all.push(source("http://charts.example.com")),
    expected: [
      'serviceTemplates.ingress spec.url: "http://charts.example.com" is fetched without TLS; use https:// or oci://',
    ],
  },
  {
    rule: "charts-use-allowed-registries",
    name: "for a service's chart",
    change: (all) => void all.push(source("https://charts.example.com")),
    settings: ruleSettings("charts-use-allowed-registries", { registries: ["oci://registry.example.com"] }),
    expected: [
      'serviceTemplates.ingress spec.url: "https://charts.example.com" is not from an allowed registry; use oci://registry.example.com, or add this one to policy.charts-use-allowed-registries.registries',
    ],
  },
];
