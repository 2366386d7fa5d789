import type { SettingsInput } from "../check-context.ts";
import { describeCheck, kcm, live } from "./management-scenario.ts";

const CERTIFICATES = "cert-manager.io/v1 Certificate";
const deployment = (name: string, availableReplicas: number) =>
  live(`apps/v1 Deployment certificates/${name}`, {
    metadata: { name, labels: { "app.kubernetes.io/name": name } },
    status: { availableReplicas },
  });
const without = (settings: SettingsInput) => {
  settings["management"].kcm.values = { "cert-manager": { enabled: false } };
};

describeCheck("cert-manager-is-ready", {
  "passes where kcm installs it": [{}, ": pass: cert-manager is not installed: kcm installs it"],
  "fails where the stack's values disable it": [
    { stack: without },
    ": fail: cert-manager is not installed, and management.kcm.values disable it; install cert-manager first, or remove cert-manager.enabled from management.kcm.values",
  ],
  "fails where it is installed and kcm installs another": [
    {
      kinds: [CERTIFICATES],
      objects: [
        live("apiextensions.k8s.io/v1 CustomResourceDefinition certificates.cert-manager.io", {
          metadata: { name: "certificates.cert-manager.io", annotations: { "meta.helm.sh/release-name": "certs" } },
        }),
      ],
    },
    ": fail: cert-manager is installed (Helm release: certs), and kcm's chart installs its own; set management.kcm.values: {cert-manager: {enabled: false}}",
  ],
  "passes where it is ready": [
    { kinds: [CERTIFICATES], objects: [deployment("cert-manager", 1), deployment("webhook", 2)], stack: without },
    ": pass: cert-manager is ready in certificates",
  ],
  "fails where a Deployment has no available pod": [
    { kinds: [CERTIFICATES], objects: [deployment("cert-manager", 1), deployment("webhook", 0)], stack: without },
    ": fail: cert-manager is not ready: no pod of certificates/webhook is available; check its pods: kubectl get pods -A -l app.kubernetes.io/name=cert-manager",
  ],
  "is inconclusive where its kinds are served and no Deployment has its labels": [
    { kinds: [CERTIFICATES], stack: without },
    ": inconclusive: cert-manager's kinds are served, and no Deployment has its labels",
  ],
  "fails where kcm is installed without it": [
    { objects: kcm() },
    ": fail: cert-manager is not installed: the webhooks of kcm, CAPX and k0smotron get no certificates; install cert-manager, or let kcm install it",
  ],
  "is inconclusive where an up was interrupted before Management": [
    { objects: kcm().filter(({ kind }) => kind !== "Management") },
    ": inconclusive: cert-manager is not installed, and kcm has no Management yet: an up was interrupted, and kcm installs the rest; run pulumi up again; if cert-manager is still not installed after it, see the pods of kcm-system",
  ],
  "is inconclusive where kcm's webhook is registered without it": [
    {
      objects: [
        ...kcm(),
        live("admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration kcm-validating-webhook-configuration"),
      ],
    },
    ": inconclusive: cert-manager is not installed, and kcm's webhook is registered: what issues certificates for CAPX and k0smotron is unknown; install cert-manager unless something replaces it",
  ],
});

const SERVED = "controlplane.cluster.x-k8s.io/v1beta1 K0smotronControlPlane";
const provider = (installedVersion: string) =>
  live("operator.cluster.x-k8s.io/v1alpha2 ControlPlaneProvider kcm-system/k0sproject-k0smotron", {
    status: { installedVersion },
  });

describeCheck("k0smotron-is-compatible", {
  "passes where this up installs it with Management": [{}, ": pass: this up installs k0smotron with Management"],
  "fails where the API of the charts is not served": [
    { objects: kcm() },
    ": fail: controlplane.cluster.x-k8s.io/v1beta1, which the cluster charts use with kcm 1.2.0, is not served; wait until k0smotron is installed, or set management.kcm.version to the installed one",
  ],
  "passes where it is served without a version": [
    { objects: kcm(), kinds: [SERVED] },
    ": pass: k0smotron serves controlplane.cluster.x-k8s.io/v1beta1",
  ],
  "passes on the version that matches kcm": [
    { objects: [...kcm(), provider("v1.6.2")], kinds: [SERVED] },
    ": pass: k0smotron 1.6.2 serves controlplane.cluster.x-k8s.io/v1beta1",
  ],
  "is inconclusive on another version": [
    { objects: [...kcm(), provider("v1.9.0")], kinds: [SERVED] },
    ": inconclusive: k0smotron 1.9.0 runs, and kcm 1.2.0 matches 1.6.0 – 1.6.2; remove the template of k0smotron from Management, so that kcm installs its own",
  ],
});
