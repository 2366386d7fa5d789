import { trustBundle } from "../../../../../manifests/trust-bundle-object.ts";
import { pem } from "../../../../support/stack-fixture.ts";
import { configOf, objectOf } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

const prismCentral = (targets: Parameters<ViolationCase["change"]>[0], cluster = "edge") =>
  configOf(targets, cluster)["nutanix"].prismCentral;
const bundle =
  (text: string): ViolationCase["change"] =>
  (targets) => {
    targets.push({ at: "trustBundle", object: trustBundle("x", text) });
  };

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
    rule: "prism-central-ip-address-has-trust-bundle",
    change: (all) => {
      prismCentral(all).address = "10.1.1.100";
      delete prismCentral(all).additionalTrustBundleConfigMapName;
    },
  },
  {
    rule: "api-server-anonymous-auth-is-disabled",
    change: (all) => {
      configOf(all, "demo")["k0s"].config.spec.api = { extraArgs: { "anonymous-auth": "true" } };
    },
  },
  {
    rule: "api-server-anonymous-auth-is-disabled",
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
  {
    rule: "trust-bundle-has-ca-crt-key",
    change: (all) => {
      const object = { ...trustBundle("x", ""), data: { "ca-bundle.crt": pem("authority") } };
      all.push({ at: "trustBundle", object });
    },
  },
  {
    rule: "trust-bundle-has-ca-crt-key",
    name: "in a ConfigMap without our label, named by a NutanixCluster",
    capi: true,
    change: (all) => {
      objectOf(all, "ConfigMap kcm-system/raw-ca")["data"] = { "ca-bundle.crt": pem("authority") };
    },
    expected: ["ConfigMap kcm-system/raw-ca: has no key ca.crt, which CAPX reads; add the certificates under that key"],
  },
  { rule: "trust-bundle-is-valid", change: bundle(pem("expired")) },
  {
    rule: "trust-bundle-is-valid",
    name: "a short key",
    change: bundle(pem("short-key")),
    expected: [
      'trustBundle[0]: "O=Example, CN=Short Key CA" has an RSA key of 1024 bits; use a CA with 2048 bits or more',
    ],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "a server's certificate after a CA's",
    change: bundle(pem("authority") + pem("server")),
    expected: [
      'trustBundle[1]: "O=Example, CN=pc.example.com" is not a CA certificate; use the one that signed Prism Central\'s',
    ],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "a private key",
    change: bundle(`${pem("authority")}-----BEGIN EC PRIVATE KEY-----\ncanary\n-----END EC PRIVATE KEY-----\n`),
    expected: ["trustBundle: contains a private key; set CA certificates only, and treat that key as compromised"],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "no certificate",
    change: bundle("canary"),
    expected: ["trustBundle: contains no certificate; set CA certificates in PEM format (-----BEGIN CERTIFICATE-----)"],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "a certificate that cannot be read",
    change: bundle("-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----"),
    expected: ["trustBundle[0]: is not a valid certificate; export it again in PEM format"],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "in a NutanixCluster itself",
    capi: true,
    change: (all) => {
      objectOf(all, "NutanixCluster kcm-system/raw-nutanix")["spec"].prismCentral.additionalTrustBundle = {
        kind: "String",
        data: pem("expired"),
      };
    },
    expected: [
      'NutanixCluster kcm-system/raw-nutanix spec.prismCentral.additionalTrustBundle.data[0]: "O=Example, CN=Expired CA" expired on 2021-01-01; use the certificate that replaced it',
    ],
  },
  {
    rule: "trust-bundle-does-not-expire-soon",
    change: bundle(pem("authority")),
    settings: { now: new Date("2126-10-09T12:00:00Z") },
    expected: [
      // The bundles of the good stack expire on the same day.
      ...["prismCentral.trustBundle[0]", "clusters.edge.nutanix.prismCentral.trustBundle[0]", "trustBundle[0]"].map(
        (path) =>
          `${path}: "O=Example, CN=${path.startsWith("clusters") ? "Second" : "Example"} Prism Central CA" expires on 2126-10-29, in 20 days; add the certificate that will replace it`,
      ),
    ],
  },
  {
    rule: "trust-bundle-signatures-are-strong",
    change: bundle(pem("sha1")),
  },
];
