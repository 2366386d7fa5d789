/** How long do the certificates of trust bundles hold, and can they be forged? */
import type { X509Certificate } from "node:crypto";
import { signatureOf } from "./certificate-signature.ts";
import { always, type PolicyTarget, type Rule } from "./rule.ts";
import { bundlesOf, CERTIFICATE, readable, subjectOf, TRUST_BUNDLE_OBJECTS } from "./trust-bundles.ts";

interface Found {
  readonly path: string;
  readonly certificate: X509Certificate;
}

/** The certificates of all trust bundles that can be read. */
function certificatesOf(subjects: readonly PolicyTarget[]): Found[] {
  return bundlesOf(subjects).flatMap(({ path, pem: all }) =>
    (all?.match(CERTIFICATE) ?? []).flatMap((pem, index) => {
      const certificate = readable(pem);
      return certificate === undefined ? [] : [{ path: `${path}[${index}]`, certificate }];
    }),
  );
}

const MONTH_DAYS = 30;
const DAY_MS = 86_400_000;

export const trustBundleDoesNotExpireSoon: Rule = {
  name: "trust-bundle-does-not-expire-soon",
  category: "tls",
  level: always("advisory"),
  inspects: TRUST_BUNDLE_OBJECTS,
  why: "once the certificate expires, CAPX can neither create nor delete machines of clusters that use it",
  remedy: "renew the CA, and keep both certificates until every Prism Central has a certificate of the new one",
  example:
    'trustBundle[0]: "O=Example, CN=Example Prism Central CA" expires on 2126-10-29, in 20 days; add the certificate that will replace it',
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
          remedy: "add the certificate that will replace it",
        },
      ];
    }),
};

export const trustBundleSignaturesAreStrong: Rule = {
  name: "trust-bundle-signatures-are-strong",
  category: "tls",
  level: always("mandatory"),
  inspects: TRUST_BUNDLE_OBJECTS,
  why: "certificates signed with SHA-1 or MD5 can be forged, and Go, which CAPX is written in, rejects them",
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
