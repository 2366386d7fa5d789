import { describeCheck, kcm, live } from "./failing-management-checks.ts";

const K0RDENT = "k0rdent.mirantis.com/v1beta1";
const adopt = (settings: Record<string, any>) => {
  settings["management"].adopt = true;
};
const version =
  (text: string, adopted = false) =>
  (settings: Record<string, any>) => {
    settings["management"].kcm.version = text;
    settings["management"].adopt = adopted;
  };
const BRING = "set management.adopt: false, so that this stack installs kcm, or name the cluster that has one";

describeCheck("kcm-version-matches", {
  "passes where kcm comes with the up": { says: [": pass: kcm is not there: 1.2.0 comes with this up"] },
  "fails where kcm is to be adopted and is not there": {
    stack: adopt,
    says: [`: fail: there is no kcm on this cluster, and management.adopt is true; ${BRING}`],
  },
  "passes on the version of the stack": { objects: kcm(), stack: adopt, says: [": pass: kcm 1.2.0 runs"] },
  "says that a line was not tested": {
    objects: kcm("1.5.0"),
    stack: version("1.5.0"),
    says: [": pass: kcm 1.5.0 runs; the objects of this project were not tested with that line"],
  },
  "fails on a version that nobody knows": {
    objects: kcm("3.0.0"),
    says: [
      ": fail: kcm 3.0.0 runs, and what is known here is 1.2 to 1.11; use a version of this project that knows it",
    ],
  },
  "fails where an adopted kcm is of another version than the stack says": {
    objects: kcm("1.11.0"),
    stack: adopt,
    says: [
      ": fail: kcm 1.11.0 runs, and the stack names 1.2.0, by which CAPX is chosen; set management.kcm.version: 1.11.0",
    ],
  },
  "passes where this up brings a newer one": {
    objects: kcm("1.2.0"),
    stack: version("1.11.0"),
    says: [": pass: kcm 1.2.0 runs: this up brings 1.11.0"],
  },
  "does not know whether kcm can go back": {
    objects: kcm("1.11.0"),
    says: [
      ": not known: kcm 1.11.0 runs, and the stack names the older 1.2.0: whether kcm can go back is not known; set management.kcm.version: 1.11.0",
    ],
  },
  "does not know a version that nothing says": {
    objects: [live("apps/v1 Deployment kcm-system/kcm-controller-manager")],
    says: [": not known: kcm runs, and neither its Release nor its Deployment says a version"],
  },
  "does not know what it may not read": {
    objects: kcm(),
    forbidden: ["/apis/k0rdent.mirantis.com/v1beta1/releases"],
    says: [
      ": not known: jane may not read /apis/k0rdent.mirantis.com/v1beta1/releases; allow it, or ask with another user",
    ],
  },
});

const READY = [{ type: "Ready", status: "True", reason: "AllComponentsHealthy" }];

describeCheck("management-is-healthy", {
  "passes where Management comes with the up": { says: [": pass: Management kcm comes with this up"] },
  "fails where an adopted one is not there": {
    stack: adopt,
    says: [`: fail: there is no Management kcm, and management.adopt is true; ${BRING}`],
  },
  "passes where every component that it names is a success": {
    objects: kcm(),
    says: [": pass: Management kcm is ready, with 5 components"],
  },
  "fails on Ready that was said before kcm had looked": {
    objects: kcm("1.2.0", { status: { conditions: READY } }),
    says: [
      ": fail: Management kcm is not ready: its controller has looked at no generation of it yet, whatever its conditions say; components: not reported yet: cluster-api-provider-k0sproject-k0smotron, projectsveltos, cluster-api-provider-nutanix; mend what it names, or wait for it: kubectl describe management kcm",
    ],
  },
  "fails on a generation that was not seen, and on a component's error": {
    objects: kcm("1.2.0", {
      spec: { providers: [{ name: "projectsveltos" }] },
      status: {
        observedGeneration: 1,
        conditions: [{ type: "Ready", status: "False", reason: "NotAllComponentsHealthy" }],
        components: { projectsveltos: { success: false, error: "HelmRelease is not ready" } },
      },
    }),
    says: [
      ": fail: Management kcm is not ready: component projectsveltos: HelmRelease is not ready; observedGeneration: its controller has seen generation 1 of 2; Ready: NotAllComponentsHealthy; mend what it names, or wait for it: kubectl describe management kcm",
    ],
  },
  "fails on one that is being deleted": {
    objects: kcm("1.2.0", { metadata: { name: "kcm", deletionTimestamp: "2026-11-24T10:00:00Z" } }),
    says: [
      ": fail: Management kcm is being deleted, since 2026-11-24T10:00:00Z; wait until it is gone, with all that kcm un-installs then; what holds it stands in its finalizers",
    ],
  },
});

const named = (...providers: { name: string; template?: string }[]) => ({ spec: { release: "kcm-1-2-0", providers } });

describeCheck("management-providers-are-complete", {
  "passes where there is no Management yet": {
    says: [": pass: no Management is there yet: its providers come with it"],
  },
  "passes where all are named and templated": {
    objects: kcm(),
    says: [
      ": pass: Management kcm names cluster-api-provider-k0sproject-k0smotron, projectsveltos, cluster-api-provider-nutanix",
    ],
  },
  "fails where an adopted Management lacks what every cluster needs": {
    objects: kcm("1.2.0", named({ name: "projectsveltos" })),
    stack: adopt,
    says: [
      ": fail: Management kcm does not name cluster-api-provider-k0sproject-k0smotron, which every cluster here needs; add it to management.providers",
    ],
  },
  "fails where this up would take a provider of somebody else away": {
    objects: kcm("1.2.0", named({ name: "projectsveltos" }, { name: "cluster-api-provider-aws" })),
    says: [
      ": fail: this up would take the provider cluster-api-provider-aws out of Management kcm; add it to management.providers, or set management.adopt: true where that Management is somebody else's",
    ],
  },
  "fails on a template that is not there, and on one that is not valid": {
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
    says: [
      "ProviderTemplate gone-1-0-0 of gone is not there",
      "ProviderTemplate broken-1-0-0 of broken is not valid (no chart)",
      "kcm's Release kcm-1-2-0 brings no provider unheard-of",
    ].map((found) => `: fail: ${found}; correct the name under management.providers, or bring the template first`),
  },
});

const OURS = "no CAPX but the one that kcm installs from this project's template";
const AWAY =
  "remove it as it was installed (clusterctl delete, or its provider in Management) when no cluster of its own is left";

describeCheck("capx-is-installed-once", {
  "passes on an empty cluster": { says: [`: pass: ${OURS}`] },
  "passes where kcm has installed ours": {
    objects: [...kcm(), live("operator.cluster.x-k8s.io/v1alpha2 InfrastructureProvider kcm-system/nutanix")],
    says: [`: pass: ${OURS}`],
  },
  "fails where another is installed in another way": {
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
    says: [
      `: fail: there is another CAPX: InfrastructureProvider capx/nutanix, Provider capx-system/infrastructure-nutanix, Deployment capx-system/capx-controller-manager; ${AWAY}`,
    ],
  },
  "fails where Management has it from another template": {
    objects: kcm("1.2.0", named({ name: "cluster-api-provider-nutanix", template: "oot-nutanix-1-0-0" })),
    says: [
      `: fail: there is another CAPX: the provider cluster-api-provider-nutanix of Management kcm (template oot-nutanix-1-0-0); ${AWAY}`,
    ],
  },
});
