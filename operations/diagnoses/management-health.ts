/** What is wrong with kcm and its providers: everything else waits for them. */

import { at, type KubernetesObject, textAt } from "../../kubernetes/object.ts";
import { MANAGEMENT } from "../../manifests/names.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";
import { all, conditionOf, type DiagnosisInput, eventsOf, falseOf, isBlind, listAt, named } from "./input.ts";

/** The one Management, whatever it is called. */
export const management = (the: DiagnosisInput): KubernetesObject | undefined =>
  named(the, "Management", MANAGEMENT) ?? all(the, "Management")[0];

interface Component {
  readonly success?: boolean;
  readonly error?: string;
}
const componentsOf = (object: KubernetesObject) => (at(object.status, "components") ?? {}) as Record<string, Component>;

export const noManagement: Diagnosis = {
  id: "management-missing",
  severity: "error",
  means: "There is no Management object, so kcm installs no provider and takes no cluster.",
  remedy: "run `pulumi up`, which writes it; if kcm was removed by hand, look at `helm -n kcm-system list` first",
  find: (the) => {
    if (management(the) !== undefined || isBlind(the, "Management")) return [];
    const gap = the.snapshot.gaps.find(({ kind }) => kind === "Management");
    const cause =
      gap === undefined ? "there is no Management object" : "kcm is not installed: its kinds are not served";
    return [
      {
        subject: `Management ${MANAGEMENT}`,
        cause,
        evidence: [{ what: "object", of: `Management ${MANAGEMENT}`, text: gap?.message ?? "not found" }],
      },
    ];
  },
};

export const prematureReady: Diagnosis = {
  id: "management-ready-too-early",
  severity: "warning",
  means:
    "kcm says Ready before it has looked at its components: it does so in the first minutes of a fresh installation, with no component reported. `kubectl wait` returns at once and what follows fails.",
  remedy:
    "wait some minutes: kcm takes it back by itself; `pulumi up` waits for each provider, not for this condition. If it stays, cert-manager's webhook is not up: look at its pods",
  find: (the) => {
    const object = management(the);
    const ready = object && conditionOf(object, "Ready");
    if (object === undefined || ready?.status !== "True" || Object.keys(componentsOf(object)).length > 0) return [];
    return [
      {
        subject: nameOf(object),
        cause: "Management says Ready, and has not looked: it reports no component",
        evidence: [ofCondition(object, ready), ofStatus(object, "status.components is empty")],
      },
    ];
  },
};

/** Waiting for another component is a consequence: only what fails by itself is told. */
const WAITS_FOR_ANOTHER = /Some dependencies are not ready yet/;

export const componentFailed: Diagnosis = {
  id: "component-failed",
  severity: "error",
  means:
    "A component that Management names (kcm, Cluster API, or a provider) is not installed, and clusters that need it wait.",
  remedy: "read the component's error; look at its HelmRelease and pods in kcm-system",
  yieldsTo: "subject",
  find: (the) => {
    const object = management(the);
    if (object === undefined) return [];
    const failing = Object.entries(componentsOf(object)).filter(
      ([, { success, error = "" }]) => success !== true && error !== "" && !WAITS_FOR_ANOTHER.test(error),
    );
    return failing.map(([name, { error = "" }]): Found => {
      const release = named(the, "HelmRelease", name);
      const verdict = release && falseOf(release, "Ready");
      return {
        subject: `component ${name}`,
        cause: `component ${name} is not installed: ${firstLine(error)}`,
        evidence: [
          ofStatus(object, `components.${name}.error: ${error}`),
          ...(release && verdict ? [ofCondition(release, verdict)] : []),
        ],
      };
    });
  },
};

const BROKEN = [
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "CreateContainerConfigError",
  "RunContainerError",
];

export const controllerDown: Diagnosis = {
  id: "controller-down",
  severity: "error",
  means:
    "A controller's pod does not run: everything that it looks after stands still, and what is deleted waits for it.",
  remedy:
    "look at the pod's log (`npm run doctor -- --bundle` collects it); an image that cannot be pulled needs registry access or a mirror",
  find: (the) =>
    all(the, "Pod").flatMap((pod): Found[] => {
      // Pods of hosted control planes and what is none of a controller's have diagnoses of their own.
      if (pod.metadata.labels?.["app"] === "k0smotron" || pod.metadata.ownerReferences === undefined) return [];
      return listAt(pod.status, "containerStatuses").flatMap((container) => {
        const reason = textAt(container, "state", "waiting", "reason") ?? "";
        if (!BROKEN.includes(reason)) return [];
        const message = textAt(container, "state", "waiting", "message") ?? "";
        const last = the.logs.find((log) => log.pod === pod.metadata.name)?.lines.at(-1);
        return [
          {
            subject: nameOf(pod),
            cause: `the pod ${pod.metadata.name} does not run: ${reason}`,
            evidence: [
              ofStatus(pod, `${String(container["name"])}: ${[reason, message].filter(Boolean).join(": ")}`),
              ...eventsOf(the, pod).slice(0, 1).map(ofEvent),
              ...(last === undefined ? [] : [{ what: "log" as const, of: nameOf(pod), text: last }]),
            ],
          },
        ];
      });
    }),
};

export function firstLine(text: string): string {
  return (
    text
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? text
  );
}
