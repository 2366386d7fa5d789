import { describeCheck, kcm, live, type ManagementScenario } from "./management-scenario.ts";

const MANAGEMENTS = "/apis/k0rdent.mirantis.com/v1beta1/managements/kcm";
const KINDS = ["v1 Secret", "v1 ConfigMap", "v1 Namespace"];

describeCheck("shared-objects-are-admitted", {
  "passes where all are accepted": [
    { kinds: KINDS, objects: kcm() },
    ": pass: 4 of 4 objects are accepted in a dry run",
  ],
  "fails on what a webhook denies": [
    {
      kinds: KINDS,
      objects: kcm(),
      rejected: {
        [MANAGEMENTS]: {
          code: 403,
          message:
            'admission webhook "validation.management" denied the request: the provider aws is used by Cluster far',
        },
      },
    },
    ": fail: Management/kcm is denied by the webhook validation.management (403): the provider aws is used by Cluster far; fix this; the up would fail at once",
  ],
  "fails on an unknown reason": [
    { kinds: KINDS, objects: kcm(), rejected: { [MANAGEMENTS]: { code: 500, message: "etcdserver: no space" } } },
    ": fail: Management/kcm is rejected (500): etcdserver: no space; check the API server's log",
  ],
});

const K0RDENT = "k0rdent.mirantis.com/v1beta1";
/** The cluster demo, which exists, gets a service whose template is not there. */
const withService = (template: string): ManagementScenario => ({
  kinds: [...KINDS, `${K0RDENT} ClusterDeployment`],
  objects: [
    ...kcm(),
    live(`${K0RDENT} ClusterTemplate kcm-system/nutanix-k0s-hcp-1-0-0`, { status: { valid: true } }),
    live(`${K0RDENT} Credential kcm-system/demo-nutanix`, { status: { ready: true } }),
  ],
  clusters: ["demo"],
  stack: (settings) => {
    settings["serviceTemplates"] = { ingress: { repository: "https://charts.example.com", versions: ["4.13.0"] } };
    settings["clusters"].demo.services = { ingress: template === "nowhere" ? { existingTemplate: template } : {} };
  },
  rejected: {
    "/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clusterdeployments/demo": {
      code: 404,
      message: `admission webhook "validation.clusterdeployment" denied the request: ServiceTemplate.k0rdent.mirantis.com "${template}" not found`,
    },
  },
});

describeCheck("cluster-is-admitted", {
  "passes where this up writes the template of a service": [
    withService("ingress-4-13-0"),
    " [demo]: pass: 3 of 4 objects are accepted in a dry run; this up installs what ClusterDeployment/demo need",
  ],
  "fails where no object of the stack is that template": [
    withService("nowhere"),
    ' [demo]: fail: ClusterDeployment/demo is denied by the webhook validation.clusterdeployment (404): ServiceTemplate.k0rdent.mirantis.com "nowhere" not found; create what it refers to first, or correct the name',
  ],
});

describeCheck("management-permissions-are-sufficient", {
  "passes for a user with all permissions": [
    { objects: [live("v1 Namespace kcm-system")] },
    ": pass: jane has all permissions",
  ],
});
