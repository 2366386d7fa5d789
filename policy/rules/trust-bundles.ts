/** Trust bundles of policy targets, and their certificates. */
import { X509Certificate } from "node:crypto";
import { clustersOf } from "./clusters.ts";
import { at, map, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

/** The label of a trust bundle's ConfigMap. */
export const TRUST_BUNDLE_LABEL = { "app.kubernetes.io/component": "trust-bundle" } as const;
/** The only key that CAPX reads. */
export const TRUST_BUNDLE_KEY = "ca.crt";

export interface TrustBundlePem {
  readonly path: string;
  /** Undefined if the key that CAPX reads is missing. */
  readonly pem: string | undefined;
}

/** Trust bundles: ConfigMaps with the label or that a cluster refers to, and inline bundles of NutanixClusters. */
export function bundlesOf(targets: readonly PolicyTarget[]): TrustBundlePem[] {
  const clusters = clustersOf(targets);
  const inline = clusters.flatMap(({ prismCentral: { inlineBundle } }) =>
    inlineBundle.text === undefined ? [] : [{ path: inlineBundle.path, pem: inlineBundle.text }],
  );
  const configMaps = targets.filter(({ object }) => at(object, "kind") === "ConfigMap");
  if (configMaps.length === 0) return inline;
  const referenced = new Set(
    clusters.map(({ namespace, prismCentral: { bundle } }) => `${namespace}/${bundle.text ?? ""}`),
  );
  const bundles = configMaps.filter(({ object }) => {
    const { name, namespace, labels } = map(at(object, "metadata"));
    return (
      Object.entries(TRUST_BUNDLE_LABEL).every(([key, value]) => map(labels)[key] === value) ||
      referenced.has(`${text(namespace) ?? "default"}/${text(name) ?? ""}`)
    );
  });
  return [
    ...inline,
    ...bundles.map(({ at: path, object }) => ({ path, pem: text(at(object, "data", TRUST_BUNDLE_KEY)) })),
  ];
}

export interface BundleCertificate {
  readonly path: string;
  /** Undefined if it is not a valid certificate. */
  readonly certificate: X509Certificate | undefined;
}

/** The certificates of a bundle. */
export function certificatesOf({ path, pem = "" }: TrustBundlePem): BundleCertificate[] {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return certificates.map((one, index) => ({ path: `${path}[${index}]`, certificate: parseCertificate(one) }));
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Object identifiers of signature algorithms with a broken hash, in DER. */
const WEAK_ALGORITHMS: Readonly<Record<string, string>> = {
  "2a864886f70d010104": "MD5",
  "2a864886f70d010105": "SHA-1",
  "2a8648ce3d0401": "SHA-1",
  "2a8648ce380403": "SHA-1",
};

/** The hash of a certificate's signature if it is broken. Node 22 cannot tell, so this reads the DER. */
export function weakSignatureHash(der: Buffer): string | undefined {
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER, … }, signature }
  const certificate = derElement(der, 0);
  const signed = derElement(der, certificate.start);
  const algorithm = derElement(der, signed.end);
  const identifier = derElement(der, algorithm.start);
  return WEAK_ALGORITHMS[der.subarray(identifier.start, identifier.end).toString("hex")];
}

/** Start and end of the content of the DER element at an offset. */
function derElement(der: Buffer, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + more;
  const length = more === 0 ? first : Number.parseInt(der.subarray(offset + 2, start).toString("hex"), 16);
  return { start, end: start + length };
}
