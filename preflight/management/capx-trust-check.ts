import { KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { capxTrustBundles } from "../../manifests/stack-manifests.ts";
import { at, list, text } from "../../policy/rules/plain-values.ts";
import { certificatesOf } from "../../policy/rules/trust-bundles.ts";
import { type Check, fail, inconclusive, pass } from "../check.ts";
import { CAPX_DEPLOYMENTS } from "./capx-check.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

export const CAPX_TRUST_CHECK: Check = {
  id: "capx-trusts-prism-central",
  description: "a CAPX that this stack does not configure trusts the CA certificates of its trust bundles",
  scope: "stack",
  run: async (context) => {
    const { capx, management } = context.stack;
    const wanted = Object.entries(capxTrustBundles(context.bundles)).flatMap(([path, pem]) =>
      certificatesOf({ path, pem }).flatMap(({ certificate }) => certificate ?? []),
    );
    const isOther = capx.chart !== undefined || (capx.managedExternally && management.adopt);
    if (!isOther || wanted.length === 0) return [];
    const reader = await managementOf(context);
    const [deployment] = (await reader.list(KINDS.Deployment, CAPX_DEPLOYMENTS)) ?? [];
    if (deployment === undefined) return inconclusive("CAPX has no Deployment yet");
    const name = `Deployment ${deployment.metadata.namespace}/${deployment.metadata.name}`;
    const { maps, others } = certificateVolumes(deployment);
    const found = await Promise.all(maps.map((map) => trustedBy(reader, deployment, map)));
    const trusted = new Set(found.flat());
    const missing = wanted.filter(({ fingerprint256 }) => !trusted.has(fingerprint256));
    if (missing.length === 0) return pass(`${name} trusts the ${wanted.length} CA certificates of this stack`);
    const subjects = missing.map(({ subject }) => JSON.stringify(subject.replaceAll("\n", ", "))).join(", ");
    if (others.length > 0)
      return inconclusive(`whether ${name} trusts ${subjects} is unknown: its volume ${others[0]} is not read`);
    return fail(
      `${name} does not trust ${subjects}`,
      capx.chart === undefined
        ? "add it to prismCentral.trustBundle of the stack that manages CAPX"
        : "mount it in the chart of capx.chart, and set SSL_CERT_DIR to its folder",
    );
  },
};

/** Volumes with files that Go takes CA certificates from: names of ConfigMaps, and volumes of other types. */
function certificateVolumes({ spec }: KubernetesObject): { maps: string[]; others: string[] } {
  const pod = at(spec, "template", "spec");
  const manager = list(at(pod, "containers")).find((container) => at(container, "name") === "manager");
  const variable = (name: string) =>
    text(
      at(
        list(at(manager, "env")).find((one) => at(one, "name") === name),
        "value",
      ),
    )?.split(":") ?? [];
  const paths = [...variable("SSL_CERT_DIR"), ...variable("SSL_CERT_FILE")].map((path) => path.replace(/\/$/, ""));
  const mounted = list(at(manager, "volumeMounts"))
    .filter((mount) => {
      const folder = text(at(mount, "mountPath"))?.replace(/\/$/, "") ?? "";
      return paths.some((path) => path === folder || path.startsWith(`${folder}/`));
    })
    .map((mount) => at(mount, "name"));
  const volumes = list(at(pod, "volumes")).filter((volume) => mounted.includes(at(volume, "name")));
  const mapOf = (volume: unknown) => text(at(volume, "configMap", "name"));
  return {
    maps: volumes.flatMap((volume) => mapOf(volume) ?? []),
    others: volumes.filter((volume) => mapOf(volume) === undefined).map((volume) => text(at(volume, "name")) ?? ""),
  };
}

/** Fingerprints of the certificates in a ConfigMap beside the Deployment. */
async function trustedBy(reader: Reader, { metadata }: KubernetesObject, name: string): Promise<string[]> {
  const found = await reader.object(KINDS.ConfigMap, { ...metadata, name });
  return Object.values(found?.data ?? {}).flatMap((pem) =>
    certificatesOf({ path: name, pem }).flatMap(({ certificate }) => certificate?.fingerprint256 ?? []),
  );
}
