/** Is Prism Central the one that was meant, and can that be checked? */
import { X509Certificate } from "node:crypto";
import { at, clustersOf, map, text } from "./cluster.ts";
import type { Fault } from "./fault.ts";
import { always, type Rule, strictOutsideDev } from "./rule.ts";

/** The label of a trust bundle's ConfigMap. */
export const TRUST_BUNDLE_LABEL = { "app.kubernetes.io/component": "trust-bundle" } as const;
/** The only key that CAPX reads. */
export const TRUST_BUNDLE_KEY = "ca.crt";

const ADDRESS = ["nutanix", "prismCentral", "address"] as const;

export const prismCentralIsVerified: Rule = {
  name: "prism-central-is-verified",
  level: strictOutsideDev,
  why: "without the check anybody on the way can read the password of Prism Central and answer in its place",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) =>
      at(cluster.config, "nutanix", "prismCentral", "insecure") === true
        ? [
            {
              path: `${cluster.at}.nutanix.prismCentral.insecure`,
              value: true,
              reason: "switches the check of Prism Central's certificate off",
              remedy: "set it to false, and give its CA certificates in prismCentral.trustBundle",
            },
          ]
        : [],
    ),
};

/** What is wrong with an address that must be a bare host; the same for the stack's Prism Central and a cluster's. */
export function bareHostFaults(path: string, address: string): Fault[] {
  if (!/[/@:?#\s]/.test(address)) return [];
  // Only the host may be shown: what stands before an @ can be a password.
  const bare = address
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/^.*@/s, "")
    .replace(/[/:?#].*$/s, "")
    .trim();
  return [
    {
      path,
      reason: "is not a bare host: CAPX adds scheme and port by itself",
      remedy: `write "${bare}" alone, and the port under port`,
    },
  ];
}

export const prismCentralAddressIsABareHost: Rule = {
  name: "prism-central-address-is-a-bare-host",
  level: always("mandatory"),
  why: "CAPX joins scheme, address and port itself, and an address with a user in it would put a password into the clear",
  check: (subjects) =>
    clustersOf(subjects).flatMap((cluster) => {
      const address = text(at(cluster.config, ...ADDRESS));
      return address === undefined ? [] : bareHostFaults(`${cluster.at}.${ADDRESS.join(".")}`, address);
    }),
};

export const trustBundleIsSound: Rule = {
  name: "trust-bundle-is-sound",
  level: always("mandatory"),
  why: "CAPX takes a bundle that it cannot use without a word, and fails later with an x509 error on every machine",
  check: (subjects) =>
    subjects.flatMap(({ at: path, object }) => {
      const labels = map(at(object, "metadata", "labels"));
      const isBundle = Object.entries(TRUST_BUNDLE_LABEL).every(([key, value]) => labels[key] === value);
      if (at(object, "kind") !== "ConfigMap" || !isBundle) return [];
      const pem = text(at(object, "data", TRUST_BUNDLE_KEY));
      return pem === undefined
        ? [
            {
              path,
              reason: `has no key ${TRUST_BUNDLE_KEY}, the one that CAPX reads`,
              remedy: "put the certificates there",
            },
          ]
        : bundleFaults(path, pem);
    }),
};

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** What is wrong with a PEM trust bundle. */
export function bundleFaults(path: string, pem: string): Fault[] {
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
  return certificates.flatMap((certificate, index) => certificateFaults(`${path}[${index}]`, certificate));
}

function certificateFaults(path: string, pem: string): Fault[] {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return [{ path, reason: "is no certificate that can be read", remedy: "export it again as PEM text" }];
  }
  const faults: Fault[] = [];
  const subject = certificate.subject.replaceAll("\n", ", ");
  if (!certificate.ca) {
    faults.push({
      path,
      value: subject,
      reason: "is not a CA certificate",
      remedy: "give the one that signed Prism Central's",
    });
  }
  const until = new Date(certificate.validTo);
  if (until.getTime() < Date.now()) {
    faults.push({
      path,
      value: subject,
      reason: `expired on ${until.toISOString().slice(0, 10)}`,
      remedy: "give the certificate that replaced it",
    });
  }
  const key = certificate.publicKey;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (key.asymmetricKeyType === "rsa" && bits !== undefined && bits < 2048) {
    faults.push({
      path,
      value: subject,
      reason: `has an RSA key of ${bits} bits`,
      remedy: "use a CA with 2048 bits or more",
    });
  }
  return faults;
}
