import { describeCheck, kcm, live } from "./failing-management-checks.ts";

const CERTIFICATES = "cert-manager.io/v1 Certificate";
const deployment = (name: string, availableReplicas: number) =>
  live(`apps/v1 Deployment certificates/${name}`, {
    metadata: { name, labels: { "app.kubernetes.io/name": name } },
    status: { availableReplicas },
  });
const without = (settings: Record<string, any>) => {
  settings["management"].kcm.values = { "cert-manager": { enabled: false } };
};

describeCheck("cert-manager-is-ready", {
  "passes where kcm brings it": { says: [": pass: cert-manager is not there: it comes with kcm"] },
  "fails where the stack's values keep kcm from bringing it": {
    stack: without,
    says: [
      ": fail: cert-manager is not there, and management.kcm.values keep kcm from bringing it; install cert-manager first, or leave cert-manager.enabled out of management.kcm.values",
    ],
  },
  "fails where it is there and kcm would bring another": {
    kinds: [CERTIFICATES],
    objects: [
      live("apiextensions.k8s.io/v1 CustomResourceDefinition certificates.cert-manager.io", {
        metadata: { name: "certificates.cert-manager.io", annotations: { "meta.helm.sh/release-name": "certs" } },
      }),
    ],
    says: [
      ": fail: cert-manager is there already (its definitions are of certs), and kcm's chart brings its own; set management.kcm.values: {cert-manager: {enabled: false}}",
    ],
  },
  "passes where it works": {
    kinds: [CERTIFICATES],
    objects: [deployment("cert-manager", 1), deployment("webhook", 2)],
    stack: without,
    says: [": pass: cert-manager works in certificates"],
  },
  "fails where one of its parts has no pod": {
    kinds: [CERTIFICATES],
    objects: [deployment("cert-manager", 1), deployment("webhook", 0)],
    stack: without,
    says: [
      ": fail: cert-manager does not work: no pod of certificates/webhook is available; look at its pods: kubectl get pods -A -l app.kubernetes.io/name=cert-manager",
    ],
  },
  "does not know who runs it where its kinds are served and nothing bears its labels": {
    kinds: [CERTIFICATES],
    stack: without,
    says: [": not known: cert-manager's kinds are served, and no Deployment of its labels is there"],
  },
  "fails where kcm is there without it": {
    objects: kcm(),
    says: [
      ": fail: cert-manager is not there: neither kcm's webhooks nor those of CAPX and k0smotron get a certificate; install cert-manager, or let kcm bring it",
    ],
  },
  "does not know who makes certificates where kcm's webhook works without it": {
    objects: [
      ...kcm(),
      live("admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration kcm-validating-webhook-configuration"),
    ],
    says: [
      ": not known: cert-manager is not there, and kcm's webhook is registered: who makes the certificates of CAPX and k0smotron is not known; install cert-manager unless something takes its place",
    ],
  },
});

const SERVED = "controlplane.cluster.x-k8s.io/v1beta1 K0smotronControlPlane";
const provider = (installedVersion: string) =>
  live("operator.cluster.x-k8s.io/v1alpha2 ControlPlaneProvider kcm-system/k0sproject-k0smotron", {
    status: { installedVersion },
  });

describeCheck("k0smotron-is-compatible", {
  "passes where it comes with Management": { says: [": pass: k0smotron comes with Management"] },
  "fails where the API of the charts is not served": {
    objects: kcm(),
    says: [
      ": fail: controlplane.cluster.x-k8s.io/v1beta1 is not served, which the cluster charts write for kcm 1.2.0; wait until k0smotron is installed, or write the version of kcm that runs in management.kcm.version",
    ],
  },
  "passes where it is served, and nobody says which version": {
    objects: kcm(),
    kinds: [SERVED],
    says: [": pass: k0smotron serves controlplane.cluster.x-k8s.io/v1beta1"],
  },
  "passes on the version that goes with kcm": {
    objects: [...kcm(), provider("v1.6.2")],
    kinds: [SERVED],
    says: [": pass: k0smotron 1.6.2 serves controlplane.cluster.x-k8s.io/v1beta1"],
  },
  "does not know another version": {
    objects: [...kcm(), provider("v1.9.0")],
    kinds: [SERVED],
    says: [
      ": not known: k0smotron 1.9.0 runs, and 1.6.0 – 1.6.2 goes with kcm 1.2.0; let kcm install its own: leave the template of k0smotron out of Management",
    ],
  },
});
