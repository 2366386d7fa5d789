/** Are the CA certificates that Prism Central is checked against what they have to be? */
import { X509Certificate } from "node:crypto";
import { clustersOf } from "./cluster.ts";
import type { Fault } from "./fault.ts";
import { at, map, text } from "./plain.ts";
import { always, everywhere, type Rule, type Subject } from "./rule.ts";
import { signatureOf } from "./signature.ts";

/** The label of a trust bundle's ConfigMap. */
export const TRUST_BUNDLE_LABEL = { "app.kubernetes.io/component": "trust-bundle" } as const;
/** The only key that CAPX reads. */
export const TRUST_BUNDLE_KEY = "ca.crt";

interface Bundle {
  readonly path: string;
  /** Undefined where the key that CAPX reads is missing. */
  readonly pem: string | undefined;
}

/** Trust bundles: ConfigMaps by our label or by a cluster that names them, and what a NutanixCluster holds itself. */
function bundlesOf(subjects: readonly Subject[]): Bundle[] {
  const clusters = clustersOf(subjects);
  const inline = clusters.flatMap(({ central: { inlineBundle } }) =>
    inlineBundle.text === undefined ? [] : [{ path: inlineBundle.path, pem: inlineBundle.text }],
  );
  const maps = subjects.filter(({ object }) => at(object, "kind") === "ConfigMap");
  if (maps.length === 0) return inline;
  const named = new Set(clusters.map(({ namespace, central: { bundle } }) => `${namespace}/${bundle.text ?? ""}`));
  const bundles = maps.filter(({ object }) => {
    const labels = map(at(object, "metadata", "labels"));
    const name = text(at(object, "metadata", "name")) ?? "";
    const namespace = text(at(object, "metadata", "namespace")) ?? "default";
    return (
      Object.entries(TRUST_BUNDLE_LABEL).every(([key, value]) => labels[key] === value) ||
      named.has(`${namespace}/${name}`)
    );
  });
  return [
    ...inline,
    ...bundles.map(({ at: path, object }) => ({ path, pem: text(at(object, "data", TRUST_BUNDLE_KEY)) })),
  ];
}

const READS = `ConfigMaps with the label \`app.kubernetes.io/component: trust-bundle\`, and those that a cluster names; key \`${TRUST_BUNDLE_KEY}\``;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

export const trustBundleHasTheKeyThatCapxReads: Rule = {
  name: "trust-bundle-has-the-key-that-capx-reads",
  question: "tls",
  level: always("mandatory"),
  reads: READS,
  why: "CAPX takes a ConfigMap without that key for an empty bundle, without a word, and every call to Prism Central then fails",
  remedy: `put the certificates under \`${TRUST_BUNDLE_KEY}\``,
  example: "trustBundle: has no key ca.crt, the one that CAPX reads; put the certificates there",
  check: (subjects) =>
    bundlesOf(subjects).flatMap(({ path, pem }) =>
      pem === undefined
        ? [
            {
              path,
              reason: `has no key ${TRUST_BUNDLE_KEY}, the one that CAPX reads`,
              remedy: "put the certificates there",
            },
          ]
        : [],
    ),
};

export const trustBundleIsSound: Rule = {
  name: "trust-bundle-is-sound",
  question: "tls",
  level: always("mandatory"),
  mustHold: everywhere,
  reads: READS,
  why: "CAPX takes a bundle that it cannot use without a word, and fails later with an x509 error on every machine",
  remedy:
    "give the CA certificates, as PEM text, that signed Prism Central's certificate: none expired, no RSA key under 2048 bits, and no private key",
  example: 'trustBundle[0]: "O=Example, CN=Expired CA" expired on 2021-01-01; give the certificate that replaced it',
  check: (subjects, { now }) =>
    bundlesOf(subjects).flatMap(({ path, pem }) => (pem === undefined ? [] : bundleFaults(path, pem, now))),
};

