/** Trust bundles of policy targets, and their certificates. */
import { X509Certificate } from "node:crypto";
import { clustersOf } from "./clusters.ts";
import { isKind, K0RDENT_GROUP, objectField } from "./field.ts";
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
  const provided = targets.filter((target) => isKind(target, K0RDENT_GROUP, "Management")).flatMap(providedBundles);
  const configMaps = targets.filter(({ object }) => at(object, "kind") === "ConfigMap");
  if (configMaps.length === 0) return [...inline, ...provided];
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
    ...provided,
    ...bundles.map(({ at: path, object }) => ({ path, pem: text(at(object, "data", TRUST_BUNDLE_KEY)) })),
  ];
}

/** Blocks of PEM wherever they begin: joined without a line break, after blanks or a byte order mark. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----/g;
/** Certificates that Go's pem.Decode finds: both lines on lines of their own, base64 and no header between them. */
const GO_BLOCK =
  /(?<=^|\n)-----BEGIN CERTIFICATE-----[ \t]*\r?\n([A-Za-z0-9+/= \t\r\n]*?)\n-----END CERTIFICATE-----[ \t]*\r?(?=\n|$)/g;

/** The types of PEM blocks in a text, such as `CERTIFICATE`. */
export function blockTypes(pem: string): string[] {
  return [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g)].map(([, type = ""]) => type);
}

/**
 * A bundle as Go reads all of it: its PEM blocks on lines of their own, and nothing else, since comments and anything else
 * would be in a ConfigMap that many may read. As it is if it has no block, or one without an end.
 */
export function normalizedBundle(pem: string): string {
  const blocks = [...pem.matchAll(BLOCK)];
  if (blocks.length === 0 || blocks.length !== blockTypes(pem).length) return pem;
  return blocks
    .map(([, type = "", body = ""]) => {
      const lines = body.replace(/\s/g, "").match(/.{1,64}/g) ?? [];
      return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ""].join("\n");
    })
    .join("");
}

/** What Management has CAPX trust, by the values of our provider's chart. */
function providedBundles(management: PolicyTarget): TrustBundlePem[] {
  return objectField(management)
    .at("spec", "providers")
    .items.flatMap((provider) => provider.at("config", "trustBundles").entries)
    .flatMap(([, { path, text }]) => (text === undefined ? [] : [{ path, pem: text }]));
}

export interface BundleCertificate {
  readonly path: string;
  /** Undefined if it is not a valid certificate. */
  readonly certificate: X509Certificate | undefined;
}

/** The certificates that Go reads of a bundle. */
export function certificatesOf({ path, pem = "" }: TrustBundlePem): BundleCertificate[] {
  return [...pem.matchAll(GO_BLOCK)].map(([block], index) => ({
    path: `${path}[${index}]`,
    certificate: parseCertificate(block),
  }));
}

/** Whether a certificate is signed with its own key: Go takes such a certificate as its own root, of a CA or not. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
  } catch {
    return false;
  }
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const GO_CURVES = ["secp224r1", "prime256v1", "secp384r1", "secp521r1"];
/** Any use, and TLS servers. */
const SERVER_USES = ["2.5.29.37.0", "1.3.6.1.5.5.7.3.1"];

/** Why Go skips a certificate that OpenSSL reads, or verifies no server with it. */
export function goFault({ publicKey, serialNumber, keyUsage, raw }: X509Certificate): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  const isReadable =
    type === "ed25519" ||
    (type === "rsa" && (details?.publicExponent ?? 0n) < 2n ** 31n) ||
    (type === "ec" && GO_CURVES.includes(details?.namedCurve ?? "") && !raw.includes(EXPLICIT_CURVE));
  if (!isReadable) return "has a key that Go, and so CAPX, cannot verify with";
  if (serialNumber.startsWith("-")) return "has a negative serial number, which Go does not accept";
  // Node's name for the extended key usage.
  if (keyUsage !== undefined && !keyUsage.some((use) => SERVER_USES.includes(use)))
    return "is not for the certificates of servers";
  return hasInvalidText(raw, 0, raw.length)
    ? "has a PrintableString with other characters, which Go rejects"
    : undefined;
}

/** The identifier of prime fields, in the parameters of a curve that has no name. */
const EXPLICIT_CURVE = Buffer.from("06072a8648ce3d0101", "hex");
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/;

/** Whether a PrintableString (tag 0x13) below has a character that it may not have; constructed elements have the bit 0x20. */
function hasInvalidText(der: Buffer, from: number, to: number): boolean {
  for (let offset = from; offset < to; ) {
    const tag = der[offset] ?? 0;
    const { start, end } = derElement(der, offset);
    if (tag === 0x13 && !PRINTABLE.test(der.subarray(start, end).toString("latin1"))) return true;
    if ((tag & 0x20) !== 0 && hasInvalidText(der, start, end)) return true;
    offset = end;
  }
  return false;
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
