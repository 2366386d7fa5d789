/** Rules about trust bundles: the CA certificates to verify Prism Central with. */
import type { X509Certificate } from "node:crypto";
import { clustersOf } from "./clusters.ts";
import { objectField } from "./field.ts";
import { at } from "./plain-values.ts";
import { advisory, always, mandatory, mandatoryOutsideDev, type PolicyTarget, type Rule } from "./rule.ts";
import { secretReason } from "./secret-patterns.ts";
import {
  blockTypes,
  bundlesOf,
  certificatesOf,
  goFault,
  isSelfSigned,
  TRUST_BUNDLE_KEY,
  type TrustBundlePem,
  weakSignatureHash,
} from "./trust-bundles.ts";
import { compareMinors, FIRST_CCM_WITH_V4, minorOf } from "./versions.ts";
import type { Violation } from "./violation.ts";

const INSPECTS = `ConfigMaps with the label \`app.kubernetes.io/component: trust-bundle\`, and those that a cluster references, key \`${TRUST_BUNDLE_KEY}\`; \`trustBundles\` of Management's providers`;
const DAY_MS = 86_400_000;
const MAX_BYTES = 2 ** 19;

export const trustBundleHasCaCrtKey: Rule = {
  name: "trust-bundle-has-ca-crt-key",
  category: "tls",
  level: mandatory,
  inspects: INSPECTS,
  why: "CAPX silently treats a ConfigMap without that key as an empty bundle, and every call to Prism Central fails",
  remedy: `add the certificates under the key \`${TRUST_BUNDLE_KEY}\``,
  example: "trustBundle: has no key ca.crt, which CAPX reads; add the certificates under that key",
  check: (targets) =>
    bundlesOf(targets)
      .filter(({ pem }) => pem === undefined)
      .map(({ path }) => ({
        path,
        reason: `has no key ${TRUST_BUNDLE_KEY}, which CAPX reads`,
        remedy: "add the certificates under that key",
      })),
};

export const trustBundleIsValid: Rule = {
  name: "trust-bundle-is-valid",
  category: "tls",
  level: mandatory,
  nonWaivable: always,
  inspects: INSPECTS,
  why: "CAPX silently accepts an unusable bundle, and fails later with an x509 error for every machine",
  remedy:
    "use the CA certificates that signed Prism Central's certificate, in PEM format: not expired, RSA keys of 2048 bits or more, and no private key",
  example: 'trustBundle[0]: "O=Example, CN=Expired CA" expired on 2021-01-01; use the certificate that replaced it',
  check: (targets, { now }) => bundlesOf(targets).flatMap((bundle) => bundleViolations(bundle, now)),
};

function bundleViolations(bundle: TrustBundlePem, now: Date): Violation[] {
  const { path, pem } = bundle;
  if (pem === undefined) return [];
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(pem)) {
    const remedy = "set CA certificates only, and treat that key as compromised";
    return [{ path, reason: "contains a private key", remedy }];
  }
  const certificates = certificatesOf(bundle);
  const types = blockTypes(pem);
  if (types.length === 0) {
    const remedy = "set CA certificates in PEM format (-----BEGIN CERTIFICATE-----)";
    return [{ path, reason: "contains no certificate", remedy }];
  }
  if (pem.length > MAX_BYTES) {
    const reason = "has more than 512 KiB, and the objects that hold it have a limit of 1 MiB";
    return [{ path, reason, remedy: "set the CA certificates of Prism Central alone" }];
  }
  return [
    ...formViolations(path, { types, read: certificates.length, pem }),
    ...certificates.flatMap(({ path, certificate }) =>
      certificate === undefined
        ? [{ path, reason: "is not a valid certificate", remedy: "export it again in PEM format" }]
        : problems(certificate, now).map(([reason, remedy]) => ({
            path,
            value: subjectOf(certificate),
            reason,
            remedy,
          })),
    ),
  ];
}

/** What of a bundle Go does not read. */
function formViolations(path: string, bundle: { types: readonly string[]; read: number; pem: string }): Violation[] {
  const { types, read, pem } = bundle;
  const other = types.find((type) => type !== "CERTIFICATE");
  if (other !== undefined) {
    const reason = `contains a block ${other}, which Go ignores`;
    return [{ path, reason, remedy: "convert it with openssl x509, or remove it" }];
  }
  if (read < types.length) {
    const reason = `has ${types.length} certificates, of which Go finds ${read}`;
    return [{ path, reason, remedy: "put each BEGIN and END on a line of its own, without blanks before it" }];
  }
  if (secretReason("", pem) === undefined) return [];
  return [{ path, reason: "contains a secret", remedy: "set CA certificates only, and treat it as compromised" }];
}

function problems(certificate: X509Certificate, now: Date): [reason: string, remedy: string][] {
  const { ca, validFrom, validTo, publicKey } = certificate;
  const fault = goFault(certificate);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 2048;
  const isShort = publicKey.asymmetricKeyType === "rsa" && bits < 2048;
  return [
    ...(ca || isSelfSigned(certificate)
      ? []
      : [["is not a CA certificate", "use the one that signed Prism Central's"] as [string, string]]),
    ...(new Date(validTo) < now
      ? [[`expired on ${dateOf(validTo)}`, "use the certificate that replaced it"] as [string, string]]
      : []),
    ...(new Date(validFrom) > now
      ? [[`is not valid before ${dateOf(validFrom)}`, "use the certificate of today"] as [string, string]]
      : []),
    ...(fault === undefined ? [] : [[fault, "use a CA certificate of another form"] as [string, string]]),
    ...(isShort ? [[`has an RSA key of ${bits} bits`, "use a CA with 2048 bits or more"] as [string, string]] : []),
  ];
}