/** What is wrong with a PEM trust bundle. */
export function bundleFaults(path: string, pem: string, now: Date): Fault[] {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return [
      {
        path,
        reason: "holds a private key",
        remedy: "give CA certificates only, and treat that key as known to others",
      },
    ];
  }
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    return [
      {
        path,
        reason: "holds no certificate",
        remedy: "give CA certificates as PEM text (-----BEGIN CERTIFICATE-----)",
      },
    ];
  }
  return certificates.flatMap((certificate, index) => certificateFaults(`${path}[${index}]`, certificate, now));
}

function certificateFaults(path: string, pem: string, now: Date): Fault[] {
  const certificate = readable(pem);
  if (certificate === undefined) {
    return [{ path, reason: "is no certificate that can be read", remedy: "export it again as PEM text" }];
  }
  const value = subjectOf(certificate);
  const faults: Fault[] = [];
  if (!certificate.ca) {
    faults.push({
      path,
      value,
      reason: "is not a CA certificate",
      remedy: "give the one that signed Prism Central's",
    });
  }
  const until = new Date(certificate.validTo);
  if (until.getTime() < now.getTime()) {
    faults.push({
      path,
      value,
      reason: `expired on ${until.toISOString().slice(0, 10)}`,
      remedy: "give the certificate that replaced it",
    });
  }
  const key = certificate.publicKey;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (key.asymmetricKeyType === "rsa" && bits !== undefined && bits < 2048) {
    faults.push({
      path,
      value,
      reason: `has an RSA key of ${bits} bits`,
      remedy: "use a CA with 2048 bits or more",
    });
  }
  return faults;
}

interface Found {
  readonly path: string;
  readonly certificate: X509Certificate;
}

/** The certificates of all trust bundles that can be read. */
function certificatesOf(subjects: readonly Subject[]): Found[] {
  return bundlesOf(subjects).flatMap(({ path, pem: all }) =>
    (all?.match(CERTIFICATE) ?? []).flatMap((pem, index) => {
      const certificate = readable(pem);
      return certificate === undefined ? [] : [{ path: `${path}[${index}]`, certificate }];
    }),
  );
}

function readable(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function subjectOf(certificate: X509Certificate): string {
  return certificate.subject.replaceAll("\n", ", ");
}

const MONTH_DAYS = 30;
const DAY_MS = 86_400_000;

export const trustBundleIsValidForAMonth: Rule = {
  name: "trust-bundle-is-valid-for-a-month",
  question: "tls",
  level: always("advisory"),
  reads: READS,
  why: "on the day that the certificate expires CAPX can neither make nor delete a machine of any cluster that uses it",
  remedy: "renew the CA, and give both certificates until every Prism Central has a certificate of the new one",
  example:
    'trustBundle[0]: "O=Example, CN=Example Prism Central CA" expires on 2126-10-29, in 20 days; give the certificate that will replace it beside it',
  check: (subjects, { now }) =>
    certificatesOf(subjects).flatMap(({ path, certificate }) => {
      const until = new Date(certificate.validTo);
      const days = Math.floor((until.getTime() - now.getTime()) / DAY_MS);
      if (days < 0 || days >= MONTH_DAYS) return [];
      return [
        {
          path,
          value: subjectOf(certificate),
          reason: `expires on ${until.toISOString().slice(0, 10)}, in ${days} days`,
          remedy: "give the certificate that will replace it beside it",
        },
      ];
    }),
};

export const trustBundleIsSignedSafely: Rule = {
  name: "trust-bundle-is-signed-safely",
  question: "tls",
  level: always("mandatory"),
  reads: READS,
  why: "certificates signed with SHA-1 or MD5 can be forged, and Go, which CAPX is written in, takes none of them",
  remedy: "use a CA whose certificate is signed with SHA-256 or better",
  example:
    'trustBundle[0]: "O=Example, CN=Old CA" is signed with SHA-1; use a CA whose certificate is signed with SHA-256 or better',
  check: (subjects) =>
    certificatesOf(subjects).flatMap(({ path, certificate }) => {
      const weak = signatureOf(certificate.raw);
      if (weak === undefined) return [];
      return [
        {
          path,
          value: subjectOf(certificate),
          reason: `is signed with ${weak}`,
          remedy: "use a CA whose certificate is signed with SHA-256 or better",
        },
      ];
    }),
};
