/** The trust bundles that objects hold. */
import { X509Certificate } from "node:crypto";
import { clustersOf } from "./cluster-fields.ts";
import { at, map, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

/** The label of a trust bundle's ConfigMap. */
export const TRUST_BUNDLE_LABEL = { "app.kubernetes.io/component": "trust-bundle" } as const;
/** The only key that CAPX reads. */
export const TRUST_BUNDLE_KEY = "ca.crt";

export interface Bundle {
  readonly path: string;
  /** Undefined where the key that CAPX reads is missing. */
  readonly pem: string | undefined;
}

/** Trust bundles: ConfigMaps by our label or by a cluster that names them, and what a NutanixCluster holds itself. */
export function bundlesOf(subjects: readonly PolicyTarget[]): Bundle[] {
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

/** What rules about trust bundles read, in words. */
export const TRUST_BUNDLE_OBJECTS = `ConfigMaps with the label \`app.kubernetes.io/component: trust-bundle\`, and those that a cluster references; key \`${TRUST_BUNDLE_KEY}\``;
/** One certificate of a PEM text. */
export const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Undefined for what is no certificate. */
export function readable(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Whose certificate it is, on one line. */
export function subjectOf(certificate: X509Certificate): string {
  return certificate.subject.replaceAll("\n", ", ");
}
