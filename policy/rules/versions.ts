/** Versions that are compatible with a range of kcm versions, from the charts of each kcm tag. */
export interface KcmLine {
  /** Range of kcm versions, inclusive, as `major.minor`. */
  readonly kcm: readonly [from: string, to: string];
  readonly capi: string;
  readonly k0smotron: string;
  /** Compatible CAPX minors. */
  readonly capx: readonly string[];
  /** The CAPX version that is installed by default. */
  readonly defaultCapx: string;
  /** API version of the k0smotron kinds that the cluster charts render. */
  readonly k0smotronApi: "v1beta1" | "v1beta2";
  /** Name of the line in this project's charts, which decides contracts and ProviderInterface fields. */
  readonly chartLine: "1.2" | "1.5" | "1.11";
  /** Where kcm's Helm values have telemetry and velero. */
  readonly values: "controller" | "regional";
  /** Oldest and newest k0s minor that its k0smotron is tested with or kcm's own templates use. k0smotron itself rejects no other. */
  readonly k0s: readonly [from: string, to: string];
  /** k0s of clusters that set none: the one of kcm's own templates. */
  readonly defaultK0s: string;
  /** Whether this project's objects are tested with the CRDs of this line. */
  readonly tested: boolean;
}

export const KCM_LINES: readonly KcmLine[] = [
  {
    kcm: ["1.2", "1.3"],
    capi: "1.10.4",
    k0smotron: "1.6.0 – 1.6.2",
    capx: ["1.7", "1.8"],
    defaultCapx: "1.7.0",
    k0smotronApi: "v1beta1",
    chartLine: "1.2",
    values: "controller",
    k0s: ["1.28", "1.33"],
    defaultK0s: "v1.32.6+k0s.0",
    tested: true,
  },
  {
    kcm: ["1.4", "1.4"],
    capi: "1.10.5",
    k0smotron: "1.6.2",
    capx: ["1.7", "1.8"],
    defaultCapx: "1.7.0",
    k0smotronApi: "v1beta1",
    chartLine: "1.2",
    values: "controller",
    k0s: ["1.28", "1.33"],
    defaultK0s: "v1.32.6+k0s.0",
    tested: false,
  },
  {
    kcm: ["1.5", "1.6"],
    capi: "1.11.2 – 1.11.3",
    k0smotron: "1.9.0 – 1.10.1",
    capx: ["1.7", "1.8", "1.9", "1.10"],
    defaultCapx: "1.8.6",
    k0smotronApi: "v1beta1",
    chartLine: "1.5",
    values: "regional",
    k0s: ["1.28", "1.33"],
    defaultK0s: "v1.32.8+k0s.0",
    tested: false,
  },
  {
    kcm: ["1.7", "1.8"],
    capi: "1.12.2 – 1.12.3",
    k0smotron: "1.10.1",
    capx: ["1.8", "1.9", "1.10"],
    defaultCapx: "1.10.3",
    k0smotronApi: "v1beta1",
    chartLine: "1.5",
    values: "regional",
    k0s: ["1.28", "1.34"],
    defaultK0s: "v1.32.8+k0s.0",
    tested: false,
  },
  {
    kcm: ["1.9", "1.10"],
    capi: "1.12.5 – 1.13.2",
    k0smotron: "1.10.6",
    capx: ["1.8", "1.9", "1.10"],
    defaultCapx: "1.10.3",
    k0smotronApi: "v1beta1",
    chartLine: "1.5",
    values: "regional",
    k0s: ["1.28", "1.35"],
    defaultK0s: "v1.35.1+k0s.1",
    tested: false,
  },
  {
    kcm: ["1.11", "1.11"],
    capi: "1.13.4",
    k0smotron: "2.0.4",
    capx: ["1.8", "1.10"],
    defaultCapx: "1.10.3",
    k0smotronApi: "v1beta2",
    chartLine: "1.11",
    values: "regional",
    k0s: ["1.28", "1.36"],
    defaultK0s: "v1.36.3+k0s.2",
    tested: true,
  },
  {
    kcm: ["1.12", "1.12"],
    capi: "1.13.4",
    k0smotron: "2.1.0",
    capx: ["1.8", "1.10"],
    defaultCapx: "1.10.3",
    k0smotronApi: "v1beta2",
    chartLine: "1.11",
    values: "regional",
    k0s: ["1.28", "1.36"],
    defaultK0s: "v1.36.3+k0s.2",
    tested: false,
  },
];

