/** Are the CA certificates that Prism Central is checked against what they have to be? */

import { always, everywhere, type Rule } from "./rule.ts";
import {
  bundlesOf,
  CERTIFICATE,
  readable,
  subjectOf,
  TRUST_BUNDLE_KEY,
  TRUST_BUNDLE_OBJECTS,
} from "./trust-bundles.ts";
import type { Violation } from "./violation.ts";

export const trustBundleHasCaCrtKey: Rule = {
  name: "trust-bundle-has-ca-crt-key",
  category: "tls",
  level: always("mandatory"),
  inspects: TRUST_BUNDLE_OBJECTS,
  why: "CAPX silently treats a ConfigMap without that key as an empty bundle, and every call to Prism Central fails",
  remedy: `add the certificates under the key \`${TRUST_BUNDLE_KEY}\``,
  example: "trustBundle: has no key ca.crt, which CAPX reads; add the certificates under that key",
  check: (subjects) =>
    bundlesOf(subjects).flatMap(({ path, pem }) =>
      pem === undefined
        ? [
            {
              path,
              reason: `has no key ${TRUST_BUNDLE_KEY}, which CAPX reads`,
              remedy: "add the certificates under that key",
            },
          ]
        : [],
    ),
};

export const trustBundleIsValid: Rule = {
  name: "trust-bundle-is-valid",
  category: "tls",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: TRUST_BUNDLE_OBJECTS,
  why: "CAPX silently accepts an unusable bundle, and fails later with an x509 error for every machine",
  remedy:
    "use the CA certificates that signed Prism Central's certificate, in PEM format: not expired, RSA keys of 2048 bits or more, and no private key",
  example: 'trustBundle[0]: "O=Example, CN=Expired CA" expired on 2021-01-01; use the certificate that replaced it',
  check: (subjects, { now }) =>
    bundlesOf(subjects).flatMap(({ path, pem }) => (pem === undefined ? [] : bundleViolations(path, pem, now))),
};

/** What is wrong with a PEM trust bundle. */
export function bundleViolations(path: string, pem: string, now: Date): Violation[] {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return [
      {
        path,
        reason: "contains a private key",
        remedy: "set CA certificates only, and treat that key as compromised",
      },
    ];
  }
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    return [
      {
        path,
        reason: "contains no certificate",
        remedy: "set CA certificates in PEM format (-----BEGIN CERTIFICATE-----)",
      },
    ];
  }
  return certificates.flatMap((certificate, index) => certificateFaults(`${path}[${index}]`, certificate, now));
}

function certificateFaults(path: string, pem: string, now: Date): Violation[] {
  const certificate = readable(pem);
  if (certificate === undefined) {
    return [{ path, reason: "is not a valid certificate", remedy: "export it again in PEM format" }];
  }
  const value = subjectOf(certificate);
  const faults: Violation[] = [];
  if (!certificate.ca) {
    faults.push({
      path,
      value,
      reason: "is not a CA certificate",
      remedy: "use the one that signed Prism Central's",
    });
  }
  const until = new Date(certificate.validTo);
  if (until.getTime() < now.getTime()) {
    faults.push({
      path,
      value,
      reason: `expired on ${until.toISOString().slice(0, 10)}`,
      remedy: "use the certificate that replaced it",
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
