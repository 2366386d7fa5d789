import { describeCheck, kcm, live } from "./management-scenario.ts";

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

describeCheck("management-permissions-are-sufficient", {
  "passes for a user with all permissions": [
    { objects: [live("v1 Namespace kcm-system")] },
    ": pass: jane has all permissions",
  ],
});
