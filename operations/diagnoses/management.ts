/** What is wrong with kcm and its providers: everything else waits for them. */
import { MANAGEMENT, PROVIDER } from "../../manifests/names.ts";
import { lineOf, minorOf } from "../../policy/rules/versions.ts";
import { at, type LiveObject, textAt } from "../live-object.ts";
import { all, type Case, conditionOf, eventsOf, falseOf, isBlind, linesOf, listAt, named } from "./case.ts";
import { type Diagnosis, type Found, nameOf, ofCondition, ofEvent, ofStatus } from "./finding.ts";

const management = (the: Case): LiveObject | undefined =>
  named(the, "Management", MANAGEMENT) ?? all(the, "Management")[0];

interface Component {
  readonly success?: boolean;
  readonly error?: string;
}
const componentsOf = (object: LiveObject) => (at(object.status, "components") ?? {}) as Record<string, Component>;

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

const nutanix = (the: Case) => named(the, "InfrastructureProvider", "nutanix");

export const configSecret: Diagnosis = {
  id: "provider-without-variables",
  severity: "error",
  means:
    "CAPX is installed with variables (address and login of Prism Central) that have no default. Without the Secret of them, named by `spec.configSecret` of its InfrastructureProvider, it never installs.",
  remedy:
    "write `credentials.global` in the stack file and run `pulumi up`: it makes the Secret nutanix-creds before the provider",
  find: (the) => {
    const provider = nutanix(the);
    if (provider === undefined) return [];
    const name = textAt(provider.spec, "configSecret", "name");
    const missing = name !== undefined && !isBlind(the, "Secret") && named(the, "Secret", name) === undefined;
    const unset = listAt(provider.status, "conditions").find(({ message }) =>
      /variables? .*(not set|missing)|value for variables/i.test(String(message ?? "")),
    );
    if (name !== undefined && !missing && unset === undefined) return [];
    const cause =
      name === undefined
        ? "CAPX has no Secret of variables: spec.configSecret is not set"
        : missing
          ? `CAPX has no variables: the Secret ${name} is not there`
          : `CAPX misses variables: ${String(unset?.["message"])}`;
    return [
      {
        subject: `component ${PROVIDER}`,
        cause,
        evidence: [
          ofStatus(provider, `spec.configSecret.name is ${name ?? "not set"}`),
          ...["Ready", "ProviderInstalled", "PreflightCheckPassed"].flatMap((type) => {
            const condition = falseOf(provider, type);
            return condition ? [ofCondition(provider, condition)] : [];
          }),
        ],
      },
    ];
  },
};

/** What a manager says whose kinds the API server does not have. */
const NEVER_SYNCS =
  /no matches for kind|timed out waiting for cache|failed to wait for .* caches to sync|could not wait for Cache/i;

export const capxVersion: Diagnosis = {
  id: "capx-version-does-not-fit",
  severity: "error",
  means:
    "CAPX follows the Cluster API that kcm brings: from 1.9 on it watches core kinds of v1beta2, which kcm up to 1.4 does not serve. Such a CAPX installs, and its caches never fill: nothing happens on Nutanix.",
  remedy:
    "set `capx.version` in the stack file to one of the versions that go with this kcm (README, Versions) and run `pulumi up`",
  find: (the) => {
    const provider = nutanix(the);
    if (provider === undefined) return [];
    const version = textAt(provider.status, "installedVersion") ?? textAt(provider.spec, "version") ?? "";
    const kcm = kcmVersion(the);
    const line = kcm === undefined ? undefined : lineOf(kcm);
    const lines = linesOf(the, "capx", NEVER_SYNCS).slice(-1);
    const fits = version === "" || line === undefined || line.capx.includes(minorOf(version));
    if (fits && lines.length === 0) return [];
    const allowed =
      line === undefined ? "" : `; with kcm ${kcm} go ${line.capx.map((minor) => `${minor}.x`).join(", ")}`;
    return [
      {
        subject: `component ${PROVIDER}`,
        cause: fits
          ? `CAPX ${version} asks for kinds that this management cluster does not serve${allowed}`
          : `CAPX ${version} does not go with kcm ${kcm}${allowed}`,
        evidence: [
          ofStatus(provider, `installed version ${version}`),
          ...lines.map(({ pod, line: text }) => ({ what: "log" as const, of: `Pod ${pod}`, text })),
        ],
      },
    ];
  },
};

/** kcm's version as its Release tells it, else as the Release's name does. */
export function kcmVersion(the: Case): string | undefined {
  const name = textAt(management(the)?.spec, "release");
  const release = named(the, "Release", name);
  return textAt(release?.spec, "version") ?? name?.replace(/^kcm-/, "").replaceAll("-", ".");
}

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

export const MANAGEMENT_DIAGNOSES = [noManagement, configSecret, capxVersion, controllerDown, prematureReady];
