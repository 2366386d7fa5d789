import { describeCheck, kcm, live } from "./failing-management-checks.ts";

const MANAGEMENTS = "/apis/k0rdent.mirantis.com/v1beta1/managements/kcm";
const KINDS = ["v1 Secret", "v1 ConfigMap", "v1 Namespace"];

describeCheck("shared-objects-are-admitted", {
  "passes where all are taken": {
    kinds: KINDS,
    objects: kcm(),
    says: [": pass: 4 of 4 objects are accepted by a dry run"],
  },
  "fails on what a webhook denies": {
    kinds: KINDS,
    objects: kcm(),
    refused: {
      [MANAGEMENTS]: {
        code: 403,
        message:
          'admission webhook "validation.management" denied the request: the provider aws is used by Cluster far',
      },
    },
    says: [
      ": fail: Management/kcm is denied by the webhook validation.management (403): the provider aws is used by Cluster far; mend what it names; the up would fail on it at once",
    ],
  },
  "fails on what the server does not take without a reason that is known": {
    kinds: KINDS,
    objects: kcm(),
    refused: { [MANAGEMENTS]: { code: 500, message: "etcdserver: no space" } },
    says: [": fail: Management/kcm is refused (500): etcdserver: no space; look at the API server's log"],
  },
});

describeCheck("management-permissions-are-sufficient", {
  "passes for a user who may do everything": {
    objects: [live("v1 Namespace kcm-system")],
    says: [": pass: jane may do everything"],
  },
});
