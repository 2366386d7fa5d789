import { groupPath, KINDS } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { compareMinors, lineOf, minorOf } from "../../policy/rules/versions.ts";
import { answer, type CheckContext, type CheckResult, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";
import { type Installed, installed, kcmComes } from "./installed.ts";
import type { Reader } from "./reader.ts";

const CERTIFICATES = { apiVersion: "cert-manager.io/v1", kind: "Certificate" };
const CERT_MANAGER = "app.kubernetes.io/name in (cert-manager,webhook,cainjector)";
const WEBHOOK = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" };
const KCM_WEBHOOK = "kcm-validating-webhook-configuration";
const LEFT_OUT = "set management.kcm.values: {cert-manager: {enabled: false}}";

/** kcm's chart brings cert-manager unless its values say otherwise. */
function bringsCertManager({ stack }: CheckContext): boolean {
  const values = stack.management.kcm.values as { "cert-manager"?: { enabled?: unknown } } | undefined;
  return values?.["cert-manager"]?.enabled !== false;
}

/** Deployments of cert-manager that have no pod that works. */
function idle(deployments: readonly KubernetesObject[]): string[] {
  return deployments
    .filter(({ status }) => !((status?.["availableReplicas"] as number | undefined) ?? 0))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

async function withoutCertManager(context: CheckContext, reader: Reader, live: Installed): Promise<CheckResult> {
  const say = answer(certManagerIsReady.id);
  if (kcmComes(context, live)) {
    if (bringsCertManager(context)) return say.pass("cert-manager is not there: it comes with kcm");
    return say.fail(
      "cert-manager is not there, and management.kcm.values keep kcm from bringing it",
      "install cert-manager first, or leave cert-manager.enabled out of management.kcm.values",
    );
  }
  if ((await reader.object(WEBHOOK, { name: KCM_WEBHOOK })) !== undefined) {
    return say.unknown(
      "cert-manager is not there, and kcm's webhook is registered: who makes the certificates of CAPX and k0smotron is not known",
      "install cert-manager unless something takes its place",
    );
  }
  return say.fail(
    "cert-manager is not there: neither kcm's webhooks nor those of CAPX and k0smotron get a certificate",
    "install cert-manager, or let kcm bring it",
  );
}

export const certManagerIsReady: StackCheck = {
  id: "cert-manager-is-ready",
  asks: "is cert-manager there and working, or does kcm bring it, and not both?",
  scope: "stack",
  run: async (context) => {
    const say = answer(certManagerIsReady.id);
    const reader = await managementOf(context);
    const [live, served] = await Promise.all([installed(reader), reader.serves(CERTIFICATES)]);
    if (!served) return [await withoutCertManager(context, reader, live)];
    if (kcmComes(context, live) && bringsCertManager(context)) {
      const definition = await reader.object(KINDS.CustomResourceDefinition, { name: "certificates.cert-manager.io" });
      const owner = definition?.metadata.annotations?.["meta.helm.sh/release-name"] ?? "nobody that Helm knows";
      return [
        say.fail(
          `cert-manager is there already (its definitions are of ${owner}), and kcm's chart brings its own`,
          LEFT_OUT,
        ),
      ];
    }
    const deployments = (await reader.list(KINDS.Deployment, { selector: CERT_MANAGER })) ?? [];
    const broken = idle(deployments);
    if (broken.length > 0) {
      return [
        say.fail(
          `cert-manager does not work: no pod of ${broken.join(", ")} is available`,
          "look at its pods: kubectl get pods -A -l app.kubernetes.io/name=cert-manager",
        ),
      ];
    }
    if (deployments.length === 0)
      return [say.unknown("cert-manager's kinds are served, and no Deployment of its labels is there")];
    return [say.pass(`cert-manager works in ${deployments[0]?.metadata.namespace}`)];
  },
};

const CONTROL_PLANES = { apiVersion: "operator.cluster.x-k8s.io/v1alpha2", kind: "ControlPlaneProvider" };

/** Version of the control plane provider of k0smotron, as the operator installed it. */
async function k0smotronVersion(reader: Reader): Promise<string | undefined> {
  const providers = (await reader.list(CONTROL_PLANES, { namespace: NAMESPACE })) ?? [];
  const one = providers.find(({ metadata }) => metadata.name.includes("k0smotron"));
  const installedVersion = one?.status?.["installedVersion"] ?? one?.spec?.["version"];
  return typeof installedVersion === "string" ? installedVersion.replace(/^v/, "") : undefined;
}

export const k0smotronIsCompatible: StackCheck = {
  id: "k0smotron-is-compatible",
  asks: "is k0smotron at the version that goes with kcm, and does it serve the API that the cluster charts write?",
  scope: "stack",
  run: async (context) => {
    const say = answer(k0smotronIsCompatible.id);
    const reader = await managementOf(context);
    const live = await installed(reader);
    if (live.management === undefined) return [say.pass("k0smotron comes with Management")];
    const line = lineOf(context.stack.management.kcm.version);
    if (line === undefined) return [say.unknown("which k0smotron goes with this kcm is not known")];
    const apiVersion = `controlplane.cluster.x-k8s.io/${line.k0smotronApi}`;
    const [served, version] = await Promise.all([reader.get(groupPath(apiVersion)), k0smotronVersion(reader)]);
    if (served === undefined) {
      return [
        say.fail(
          `${apiVersion} is not served, which the cluster charts write for kcm ${context.stack.management.kcm.version}`,
          "wait until k0smotron is installed, or write the version of kcm that runs in management.kcm.version",
        ),
      ];
    }
    if (version === undefined) return [say.pass(`k0smotron serves ${apiVersion}`)];
    const [from = "", to = from] = line.k0smotron.split(" – ");
    const fits =
      compareMinors(minorOf(version), minorOf(from)) >= 0 && compareMinors(minorOf(version), minorOf(to)) <= 0;
    if (fits) return [say.pass(`k0smotron ${version} serves ${apiVersion}`)];
    return [
      say.unknown(
        `k0smotron ${version} runs, and ${line.k0smotron} goes with kcm ${context.stack.management.kcm.version}`,
        "let kcm install its own: leave the template of k0smotron out of Management",
      ),
    ];
  },
};
