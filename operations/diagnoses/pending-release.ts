import { pendingReleases } from "../../kubernetes/pending-releases.ts";
import { CAPX_RELEASE, KCM_RELEASE } from "../../manifests/names.ts";
import type { Diagnosis } from "./finding.ts";
import { objectsOf } from "./input.ts";

export const releasePending: Diagnosis = {
  id: "helm-release-pending",
  severity: "error",
  description:
    "A Helm operation on `kcm` or `nutanix-capx` has begun and not ended: a run is at work, or one was killed. After a kill every `up` fails, because Helm does not touch an unfinished release.",
  remedy:
    "wait while a run is at work; otherwise delete the Secret of the unfinished revision, which the finding names, and run `pulumi up` again",
  requires: "Secret",
  find: (input) =>
    pendingReleases(objectsOf(input, "Secret"))
      .filter(({ name }) => name === KCM_RELEASE || name === CAPX_RELEASE)
      .map(({ name, text, remedy, since }) => ({
        subject: `Helm release ${name}`,
        cause: text,
        evidence: [{ what: "object", of: `Helm release ${name}`, text, ...(since && { since }) }],
        remedy,
      })),
};
