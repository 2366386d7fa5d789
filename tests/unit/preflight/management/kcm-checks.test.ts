import type { SettingsInput } from "../check-context.ts";
import { describeCheck, kcm, live } from "./management-scenario.ts";

const K0RDENT = "k0rdent.mirantis.com/v1beta1";
const adopt = (settings: SettingsInput) => {
  settings["management"].adopt = true;
};
const version =
  (text: string, adopted = false) =>
  (settings: SettingsInput) => {
    settings["management"].kcm.version = text;
    settings["management"].adopt = adopted;
  };

const revision = (status: string) =>
  live("v1 Secret kcm-system/sh.helm.release.v1.kcm.v1", {
    metadata: {
      name: "sh.helm.release.v1.kcm.v1",
      namespace: "kcm-system",
      labels: { owner: "helm", name: "kcm", status },
    },
  });

describeCheck("helm-releases-are-not-pending", {
  "passes on a release that is deployed": [{ objects: [revision("deployed")] }, ": pass: no Helm release is pending"],
  "fails on one that a killed run left, with the way out": [
    { objects: [revision("pending-install")] },
    ": fail: Helm release kcm in kcm-system is pending-install; if no run is at work on it, run kubectl delete secret sh.helm.release.v1.kcm.v1 -n kcm-system, then pulumi up again",
  ],
  "fails on an uninstallation that a killed run left": [
    { objects: [revision("uninstalling")] },
    ": fail: Helm release kcm in kcm-system is uninstalling; if no run is at work on it, run helm uninstall kcm -n kcm-system, then pulumi up again",
  ],
});

describeCheck("kcm-version-matches", {
  "passes where this up installs kcm": [{}, ": pass: kcm is not installed: this up installs 1.2.0"],
  "fails where kcm is adopted and not installed": [
    { stack: adopt },
    ": fail: kcm is not installed, and management.adopt is true; set management.adopt: false to install kcm, or the kubeconfig of the cluster that has one",
  ],
  "passes on the version of the stack": [{ objects: kcm(), stack: adopt }, ": pass: kcm 1.2.0 runs"],
  "passes on a version that is not tested, and says so": [
    { objects: kcm("1.5.0"), stack: version("1.5.0") },
    ": pass: kcm 1.5.0 runs; this project's objects are not tested with it",
  ],
  "fails on an unsupported version": [
    { objects: kcm("3.0.0") },
    ": fail: kcm 3.0.0 runs; supported are 1.2 to 1.12; use a version of this project that supports it",
  ],
  "fails where an adopted kcm has another version than the stack": [
    { objects: kcm("1.11.0"), stack: adopt },
    ": fail: kcm 1.11.0 runs, and the stack has 1.2.0, which decides the CAPX; set management.kcm.version: 1.11.0",
  ],
  "passes where this up upgrades it": [
    { objects: kcm("1.2.0"), stack: version("1.11.0") },
    ": pass: kcm 1.2.0 runs: this up upgrades it to 1.11.0",
  ],
  "is inconclusive on a downgrade": [
    { objects: kcm("1.11.0") },
    ": inconclusive: kcm 1.11.0 runs; whether it can be downgraded to 1.2.0 is unknown; set management.kcm.version: 1.11.0",
  ],
  "is inconclusive without a version": [
    { objects: [live("apps/v1 Deployment kcm-system/kcm-controller-manager")] },
    ": inconclusive: kcm runs, and neither its Release nor its Deployment has a version",
  ],
  "is inconclusive where it may not read": [
    { objects: kcm(), forbidden: ["/apis/k0rdent.mirantis.com/v1beta1/releases"] },
    ": inconclusive: jane may not read /apis/k0rdent.mirantis.com/v1beta1/releases; grant the permission, or use another user",
  ],
});

const READY = [{ type: "Ready", status: "True", reason: "AllComponentsHealthy" }];

