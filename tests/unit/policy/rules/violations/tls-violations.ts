import { configOf, objectOf, specOf } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

const prismCentral = (targets: Parameters<ViolationCase["change"]>[0], cluster = "edge") =>
  configOf(targets, cluster)["nutanix"].prismCentral;
const variables = (stringData: Record<string, string>) => ({
  at: "Secret kcm-system/nutanix-creds",
  object: { apiVersion: "v1", kind: "Secret", metadata: { name: "nutanix-creds" }, stringData },
});

export const TLS: readonly ViolationCase[] = [
  {
    rule: "prism-central-tls-is-verified",
    change: (all) => {
      prismCentral(all).insecure = true;
    },
  },
  {
    rule: "prism-central-tls-is-verified",
    name: "in a NutanixCluster",
    capi: true,
    change: (all) => {
      objectOf(all, "NutanixCluster kcm-system/raw-nutanix")["spec"].prismCentral.insecure = true;
    },
    expected: [
      "NutanixCluster kcm-system/raw-nutanix spec.prismCentral.insecure: true disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates",
    ],
  },
  {
    rule: "prism-central-tls-is-verified",
    name: "of the global credentials, which no cluster inherits",
    change: (all) => {
      specOf(all, "prismCentral")["insecure"] = true;
    },
    expected: [
      "prismCentral.insecure: true disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates",
    ],
  },
  {
    rule: "prism-central-tls-is-verified",
    name: "in the variables of CAPX",
    change: (all) => all.push(variables({ NUTANIX_ENDPOINT: "pc.example.com", NUTANIX_INSECURE: " True" })),
    expected: [
      "Secret kcm-system/nutanix-creds stringData.NUTANIX_INSECURE: true disables verification of Prism Central's certificate; set it to false, and set prismCentral.trustBundle to its CA certificates",
    ],
  },
  {
    rule: "prism-central-address-is-a-host",
    name: "of the global credentials, and in the variables of CAPX",
    change: (all) => {
      specOf(all, "prismCentral")["address"] = "svc:canary@pc";
      all.push(variables({ NUTANIX_ENDPOINT: "svc:canary@pc" }));
    },
    expected: ["prismCentral.address", "Secret kcm-system/nutanix-creds stringData.NUTANIX_ENDPOINT"].map(
      (path) => `${path}: is not a host alone: CAPX adds scheme and port; set "pc", and set port separately`,
    ),
  },
  {
    rule: "prism-central-address-is-a-host",
    change: (all) => {
      prismCentral(all).address = "https://admin:canary@pc:9440/x";
    },
  },
  {
    rule: "prism-central-address-is-a-host",
    name: "with a port",
    change: (all) => {
      prismCentral(all, "demo").address = "pc.example.com:9440";
    },
    expected: [
      'clusters.demo.nutanix.prismCentral.address: is not a host alone: CAPX adds scheme and port; set "pc.example.com", and set port separately',
    ],
  },
  {
    rule: "prism-central-address-is-a-host",
    name: "in a NutanixCluster",
    capi: true,
    change: (all) => {
      objectOf(all, "NutanixCluster kcm-system/raw-nutanix")["spec"].prismCentral.address = "pc.example.com/api";
    },
    expected: [
      'NutanixCluster kcm-system/raw-nutanix spec.prismCentral.address: is not a host alone: CAPX adds scheme and port; set "pc.example.com", and set port separately',
    ],
  },
  {
    rule: "prism-central-address-is-a-dns-name",
    change: (all) => {
      prismCentral(all).address = "10.1.1.100";
    },
  },
  {
    rule: "api-server-access-is-restricted",
    change: (all) => {
      configOf(all, "demo")["k0s"].config.spec.api = { extraArgs: { "anonymous-auth": "true" } };
    },
  },
  {
    rule: "api-server-access-is-restricted",
    name: "in a K0sControlPlane, as YAML reads it",
    capi: true,
    change: (all) => {
      const { k0s } = objectOf(all, "K0sControlPlane kcm-system/raw-cp")["spec"].k0sConfigSpec;
      k0s.spec.api = { extraArgs: { "anonymous-auth": true } };
    },
    expected: [
      "K0sControlPlane kcm-system/raw-cp spec.k0sConfigSpec.k0s.spec.api.extraArgs.anonymous-auth: true lets unauthenticated clients call the API server; remove it, since k0s sets it to false",
    ],
  },
  {
    rule: "workload-charts-verify-tls",
    change: (all) => {
      configOf(all, "demo")["k0s"].config.spec.extensions = {
        helm: { repositories: [{ name: "charts", url: "http://charts.example.com" }] },
      };
    },
  },
  {
    rule: "workload-charts-verify-tls",
    name: "insecure",
    change: (all) => {
      configOf(all, "demo")["k0s"].config.spec.extensions = {
        helm: { repositories: [{ name: "charts", url: "https://charts.example.com", insecure: true }] },
      };
    },
    expected: [
      "clusters.demo.k0s.config.spec.extensions.helm.repositories.0.insecure: true makes k0s fetch charts without verifying the certificate; set insecure: false",
    ],
  },
  {
    rule: "workload-charts-verify-tls",
    name: "in a K0sControlPlane that leaves it to k0s",
    capi: true,
    change: (all) => {
      const { k0s } = objectOf(all, "K0sControlPlane kcm-system/raw-cp")["spec"].k0sConfigSpec;
      delete k0s.spec.extensions.helm.repositories[0].insecure;
    },
    expected: [
      "K0sControlPlane kcm-system/raw-cp spec.k0sConfigSpec.k0s.spec.extensions.helm.repositories.0.insecure: makes k0s fetch charts without verifying the certificate; set insecure: false",
    ],
  },
  {
    rule: "flux-sources-verify-tls",
    capi: true,
    change: (all) => {
      objectOf(all, "HelmRepository kcm-system/charts")["spec"].url = "http://charts.example.com";
    },
  },
  {
    rule: "flux-sources-verify-tls",
    name: "insecure",
    capi: true,
    change: (all) => {
      Object.assign(objectOf(all, "HelmRepository kcm-system/charts")["spec"], {
        url: "oci://charts.example.com",
        insecure: true,
      });
    },
    expected: [
      "HelmRepository kcm-system/charts spec.insecure: true makes Flux access the registry without TLS; remove it",
    ],
  },
  {
    rule: "flux-sources-verify-tls",
    name: "not of a Service of the management cluster",
    capi: true,
    change: (all) => {
      objectOf(all, "HelmRepository kcm-system/charts")["spec"].url =
        "http://nutanix-charts.kcm-system.svc.cluster.local:8080/";
    },
    expected: [],
  },
  ...["http://x.y.svc.attacker.example/", " git://x.example.com", "ftp://x.example.com"].map(
    (url): ViolationCase => ({
      rule: "flux-sources-verify-tls",
      name: `by ${url}`,
      capi: true,
      change: (all) => {
        objectOf(all, "HelmRepository kcm-system/charts")["spec"].url = url;
      },
      expected: [`HelmRepository kcm-system/charts spec.url: "${url}" is fetched without TLS; use https:// or oci://`],
    }),
  ),
  {
    rule: "flux-sources-verify-tls",
    name: "of a Bucket",
    capi: true,
    change: (all) => {
      const source = objectOf(all, "HelmRepository kcm-system/charts");
      Object.assign(source, { kind: "Bucket", spec: { endpoint: "minio.example.com", insecure: true } });
    },
    expected: [
      "HelmRepository kcm-system/charts spec.insecure: true makes Flux access the registry without TLS; remove it",
    ],
  },
  {
    rule: "flux-sources-verify-tls",
    name: "by an address that only looks like a Service",
    capi: true,
    change: (all) => {
      objectOf(all, "HelmRepository kcm-system/charts")["spec"].url = "http://a.b.svcx.example.com/";
    },
    expected: [
      'HelmRepository kcm-system/charts spec.url: "http://a.b.svcx.example.com/" is fetched without TLS; use https:// or oci://',
    ],
  },
];
