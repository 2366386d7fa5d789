/** kcm and its providers: everything else waits for them. */
import { conditionOf } from "../../kubernetes/conditions.ts";
import { at, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { MANAGEMENT } from "../../manifests/names.ts";
import {
  conditionEvidence,
  type Diagnosis,
  eventEvidence,
  firstLine,
  nameOf,
  type Observation,
  statusEvidence,
} from "./finding.ts";
import { type DiagnosisInput, eventsOf, falseCondition, listAt, objectNamed, objectsOf } from "./input.ts";

/** The one Management, whatever its name. */
export const management = (input: DiagnosisInput): KubernetesObject | undefined =>
  objectNamed(input, "Management", MANAGEMENT) ?? objectsOf(input, "Management")[0];

function componentsOf({ status }: KubernetesObject): Record<string, { success?: boolean; error?: string }> {
  return (at(status, "components") ?? {}) as Record<string, { success?: boolean; error?: string }>;
}

export const noManagement: Diagnosis = {
  id: "management-missing",
  severity: "error",
  description: "There is no Management object, so kcm installs no provider and creates no cluster.",
  remedy: "run `pulumi up`, which creates it; if kcm was removed by hand, check `helm -n kcm-system list` first",
  requires: "Management",
  find: (input) => {
    if (management(input) !== undefined) return [];
    const gap = input.snapshot.gaps.find(({ kind }) => kind === "Management");
    const subject = `Management ${MANAGEMENT}`;
    return [
      {
        subject,
        cause: gap === undefined ? "there is no Management object" : "kcm is not installed: its kinds are not served",
        evidence: [{ what: "object", of: subject, text: gap?.message ?? "not found" }],
      },
    ];
  },
};

export const prematureReady: Diagnosis = {
  id: "management-ready-prematurely",
  severity: "warning",
  description:
    "kcm sets Ready before it has checked its components: in the first minutes of a fresh installation, with no component reported. `kubectl wait` returns at once and what follows fails.",
  remedy:
    "wait some minutes: kcm corrects it by itself, and `pulumi up` waits for each provider instead. If it stays, cert-manager's webhook does not run: check its pods",
  find: (input) => {
    const object = management(input);
    const ready = object && conditionOf(object, "Ready");
    if (object === undefined || ready?.status !== "True" || Object.keys(componentsOf(object)).length > 0) return [];
    return [
      {
        subject: nameOf(object),
        cause: "Management is Ready, but reports no component",
        evidence: [conditionEvidence(object, ready), statusEvidence(object, "status.components is empty")],
      },
    ];
  },
};

export const componentFailed: Diagnosis = {
  id: "component-failed",
  severity: "error",
  description:
    "A component of Management (kcm, Cluster API, or a provider) is not installed, and clusters that need it wait.",
  remedy: "read the component's error, its HelmRelease and its pods in kcm-system",
  yieldsTo: "subject",
  find: (input) => {
    const object = management(input);
    if (object === undefined) return [];
    // A component that waits for another is a consequence.
    const failed = Object.entries(componentsOf(object)).filter(
      ([, { success, error = "" }]) =>
        success !== true && error !== "" && !/Some dependencies are not ready yet/.test(error),
    );
    return failed.map(([name, { error = "" }]): Observation => {
      const release = objectNamed(input, "HelmRelease", name);
      const condition = falseCondition(release, "Ready");
      return {
        subject: `component ${name}`,
        cause: `component ${name} is not installed: ${firstLine(error)}`,
        evidence: [
          statusEvidence(object, `components.${name}.error: ${error}`),
          ...(release && condition ? [conditionEvidence(release, condition)] : []),
        ],
      };
    });
  },
};

const DOWN_REASONS = [
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "CreateContainerConfigError",
  "RunContainerError",
];

export const controllerDown: Diagnosis = {
  id: "controller-down",
  severity: "error",
  description: "A controller's pod does not run: its objects are not reconciled, and deletions wait for it.",
  remedy:
    "read the pod's log (`npm run doctor -- --bundle` collects it); an image that cannot be pulled needs registry access or a mirror",
  find: (input) =>
    objectsOf(input, "Pod").flatMap((pod): Observation[] => {
      // Pods of hosted control planes have diagnoses of their own; pods without an owner are not a controller's.
      if (pod.metadata.labels?.["app"] === "k0smotron" || pod.metadata.ownerReferences === undefined) return [];
      return listAt(pod.status, "containerStatuses").flatMap((container) => {
        const reason = textAt(container, "state", "waiting", "reason") ?? "";
        if (!DOWN_REASONS.includes(reason)) return [];
        const message = textAt(container, "state", "waiting", "message") ?? "";
        const last = input.logs.find((log) => log.pod === pod.metadata.name)?.lines.at(-1);
        return [
          {
            subject: nameOf(pod),
            cause: `the pod ${pod.metadata.name} does not run: ${reason}`,
            evidence: [
              statusEvidence(pod, `${String(container["name"])}: ${[reason, message].filter(Boolean).join(": ")}`),
              ...eventsOf(input, pod).slice(0, 1).map(eventEvidence),
              ...(last === undefined ? [] : [{ what: "log" as const, of: nameOf(pod), text: last }]),
            ],
          },
        ];
      });
    }),
};
