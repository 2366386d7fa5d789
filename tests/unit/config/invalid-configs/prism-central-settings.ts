import { stringify } from "yaml";
import { PASSWORDS, pem } from "../../../support/stack-fixture.ts";
import { all, type InvalidConfig, set, without } from "./invalid-config.ts";

const PRIVATE_KEY = `-----BEGIN EC PRIVATE ${"KEY"}-----\ncanary-key\n-----END EC PRIVATE ${"KEY"}-----\n`;
const bundle = (text: string) => set("prismCentral.trustBundle", { pem: text });

/** Prism Central, its certificates and its logins. */
export const PRISM_CENTRAL_SETTINGS: readonly InvalidConfig[] = [
  {
    name: "a trust bundle as text and as a file",
    change: set("prismCentral.trustBundle.file", "ca.pem"),
    lines: ["prismCentral.trustBundle: is not a trust bundle; set {file: path} or {pem: text}"],
  },
  {
    name: "a trust bundle that cannot be read",
    change: bundle("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
    lines: [
      "prismCentral.trustBundle[0]: is not a valid certificate (trust-bundle-is-valid); export it again in PEM format",
    ],
  },
  {
    name: "a trust bundle with a private key",
    change: bundle(pem("authority") + PRIVATE_KEY),
    lines: [
      "prismCentral.trustBundle: contains a private key (trust-bundle-is-valid); set CA certificates only, and treat that key as compromised",
    ],
  },
  {
    name: "a trust bundle with an expired certificate after a good one",
    change: bundle(pem("authority") + pem("expired")),
    lines: [
      'prismCentral.trustBundle[1]: "O=Example, CN=Expired CA" expired on 2021-01-01 (trust-bundle-is-valid); use the certificate that replaced it',
    ],
  },
  {
    name: "a trust bundle with a server's certificate",
    change: bundle(pem("issued-server")),
    lines: [
      'prismCentral.trustBundle[0]: "O=Example, CN=pc.example.com" is not a CA certificate (trust-bundle-is-valid); use the one that signed Prism Central\'s',
    ],
  },
  {
    name: "a trust bundle with a short key",
    change: bundle(pem("short-key")),
    lines: [
      'prismCentral.trustBundle[0]: "O=Example, CN=Short Key CA" has an RSA key of 1024 bits (trust-bundle-is-valid); use a CA with 2048 bits or more',
    ],
  },
  {
    name: "a cluster's own trust bundle expired",
    change: set("clusters.edge.nutanix.prismCentral.trustBundle", { pem: pem("expired") }),
    lines: [
      'clusters.edge.nutanix.prismCentral.trustBundle[0]: "O=Example, CN=Expired CA" expired on 2021-01-01 (trust-bundle-is-valid); use the certificate that replaced it',
    ],
  },
  {
    name: "a revision that is none, and a length that is too short",
    change: all(without("credentials.edge.password"), set("credentials.edge.generate", { revision: 0, length: 8 })),
    lines: [
      "credentials.edge.generate.revision: is not a count; use an integer, 1 or more",
      "credentials.edge.generate.length: is too short; use 16 or more",
    ],
  },
  {
    name: "a password misspelt",
    change: all(without("credentials.edge.password"), set("credentials.edge.pasword", "canary")),
    lines: [
      'credentials.edge.pasword: is an unknown key; did you mean "password"?',
      "credentials.edge.password: is not a password; set it with pulumi config set --secret --path 'credentials.edge.password'",
    ],
  },
  {
    name: "passwords in clear text",
    change: () => undefined,
    secretKeys: [],
    lines: [
      "credentials.global.password: is in plain text in the stack file; set it with pulumi config set --secret --path 'credentials.global.password', and change it in Prism Central",
      "credentials.edge.password: is in plain text in the stack file; set it with pulumi config set --secret --path 'credentials.edge.password', and change it in Prism Central",
    ],
  },
  {
    name: "one password encrypted, one in clear text",
    change: () => undefined,
    files: {
      "Pulumi.dev.yaml": stringify({
        config: {
          "k0rdent-nutanix:credentials": {
            global: { username: "svc", password: { secure: "v1:x:y" } },
            edge: { username: "svc", password: PASSWORDS.edge },
          },
        },
      }),
    },
    lines: [
      "credentials.edge.password: is in plain text in the stack file; set it with pulumi config set --secret --path 'credentials.edge.password', and change it in Prism Central",
    ],
  },
  {
    name: "names of objects on a cluster that uses the global credentials",
    change: set("clusters.demo.nutanix.prismCentral", {
      address: "pc.example.com",
      credentialSecretName: "mine",
      additionalTrustBundleConfigMapName: "mine",
      trustBundle: { pem: pem("authority") },
    }),
    lines: [
      'clusters.demo.nutanix.prismCentral.credentialSecretName: "mine" has no effect, since the cluster uses the global credentials; set nutanix.prismCentral.usePerClusterCredential: true, or remove it',
      'clusters.demo.nutanix.prismCentral.additionalTrustBundleConfigMapName: "mine" has no effect, since the cluster uses the global credentials; set nutanix.prismCentral.usePerClusterCredential: true, or remove it',
      "clusters.demo.nutanix.prismCentral.trustBundle: has no effect, since the cluster uses the global credentials; set nutanix.prismCentral.usePerClusterCredential: true, or remove it",
    ],
  },
  {
    name: "a trust bundle by name, and no certificates",
    change: (file) => {
      const { prismCentral } = file["clusters"].edge.nutanix;
      prismCentral.additionalTrustBundleConfigMapName = "edge-ca";
      delete prismCentral.trustBundle;
    },
    lines: [
      'clusters.edge.nutanix.prismCentral.additionalTrustBundleConfigMapName: "edge-ca" has no trust bundle; set nutanix.prismCentral.trustBundle to {file: path} or {pem: text}',
      'clusters.edge.nutanix.prismCentral.additionalTrustBundleConfigMapName: "edge-ca" makes CAPX skip verification of Prism Central: 1.8 to 1.10 in every v4 call, 1.7 for volume groups (capx-verifies-prism-central); remove it, and set trustBundle in the stack file, which makes CAPX itself trust the CA; or use a certificate of a public CA',
    ],
  },
];