export const DEFAULT_KCM_VERSION = "1.2.0";
export const DEFAULT_KCM_CHART = "oci://ghcr.io/k0rdent/kcm/charts/kcm";
/** The default k0s of the default kcm, and of the charts. */
export const DEFAULT_K0S_VERSION = "v1.32.6+k0s.0";
/** Day on which Kubernetes fixes a minor version for the last time, from kubernetes.io/releases; a missing minor is too new. */
export const KUBERNETES_ENDS: Readonly<Record<string, string>> = {
  "1.28": "2024-10-28",
  "1.29": "2025-02-28",
  "1.30": "2025-06-28",
  "1.31": "2025-10-28",
  "1.32": "2026-02-28",
  "1.33": "2026-06-28",
  "1.34": "2026-10-27",
  "1.35": "2027-02-28",
  "1.36": "2027-06-28",
};
/** The charts of Nutanix's addons. */
export const DEFAULT_CCM = { version: "0.6.2", repository: "https://nutanix.github.io/helm/" } as const;
/** From it on its client for Prism Central is that of the v4 API. */
export const FIRST_CCM_WITH_V4 = "0.6";
export const DEFAULT_CSI = { version: "3.7.1", repository: "https://nutanix.github.io/helm-releases/" } as const;
/** The first k0s minor with a control plane load balancer. */
export const FIRST_K0S_WITH_CPLB = "1.30";
/** The first kcm minor with `dependsOn` of services and `cleanupOnDeletion` of clusters. */
export const FIRST_KCM_WITH_SERVICE_ORDER = "1.4";
/** The first kcm minor that reads the upgrade path of a service from its new chain, not from what it recorded before. */
export const FIRST_KCM_WITH_DIRECT_SERVICE_UPGRADES = "1.6";
/** k0s releases that a controller rejects, with the reason. */
export const REJECTED_K0S: Readonly<Record<string, string>> = {
  "1.31.1": "is rejected by k0smotron's webhook for a known bug",
};

/** A fault of CAPX that a cluster can avoid. */
export interface CapxFault {
  /** What CAPX does. */
  readonly effect: string;
  /** First version with the fault, and the first without it; none: not fixed yet. */
  readonly versions: readonly (readonly [from: string, fixed?: string])[];
  readonly workaround: string;
}

/** Known faults, read in CAPX and prism-go-client. */
export const CAPX_FAULTS = {
  categoryValues: {
    effect: "sets one value of a category and drops the others",
    versions: [["1.7.0", "1.7.2"]],
    workaround: "use one value of each category",
  },
  project: {
    effect: "gives up a machine if its session at Prism Central has ended when it looks up the project",
    versions: [
      ["1.8.0", "1.8.4"],
      ["1.9.0", "1.9.3"],
    ],
    workaround: "remove the project",
  },
  quotedNames: {
    effect: "looks up the name with its quote unescaped, and finds nothing",
    versions: [["1.8.0"]],
    workaround: "use a UUID, or rename it in Prism Central",
  },
} as const satisfies Readonly<Record<string, CapxFault>>;

/** The version that fixes a fault of this one; "" if none does, undefined if this one does not have it. */
export function fixedIn(fault: CapxFault, version: string): string | undefined {
  const found = fault.versions.find(
    ([from, fixed]) =>
      compareVersions(version, from) >= 0 && (fixed === undefined || compareVersions(version, fixed) < 0),
  );
  return found && (found[1] ?? "");
}

/** `1.10` of `v1.10.3`, `1.32` of `v1.32.6+k0s.0`. */
export function minorOf(version: string): string {
  const match = /^v?(\d+)\.(\d+)/.exec(version);
  return match ? `${match[1]}.${match[2]}` : version;
}

/** Negative if the first minor is older: `1.9` is older than `1.10`. */
export function compareMinors(one: string, other: string): number {
  const [majorA = 0, minorA = 0] = one.split(".").map(Number);
  const [majorB = 0, minorB = 0] = other.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

/** Negative if the first version is older; suffixes are ignored. */
export function compareVersions(one: string, other: string): number {
  const patch = (version: string) => Number(/^v?\d+\.\d+\.(\d+)/.exec(version)?.[1] ?? 0);
  return compareMinors(minorOf(one), minorOf(other)) || patch(one) - patch(other);
}

/** The line of a kcm version; undefined if it is not supported. */
export function lineOf(kcmVersion: string): KcmLine | undefined {
  const minor = minorOf(kcmVersion);
  return KCM_LINES.find(({ kcm: [from, to] }) => compareMinors(minor, from) >= 0 && compareMinors(minor, to) <= 0);
}
