import { groupPath, KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { at, integer, text } from "../../policy/rules/plain-values.ts";
import { compareMinors, lineOf, minorOf } from "../../policy/rules/versions.ts";
import { type Check, type CheckContext, type CheckOutcome, fail, inconclusive, pass } from "../check.ts";
import { type InstalledKcm, installedKcm, installsKcm } from "./installed.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

const CERTIFICATES = { apiVersion: "cert-manager.io/v1", kind: "Certificate" };
const CERT_MANAGER = "app.kubernetes.io/name in (cert-manager,webhook,cainjector)";
const WEBHOOKS = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" };
const KCM_WEBHOOK = "kcm-validating-webhook-configuration";
const CONTROL_PLANE_PROVIDERS = { apiVersion: "operator.cluster.x-k8s.io/v1alpha2", kind: "ControlPlaneProvider" };

export const OPERATOR_CHECKS: readonly Check[] = [
  {
    id: "cert-manager-is-ready",
    description: "cert-manager is ready, or kcm installs it, and not both",
    scope: "stack",
    run: async (context) => {
      const reader = await managementOf(context);
      const [kcm, isServed] = await Promise.all([installedKcm(reader), reader.serves(CERTIFICATES)]);
      if (!isServed) return withoutCertManager(context, reader, kcm);
      if (installsKcm(context, kcm) && kcmInstallsCertManager(context)) {
        const definition = await reader.object(KINDS.CustomResourceDefinition, {
          name: "certificates.cert-manager.io",
        });
        const release = definition?.metadata.annotations?.["meta.helm.sh/release-name"] ?? "unknown";
        return fail(
          `cert-manager is installed (Helm release: ${release}), and kcm's chart installs its own`,
          "set management.kcm.values: {cert-manager: {enabled: false}}",
        );
      }
      const deployments = (await reader.list(KINDS.Deployment, { selector: CERT_MANAGER })) ?? [];
      const [first] = deployments;
      if (first === undefined) return inconclusive("cert-manager's kinds are served, and no Deployment has its labels");
      const unavailable = deployments
        .filter(isUnavailable)
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      if (unavailable.length === 0) return pass(`cert-manager is ready in ${first.metadata.namespace}`);
      return fail(
        `cert-manager is not ready: no pod of ${unavailable.join(", ")} is available`,
        "check its pods: kubectl get pods -A -l app.kubernetes.io/name=cert-manager",
      );
    },
  },
  {
    id: "k0smotron-is-compatible",
    description: "k0smotron has the version that matches kcm, and serves the API of the cluster charts",
    scope: "stack",
    run: async (context) => {
      const reader = await managementOf(context);
      if ((await installedKcm(reader)).management === undefined)
        return pass("this up installs k0smotron with Management");
      const kcmVersion = context.stack.management.kcm.version;
      const line = lineOf(kcmVersion);
      if (line === undefined) return inconclusive(`the k0smotron that matches kcm ${kcmVersion} is unknown`);
      const apiVersion = `controlplane.cluster.x-k8s.io/${line.k0smotronApi}`;
      const [served, version] = await Promise.all([reader.get(groupPath(apiVersion)), k0smotronVersion(reader)]);
      if (served === undefined) {
        return fail(
          `${apiVersion}, which the cluster charts use with kcm ${kcmVersion}, is not served`,
          "wait until k0smotron is installed, or set management.kcm.version to the installed one",
        );
      }
      if (version === undefined) return pass(`k0smotron serves ${apiVersion}`);
      const [from = "", to = from] = line.k0smotron.split(" – ");
      const isWithin =
        compareMinors(minorOf(version), minorOf(from)) >= 0 && compareMinors(minorOf(version), minorOf(to)) <= 0;
      if (isWithin) return pass(`k0smotron ${version} serves ${apiVersion}`);
      return inconclusive(
        `k0smotron ${version} runs, and kcm ${kcmVersion} matches ${line.k0smotron}`,
        "remove the template of k0smotron from Management, so that kcm installs its own",
      );
    },
  },
];

/** kcm's chart installs cert-manager unless its values disable it. */
function kcmInstallsCertManager({ stack }: CheckContext): boolean {
  return at(stack.management.kcm.values, "cert-manager", "enabled") !== false;
}

function isUnavailable({ status }: KubernetesObject): boolean {
  return (integer(status?.["availableReplicas"]) ?? 0) === 0;
}

async function withoutCertManager(context: CheckContext, reader: Reader, kcm: InstalledKcm): Promise<CheckOutcome> {
  const missing = "cert-manager is not installed";
  if (installsKcm(context, kcm)) {
    if (kcmInstallsCertManager(context)) return pass(`${missing}: kcm installs it`);
    return fail(
      `${missing}, and management.kcm.values disable it`,
      "install cert-manager first, or remove cert-manager.enabled from management.kcm.values",
    );
  }
  if (kcm.management === undefined && !context.stack.management.adopt && kcmInstallsCertManager(context)) {
    return inconclusive(
      `${missing}, and kcm has no Management yet: an up was interrupted, and kcm installs the rest`,
      "run pulumi up again; if cert-manager is still not installed after it, see the pods of kcm-system",
    );
  }
  if ((await reader.object(WEBHOOKS, { name: KCM_WEBHOOK })) !== undefined) {
    return inconclusive(
      `${missing}, and kcm's webhook is registered: what issues certificates for CAPX and k0smotron is unknown`,
      "install cert-manager unless something replaces it",
    );
  }
  return fail(
    `${missing}: the webhooks of kcm, CAPX and k0smotron get no certificates`,
    "install cert-manager, or let kcm install it",
  );
}

/** Version of k0smotron's control plane provider, as the operator installed it. */
async function k0smotronVersion(reader: Reader): Promise<string | undefined> {
  const providers = (await reader.list(CONTROL_PLANE_PROVIDERS, { namespace: NAMESPACE })) ?? [];
  const provider = providers.find(({ metadata }) => metadata.name.includes("k0smotron"));
  const version = at(provider, "status", "installedVersion") ?? at(provider, "spec", "version");
  return text(version)?.replace(/^v/, "");
}
