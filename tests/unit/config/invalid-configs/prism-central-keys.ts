import { stringify } from "yaml";
import { PASSWORDS, pem } from "../../../support/stack-fixture.ts";
import { all, type InvalidConfig, set, without } from "./invalid-config.ts";

const PRIVATE_KEY = `-----BEGIN EC PRIVATE ${"KEY"}-----\ncanary-key\n-----END EC PRIVATE ${"KEY"}-----\n`;
const bundle = (text: string) => set("prismCentral.trustBundle", { pem: text });

/** Prism Central, its certificates and its logins. */
export const PRISM_CENTRAL_KEYS: readonly InvalidConfig[] = [
  { name: "no Prism Central", change: without("prismCentral"), lines: ["prismCentral: is missing; add it"] },
  { name: "no address", change: without("prismCentral.address"), lines: ["prismCentral.address: is missing; add it"] },
  {
    name: "an address with a scheme",
    change: set("prismCentral.address", "https://pc.example.com"),
    lines: [
      'prismCentral.address: is not a host alone: CAPX adds scheme and port (prism-central-address-is-a-host); set "pc.example.com", and set port separately',
    ],
  },
  {
    name: "an address with a port",
    change: set("prismCentral.address", "pc.example.com:9440"),
    lines: [
      'prismCentral.address: is not a host alone: CAPX adds scheme and port (prism-central-address-is-a-host); set "pc.example.com", and set port separately',
    ],
  },
  {
    name: "an address with a path",
    change: set("prismCentral.address", "pc.example.com/console"),
    lines: [
      'prismCentral.address: is not a host alone: CAPX adds scheme and port (prism-central-address-is-a-host); set "pc.example.com", and set port separately',
    ],
  },
  {
    name: "an address with a login",
    change: set("prismCentral.address", "https://admin:canary@pc.example.com:9440/x"),
    lines: [
      'prismCentral.address: is not a host alone: CAPX adds scheme and port (prism-central-address-is-a-host); set "pc.example.com", and set port separately',
    ],
  },
  {
    name: "an address with a login of several lines",
    change: set("prismCentral.address", "admin:can\nary/x@pc.example.com"),
    lines: [
      'prismCentral.address: is not a host alone: CAPX adds scheme and port (prism-central-address-is-a-host); set "pc.example.com", and set port separately',
    ],
  },
  {
    name: "a long address with a login",
    change: set("prismCentral.address", `admin:canary@${"a".repeat(256)}`),
    lines: [
      'prismCentral.address: "…@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… is longer than 253 characters; use a DNS name or an IP address',
    ],
  },
  {
    name: "an address with a login, of a cluster on global credentials",
    change: set("clusters.demo.nutanix.prismCentral", { address: "admin:canary@pc.example.com" }),
    lines: [
      'clusters.demo.nutanix.prismCentral.address: "…@pc.example.com" differs from prismCentral.address ("pc.example.com"), the Prism Central of the global credentials; set usePerClusterCredential: true and add a credential, or use the same value',
      'clusters.demo.nutanix.prismCentral.address: is not a host alone: CAPX adds scheme and port (prism-central-address-is-a-host); set "pc.example.com", and set port separately',
    ],
  },
  {
    name: "a port beyond 65535",
    change: set("prismCentral.port", 94400),
    lines: ["prismCentral.port: 94400 is not a valid port; use an integer from 1 to 65535"],
  },
  {
    name: "a port as text",
    change: set("prismCentral.port", "9440"),
    lines: ['prismCentral.port: "9440" is not a valid port; use an integer from 1 to 65535'],
  },
  {
    name: "insecure in production",
    change: set("prismCentral.insecure", true),
    lines: [
      "prismCentral.insecure: true disables verification of Prism Central's certificate (prism-central-tls-is-verified); set it to false, and set prismCentral.trustBundle to its CA certificates",
    ],
  },
  {
    name: "a key of Prism Central misspelt",
    change: set("prismCentral.adress", "pc.example.com"),
    lines: ['prismCentral.adress: is an unknown key; did you mean "address"?'],
  },
  {
    name: "a user beside the address",
    change: set("prismCentral.password", "canary"),
    lines: ["prismCentral.password: is an unknown key; remove it"],
  },
  {
    name: "a trust bundle as text",
    change: set("prismCentral.trustBundle", "ca.pem"),
    lines: ['prismCentral.trustBundle: "ca.pem" is not a trust bundle; set {file: path} or {pem: text}'],
  },
  {
    name: "a trust bundle as text and as a file",
    change: set("prismCentral.trustBundle.file", "ca.pem"),
    lines: ["prismCentral.trustBundle: is not a trust bundle; set {file: path} or {pem: text}"],
  },
  {
    name: "a trust bundle's file that is not there",
    change: set("prismCentral.trustBundle", { file: "certs/none.pem" }),
    lines: [
      'prismCentral.trustBundle.file: "certs/none.pem" cannot be read (ENOENT); set the path of an existing file',
    ],
  },
  {
    name: "a trust bundle's file outside the project that is no PEM",
    change: set("prismCentral.trustBundle", { file: "../../../../../../../../etc/passwd" }),
    lines: [
      "prismCentral.trustBundle: contains no certificate (trust-bundle-is-valid); set CA certificates in PEM format (-----BEGIN CERTIFICATE-----)",
    ],
  },
  {
    name: "a trust bundle that is no PEM",
    change: bundle("MIIB0jCC"),
    lines: [
      "prismCentral.trustBundle: contains no certificate (trust-bundle-is-valid); set CA certificates in PEM format (-----BEGIN CERTIFICATE-----)",
    ],
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
    name: "no global credentials",
    change: without("credentials.global"),
    lines: [
      "credentials.global: is missing, and CAPX needs it; add a username, and set the password with pulumi config set --secret --path 'credentials.global.password'",
    ],
  },
  {
    name: "no credentials at all",
    change: without("credentials"),
    lines: [
      "credentials.global: is missing, and CAPX needs it; add a username, and set the password with pulumi config set --secret --path 'credentials.global.password'",
      "credentials.edge: is missing, and clusters.edge uses a dedicated credential; add credentials.edge, its password with pulumi config set --secret --path 'credentials.edge.password'",
    ],
  },
  {
    name: "no password",
    change: without("credentials.edge.password"),
    lines: [
      "credentials.edge.password: is not a password; set it with pulumi config set --secret --path 'credentials.edge.password'",
    ],
  },
  {
    name: "an empty password",
    change: set("credentials.edge.password", ""),
    lines: [
      "credentials.edge.password: is empty; set it with pulumi config set --secret --path 'credentials.edge.password'",
    ],
  },
  {
    name: "a password that is a number",
    change: set("credentials.edge.password", 4711),
    lines: [
      "credentials.edge.password: is not a password; set it with pulumi config set --secret --path 'credentials.edge.password'",
    ],
  },
  {
    name: "a password given and made",
    change: set("credentials.edge.generate", { revision: 1 }),
    lines: ["credentials.edge.generate: conflicts with password; remove one of the two"],
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
    name: "no user",
    change: without("credentials.global.username"),
    lines: ["credentials.global.username: is not a user name; set the name of a Prism Central user"],
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
    name: "credentials as one text",
    change: set("credentials", "svc:canary"),
    lines: ["credentials: is a string, not a map; use a map"],
  },
  {
    name: "a credential's name that is none",
    change: set("credentials.Edge", { username: "a", password: "canary" }),
    lines: [
      "credentials.Edge: is not a name; use lower-case letters, digits and '-', a letter first, 40 characters at most",
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
    name: "no credential of its own for a cluster that needs one",
    change: without("credentials.edge"),
    lines: [
      "credentials.edge: is missing, and clusters.edge uses a dedicated credential; add credentials.edge, its password with pulumi config set --secret --path 'credentials.edge.password'",
    ],
  },
  {
    name: "a credential that is not there",
    change: set("clusters.edge.credential", "shared"),
    lines: [
      "clusters.edge.credential: \"shared\" is not an entry of credentials; add credentials.shared, its password with pulumi config set --secret --path 'credentials.shared.password'",
    ],
  },
  {
    name: "a credential on a cluster that uses the global one",
    change: set("clusters.demo.credential", "edge"),
    lines: [
      'clusters.demo.credential: "edge" has no effect, since the cluster uses the global credentials; set nutanix.prismCentral.usePerClusterCredential: true, or remove it',
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
    name: "another Prism Central with the global credentials",
    change: set("clusters.demo.nutanix.prismCentral", { address: "other.example.com", port: 443, insecure: true }),
    lines: [
      'clusters.demo.nutanix.prismCentral.address: "other.example.com" differs from prismCentral.address ("pc.example.com"), the Prism Central of the global credentials; set usePerClusterCredential: true and add a credential, or use the same value',
      "clusters.demo.nutanix.prismCentral.port: 443 differs from prismCentral.port (9440), the Prism Central of the global credentials; set usePerClusterCredential: true and add a credential, or use the same value",
      "clusters.demo.nutanix.prismCentral.insecure: true differs from prismCentral.insecure (false), the Prism Central of the global credentials; set usePerClusterCredential: true and add a credential, or use the same value",
      "clusters.demo.nutanix.prismCentral.insecure: true disables verification of Prism Central's certificate (prism-central-tls-is-verified); set it to false, and set prismCentral.trustBundle to its CA certificates",
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