describeCheck("management-is-healthy", {
  "passes where this up creates Management": [{}, ": pass: this up creates Management kcm"],
  "fails where an adopted one does not exist": [
    { stack: adopt },
    ": fail: Management kcm does not exist, and management.adopt is true; set management.adopt: false to install kcm, or the kubeconfig of the cluster that has one",
  ],
  "passes where every component is a success": [
    { objects: kcm() },
    ": pass: Management kcm is ready, with 5 components",
  ],
  "fails on Ready before kcm observed a generation": [
    { objects: kcm("1.2.0", { status: { conditions: READY } }) },
    ": fail: Management kcm is not ready: its controller has observed no generation, whatever the conditions say; components: not reported yet: cluster-api-provider-k0sproject-k0smotron, projectsveltos, cluster-api-provider-nutanix; fix this, or wait: kubectl describe management kcm",
  ],
  "fails on a generation that is not observed, and on a component's error": [
    {
      objects: kcm("1.2.0", {
        spec: { providers: [{ name: "projectsveltos" }] },
        status: {
          observedGeneration: 1,
          conditions: [{ type: "Ready", status: "False", reason: "NotAllComponentsHealthy" }],
          components: { projectsveltos: { success: false, error: "HelmRelease is not ready" } },
        },
      }),
    },
    ": fail: Management kcm is not ready: component projectsveltos: HelmRelease is not ready; observedGeneration: its controller has seen generation 1 of 2; Ready: NotAllComponentsHealthy; fix this, or wait: kubectl describe management kcm",
  ],
  "fails on one that is terminating": [
    { objects: kcm("1.2.0", { metadata: { name: "kcm", deletionTimestamp: "2026-11-24T10:00:00Z" } }) },
    ": fail: Management kcm is terminating since 2026-11-24T10:00:00Z; wait until it is deleted, with all that kcm uninstalls; its finalizers show what blocks it",
  ],
});

const named = (...providers: { name: string; template?: string }[]) => ({ spec: { release: "kcm-1-2-0", providers } });

describeCheck("management-providers-are-complete", {
  "passes without Management": [{}, ": pass: Management does not exist yet: this up creates it with its providers"],
  "passes where all have templates": [
    { objects: kcm() },
    ": pass: Management kcm has the providers cluster-api-provider-k0sproject-k0smotron, projectsveltos, cluster-api-provider-nutanix",
  ],
  "fails where an adopted Management has no provider that every cluster needs": [
    { objects: kcm("1.2.0", named({ name: "projectsveltos" })), stack: adopt },
    ": fail: Management kcm has no provider cluster-api-provider-k0sproject-k0smotron, which every cluster needs; add it to management.providers",
  ],
  "fails where this up would remove another provider": [
    { objects: kcm("1.2.0", named({ name: "projectsveltos" }, { name: "cluster-api-provider-aws" })) },
    ": fail: this up would remove the provider cluster-api-provider-aws from Management kcm; add it to management.providers, or set management.adopt: true where another tool manages it",
  ],
  "fails on a missing template, an invalid one, and an unknown provider": [
    {
      objects: [
        ...kcm(),
        live(`${K0RDENT} ProviderTemplate broken-1-0-0`, { status: { valid: false, validationError: "no chart" } }),
      ],
      stack: (settings) => {
        settings["management"].providers = [
          { name: "gone", template: "gone-1-0-0" },
          { name: "broken", template: "broken-1-0-0" },
          { name: "unheard-of" },
        ];
      },
    },
    ": fail: ProviderTemplate gone-1-0-0 of gone does not exist; correct the name under management.providers, or install the template first",
    ": fail: ProviderTemplate broken-1-0-0 of broken is not valid (no chart); correct the name under management.providers, or install the template first",
    ": fail: kcm's Release kcm-1-2-0 has no provider unheard-of; correct the name under management.providers, or install the template first",
  ],
});

describeCheck("capx-is-installed-once", {
  "passes on an empty cluster": [{}, ": pass: no CAPX beside the one of this project's provider template"],
  "passes where kcm installed ours": [
    { objects: [...kcm(), live("operator.cluster.x-k8s.io/v1alpha2 InfrastructureProvider kcm-system/nutanix")] },
    ": pass: no CAPX beside the one of this project's provider template",
  ],
  "fails where others are installed": [
    {
      objects: [
        live("operator.cluster.x-k8s.io/v1alpha2 InfrastructureProvider capx/nutanix"),
        live("operator.cluster.x-k8s.io/v1alpha2 InfrastructureProvider aws/aws"),
        live("clusterctl.cluster.x-k8s.io/v1alpha3 Provider capx-system/infrastructure-nutanix", {
          providerName: "nutanix",
          type: "InfrastructureProvider",
        }),
        live("apps/v1 Deployment capx-system/capx-controller-manager", {
          metadata: {
            name: "capx-controller-manager",
            labels: { "cluster.x-k8s.io/provider": "infrastructure-nutanix" },
          },
        }),
      ],
    },
    ": fail: another CAPX is installed: InfrastructureProvider capx/nutanix, Provider capx-system/infrastructure-nutanix, Deployment capx-system/capx-controller-manager; uninstall it (clusterctl delete, or its provider in Management) after its last cluster is deleted",
  ],
  "fails where Management has it with another template": [
    { objects: kcm("1.2.0", named({ name: "cluster-api-provider-nutanix", template: "oot-nutanix-1-0-0" })) },
    ": fail: another CAPX is installed: the provider cluster-api-provider-nutanix of Management kcm (template oot-nutanix-1-0-0); uninstall it (clusterctl delete, or its provider in Management) after its last cluster is deleted",
  ],
});
