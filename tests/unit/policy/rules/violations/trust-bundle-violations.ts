import { trustBundle } from "../../../../../manifests/trust-bundle-object.ts";
import { pem } from "../../../../support/stack-fixture.ts";
import { configOf, objectOf } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

const bundle =
  (text: string): ViolationCase["change"] =>
  (targets) => {
    targets.push({ at: "trustBundle", object: trustBundle("x", text) });
  };

export const TRUST_BUNDLES: readonly ViolationCase[] = [
  {
    rule: "capx-verifies-prism-central",
    name: "with a bundle in a NutanixCluster, and in the variables of CAPX",
    capi: true,
    change: (all) => {
      objectOf(all, "NutanixCluster kcm-system/raw-nutanix")["spec"].prismCentral.additionalTrustBundle = {
        kind: "String",
        data: pem("authority"),
      };
      const metadata = { name: "nutanix-creds", namespace: "kcm-system" };
      const data = { NUTANIX_ADDITIONAL_TRUST_BUNDLE: "Y2FuYXJ5", NUTANIX_USER: "svc" };
      all.push({ at: "Secret kcm-system/nutanix-creds", object: { apiVersion: "v1", kind: "Secret", metadata, data } });
    },
    expected: [
      "NutanixCluster kcm-system/raw-nutanix spec.prismCentral.additionalTrustBundle.data",
      "Secret kcm-system/nutanix-creds data.NUTANIX_ADDITIONAL_TRUST_BUNDLE",
    ].map(
      (path) =>
        `${path}: makes CAPX skip verification of Prism Central: 1.8 to 1.10 in every v4 call, 1.7 for volume groups; remove it, and set trustBundle in the stack file, which makes CAPX itself trust the CA; or use a certificate of a public CA`,
    ),
  },
  {
    rule: "ccm-verifies-prism-central",
    change: (all) => {
      configOf(all, "edge")["addons"] = { ccm: { enabled: true, version: "0.6.2", trustBundle: pem("authority") } };
    },
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
      objectOf(all, "NutanixCluster kcm-system/raw-nutanix")["spec"].prismCentral.additionalTrustBundle = {
        kind: "ConfigMap",
        name: "raw-ca",
      };
    },
    expected: ["ConfigMap kcm-system/raw-ca: has no key ca.crt, which CAPX reads; add the certificates under that key"],
  },
  { rule: "trust-bundle-is-valid", change: bundle(pem("expired")) },
  {
    rule: "trust-bundle-is-valid",
    name: "that Go does not read, or not yet",
    change: bundle(["future", "secp256k1", "bad-printable"].map(pem).join("")),
    expected: [
      'trustBundle[0]: "O=Example, CN=Future CA" is not valid before 2099-01-01; use the certificate of today',
      'trustBundle[1]: "O=Example, CN=Curve CA" has a key that Go, and so CAPX, cannot verify with; use a CA certificate of another form',
      'trustBundle[2]: "O=Example, CN=g@od" has a PrintableString with other characters, which Go rejects; use a CA certificate of another form',
    ],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "that no ConfigMap can hold",
    change: bundle(pem("authority").repeat(1000)),
    expected: [
      "trustBundle: has more than 512 KiB, and the objects that hold it have a limit of 1 MiB; set the CA certificates of Prism Central alone",
    ],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "in Management",
    change: (all) => {
      const provider = { name: "cluster-api-provider-nutanix", config: { trustBundles: { edge: pem("expired") } } };
      const object = { apiVersion: "k0rdent.mirantis.com/v1beta1", kind: "Management", metadata: { name: "kcm" } };
      all.push({ at: "management", object: { ...object, spec: { providers: [provider] } } });
    },
    expected: [
      'management spec.providers.0.config.trustBundles.edge[0]: "O=Example, CN=Expired CA" expired on 2021-01-01; use the certificate that replaced it',
    ],
  },
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
    change: bundle(pem("authority") + pem("issued-server")),
    expected: [
      'trustBundle[1]: "O=Example, CN=pc.example.com" is not a CA certificate; use the one that signed Prism Central\'s',
    ],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "not the certificate of a server that signed it itself, which Go takes as its own root",
    change: bundle(pem("server")),
    expected: [],
  },
  ...(
    [
      ["joined without a line break", pem("authority").trim() + pem("second-authority")],
      [
        "after blanks",
        ["authority", "second-authority"].map((name) => pem(name).replace(/^-----/, "  -----")).join(""),
      ],
      ["after a byte order mark", `\ufeff${pem("authority")}`],
      ["with a header", pem("authority").replace("\n", "\nComment: a CA\n\n")],
      ["with something after its last line", pem("authority").replace(/-\n$/, "-.\n")],
      ["with a mark between its lines", pem("authority").replace("\n", "\n\u200b")],
    ] as const
  ).map(([name, text]): ViolationCase => {
    const all = text.match(/BEGIN/g)?.length ?? 0;
    return {
      rule: "trust-bundle-is-valid",
      name,
      change: bundle(text),
      expected: [
        `trustBundle: has ${all} certificates, of which Go finds 0; put each BEGIN and END on a line of its own, without blanks before it`,
      ],
    };
  }),
  {
    rule: "trust-bundle-is-valid",
    name: "a block that only OpenSSL reads",
    change: bundle(pem("authority") + pem("authority").replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE")),
    expected: [
      "trustBundle: contains a block TRUSTED CERTIFICATE, which Go ignores; convert it with openssl x509, or remove it",
    ],
  },
  {
    rule: "trust-bundle-is-valid",
    name: "a password beside the certificates",
    change: bundle(`${pem("authority")}password: canary\n`),
    expected: ["trustBundle: contains a secret; set CA certificates only, and treat it as compromised"],
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