function subjectOf({ subject }: X509Certificate): string {
  return subject.replaceAll("\n", ", ");
}

function dateOf(time: string): string {
  return new Date(time).toISOString().slice(0, 10);
}

const VARIABLE = "NUTANIX_ADDITIONAL_TRUST_BUNDLE";
const UNVERIFIED = "makes CAPX skip verification of Prism Central: 1.8 to 1.10 in every v4 call, 1.7 for volume groups";
const TRUSTED_BY_CAPX =
  "remove it, and set trustBundle in the stack file, which makes CAPX itself trust the CA; or use a certificate of a public CA";

export const capxVerifiesPrismCentral: Rule = {
  name: "capx-verifies-prism-central",
  category: "tls",
  level: mandatoryOutsideDev,
  inspects: `\`additionalTrustBundle\` of clusters and NutanixClusters, and \`${VARIABLE}\` in Secrets`,
  why: "CAPX's v4 client takes no trust bundle and disables verification where there is one: another server in its place gets the password and the join tokens, although `insecure` is false",
  remedy:
    "leave the bundle out of clusters, and make CAPX itself trust the CA: `trustBundle` in the stack file, or `trustBundles` of the chart cluster-api-provider-nutanix",
  example: `clusters.edge.nutanix.prismCentral.additionalTrustBundleConfigMapName: "edge-ca" ${UNVERIFIED}; ${TRUSTED_BY_CAPX}`,
  check: (targets) => {
    const perCluster = clustersOf(targets).flatMap(({ prismCentral: { bundle, inlineBundle } }) => [
      ...(bundle.isSet ? [bundle.violation(UNVERIFIED, TRUSTED_BY_CAPX)] : []),
      ...(inlineBundle.isSet ? [inlineBundle.redacted(UNVERIFIED, TRUSTED_BY_CAPX)] : []),
    ]);
    const variables = targets
      .filter(({ object }) => at(object, "kind") === "Secret")
      .flatMap((target) => ["stringData", "data"].map((key) => objectField(target).at(key, VARIABLE)))
      .filter((field) => field.text);
    return [...perCluster, ...variables.map((field) => field.redacted(UNVERIFIED, TRUSTED_BY_CAPX))];
  },
};

const CCM_UNVERIFIED =
  "does not verify Prism Central where there is a trust bundle: its v4 client takes none, and skips verification";
const CCM_REMEDY = "use a certificate of a public CA; or chart 0.5.2, whose v3 client verifies with the bundle";

export const ccmVerifiesPrismCentral: Rule = {
  name: "ccm-verifies-prism-central",
  category: "tls",
  level: advisory,
  inspects: "`addons.ccm` of ClusterDeployments with the trust bundle that the program adds to it",
  why: "another server in the place of Prism Central gets the password of the cluster's login, although `insecure` is false",
  remedy: CCM_REMEDY,
  example: `clusters.edge.addons.ccm.version: "0.6.2" ${CCM_UNVERIFIED}; ${CCM_REMEDY}`,
  check: (targets) =>
    clustersOf(targets).flatMap(({ config, prismCentral: { insecure } }) => {
      const ccm = config.at("addons", "ccm");
      const version = ccm.at("version");
      const isConcerned = ccm.at("enabled").value === true && ccm.at("trustBundle").isSet && insecure.value !== true;
      if (!isConcerned || compareMinors(minorOf(version.text ?? ""), FIRST_CCM_WITH_V4) < 0) return [];
      return [version.violation(CCM_UNVERIFIED, CCM_REMEDY)];
    }),
};

function validCertificates(targets: readonly PolicyTarget[]) {
  return bundlesOf(targets)
    .flatMap(certificatesOf)
    .flatMap(({ path, certificate }) =>
      certificate === undefined ? [] : [{ path, value: subjectOf(certificate), certificate }],
    );
}

const NOTICE_DAYS = 30;

export const trustBundleDoesNotExpireSoon: Rule = {
  name: "trust-bundle-does-not-expire-soon",
  category: "tls",
  level: advisory,
  inspects: INSPECTS,
  why: "once the certificate expires, CAPX can neither create nor delete machines of clusters that use it",
  remedy: "renew the CA, and keep both certificates until every Prism Central has a certificate of the new one",
  example:
    'trustBundle[0]: "O=Example, CN=Example Prism Central CA" expires on 2126-10-29, in 20 days; add the certificate that will replace it',
  check: (targets, { now }) =>
    validCertificates(targets).flatMap(({ path, value, certificate: { validTo } }) => {
      const days = Math.floor((Date.parse(validTo) - now.getTime()) / DAY_MS);
      if (days < 0 || days >= NOTICE_DAYS) return [];
      const reason = `expires on ${dateOf(validTo)}, in ${days} days`;
      return [{ path, value, reason, remedy: "add the certificate that will replace it" }];
    }),
};

export const trustBundleSignaturesAreStrong: Rule = {
  name: "trust-bundle-signatures-are-strong",
  category: "tls",
  level: mandatory,
  inspects: INSPECTS,
  why: "certificates signed with SHA-1 or MD5 can be forged, and Go, which CAPX is written in, rejects those that another one signed",
  remedy: "use a CA whose certificate is signed with SHA-256 or better",
  example:
    'trustBundle[0]: "O=Example, CN=Old CA" is signed with SHA-1; use a CA whose certificate is signed with SHA-256 or better',
  check: (targets) =>
    validCertificates(targets).flatMap(({ path, value, certificate }) => {
      const hash = weakSignatureHash(certificate.raw);
      if (hash === undefined) return [];
      const remedy = "use a CA whose certificate is signed with SHA-256 or better";
      return [{ path, value, reason: `is signed with ${hash}`, remedy }];
    }),
};
