import type { SettingsInput } from "../check-context.ts";
import { describeCheck, live } from "./management-scenario.ts";

const PATH = "clusters.demo.services.ingress.valuesFrom.0";
const NAMESPACE = live("v1 Namespace kcm-system");
const base64 = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
const secret = (data: Readonly<Record<string, string>>, type = "addons.projectsveltos.io/cluster-profile") =>
  live("v1 Secret kcm-system/ingress-login", { type, data: base64(data) });
const configMap = (data?: Readonly<Record<string, string>>) =>
  live("v1 ConfigMap kcm-system/shared", data === undefined ? {} : { data });
const login = { valuesFrom: [{ kind: "Secret", name: "ingress-login" }] };
const stack = (settings: SettingsInput) => {
  settings["serviceTemplates"] = { ingress: { repository: "https://charts.example.com", versions: ["1.0.0"] } };
  settings["clusters"].demo.services = { ingress: login };
};
const shared = (settings: SettingsInput) => {
  stack(settings);
  const services = { ingress: { valuesFrom: [...login.valuesFrom, { kind: "ConfigMap", name: "shared" }] } };
  settings["multiClusterServices"] = { all: { clusterLabels: { tier: "edge" }, services } };
};

describeCheck("service-values-exist", {
  "does nothing without services": [{ objects: [NAMESPACE] }],
  "passes where each object exists, and reads one that two services name once": [
    {
      objects: [NAMESPACE, secret({ "a.yaml": "auth: {password: x}", "b.yaml": "" }), configMap({ values: "a: 1" })],
      stack: shared,
    },
    ": pass: 2 Secrets and ConfigMaps of services exist in kcm-system",
  ],
  "is inconclusive before the namespace exists": [
    { kinds: ["v1 Namespace"], stack },
    ": inconclusive: this up creates the namespace kcm-system, and services need Secret ingress-login in it; create them as soon as it exists",
  ],
  "fails where one does not exist": [
    { objects: [NAMESPACE, configMap({ values: "a: 1" })], kinds: ["v1 Secret"], stack: shared },
    `: fail: Secret kcm-system/ingress-login of ${PATH} does not exist; create it, or correct the name`,
  ],
  "fails on a Secret of another type": [
    { objects: [NAMESPACE, secret({ values: "a: 1" }, "Opaque")], stack },
    `: fail: Secret kcm-system/ingress-login of ${PATH} has the type Opaque, and Sveltos reads addons.projectsveltos.io/cluster-profile only; delete it and create it again with kubectl create secret generic --type addons.projectsveltos.io/cluster-profile: the type is immutable`,
  ],
  "fails where one has no data": [
    { objects: [NAMESPACE, secret({ values: "a: 1" }), configMap()], stack: shared },
    ": fail: ConfigMap kcm-system/shared of multiClusterServices.all.services.ingress.valuesFrom.1 has no keys under data; add a key whose value is the YAML of Helm values",
  ],
  "fails on keys that are not values, by their names only": [
    { objects: [NAMESPACE, secret({ password: "Pa55word", list: "- a", broken: "a: [", good: "a: 1" })], stack },
    `: fail: Secret kcm-system/ingress-login of ${PATH} has keys that are not maps of Helm values: broken, list, password; correct their YAML`,
  ],
  "accepts what Sveltos evaluates first": [
    { objects: [NAMESPACE, secret({ values: "{{ if true }}\na: 1\n{{ end }}" })], stack },
    ": pass: 1 Secrets and ConfigMaps of services exist in kcm-system",
  ],
  "is inconclusive where the user may not read it": [
    {
      objects: [NAMESPACE, secret({ values: "a: 1" })],
      forbidden: ["/api/v1/namespaces/kcm-system/secrets/ingress-login"],
      stack,
    },
    ": inconclusive: jane may not read /api/v1/namespaces/kcm-system/secrets/ingress-login; grant the permission, or use another user",
  ],
});
