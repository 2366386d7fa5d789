import { objectOf, specOf } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

const variables = (stringData: Record<string, string>) => ({
  at: "Secret kcm-system/nutanix-creds",
  object: { apiVersion: "v1", kind: "Secret", metadata: { name: "nutanix-creds" }, stringData },
});

export const TLS: readonly ViolationCase[] = [
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
];
