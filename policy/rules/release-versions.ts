/** Do the versions of kcm and CAPX go together? */
import { COMPARED_TARGETS } from "./cluster-updates.ts";
import { at, text } from "./plain-values.ts";
import { always, type PolicyTarget, type Rule } from "./rule.ts";
import { compareVersions, KCM_LINES, lineOf, minorOf } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

interface Versions {
  readonly kcm: PolicyTarget | undefined;
  readonly capx: PolicyTarget | undefined;
}

function releasesOf(subjects: readonly PolicyTarget[]): Versions {
  const release = (name: string) =>
    subjects.find(({ object }) => at(object, "kind") === "Release" && at(object, "metadata", "name") === name);
  return { kcm: release("kcm"), capx: release("nutanix-capx") };
}

/**
 * The kcm version that a stack asks for: the newest of the Release that it waits for, the one that Management names, and the Helm
 * release, which a living stack keeps as it was first installed.
 */
function kcmVersionOf(subjects: readonly PolicyTarget[]): string | undefined {
  const named = subjects.flatMap(({ object }) => {
    const [kind, group] = [at(object, "kind"), text(at(object, "apiVersion"))?.split("/")[0]];
    if (group !== "k0rdent.mirantis.com") return [];
    const name =
      kind === "Release" ? at(object, "metadata", "name") : kind === "Management" ? at(object, "spec", "release") : "";
    return /^kcm-(\d+-\d+-\d+.*)$/.exec(text(name) ?? "")?.[1]?.replaceAll("-", ".") ?? [];
  });
  const installed = text(at(releasesOf(subjects).kcm?.object, "spec", "version"));
  return [...named, ...(installed === undefined ? [] : [installed])].sort(compareVersions).at(-1);
}

export const kcmIsNotDowngraded: Rule = {
  name: "kcm-is-not-downgraded",
  category: "change",
  level: always("mandatory"),
  comparesUpdates: true,
  inspects: `the kcm version that a Management names by its Release, ${COMPARED_TARGETS}`,
  why: "objects are stored in API versions of the newer kcm and its Cluster API, which an older kcm cannot read",
  remedy: "use the running version, or a newer one; to downgrade, restore a backup into another management cluster",
  example:
    'management.kcm.version: "1.2.0" is older than 1.11.4, which the management cluster runs; restore 1.11.4, or use a newer one',
  check: (subjects, { previous }) => {
    if (previous === undefined) return [];
    const [was, is] = [previous, subjects].map(kcmVersionOf);
    if (was === undefined || is === undefined || compareVersions(is, was) >= 0) return [];
    return [
      {
        path: "management.kcm.version",
        value: is,
        reason: `is older than ${safeWord(was)}, which the management cluster runs`,
        remedy: `restore ${safeWord(was)}, or use a newer one`,
      },
    ];
  },
};

export const kcmAndCapxVersionsAreCompatible: Rule = {
  name: "kcm-and-capx-versions-are-compatible",
  category: "supply",
  level: always("mandatory"),
  inspects: "versions of the Helm releases `kcm` and `nutanix-capx`",
  remedy: "use a supported pair of versions",
  example: 'capx.version: "v1.10.3" is not compatible with kcm 1.2.0; use CAPX 1.7 or 1.8',
  why: "CAPX depends on the Cluster API that kcm installs: an incompatible pair installs, but never becomes ready",
  check: (subjects) => {
    const { kcm, capx } = releasesOf(subjects);
    const kcmVersion = kcmVersionOf(subjects) ?? text(at(capx?.object, "spec", "kcmVersion"));
    if (kcmVersion === undefined) return [];
    const line = lineOf(kcmVersion);
    if (line === undefined) {
      return [
        {
          path: kcm === undefined ? `${capx?.at}.kcmVersion` : `${kcm.at}.version`,
          value: kcmVersion,
          reason: "is not a supported kcm version",
          remedy: `use one of ${KCM_LINES.map(({ kcm: [from, to] }) => (from === to ? from : `${from} to ${to}`)).join(", ")}`,
        },
      ];
    }
    return capxFaults(capx, kcmVersion, line.capx);
  },
};

function capxFaults(capx: PolicyTarget | undefined, kcmVersion: string, allowed: readonly string[]): Violation[] {
  const version = text(at(capx?.object, "spec", "values", "capx", "version"));
  if (capx === undefined || version === undefined || allowed.includes(minorOf(version))) return [];
  return [
    {
      path: `${capx.at}.version`,
      value: version,
      reason: `is not compatible with kcm ${safeWord(kcmVersion)}`,
      remedy: `use CAPX ${allowed.join(" or ")}`,
    },
  ];
}

export const kcmVersionIsTested: Rule = {
  name: "kcm-version-is-tested",
  category: "supply",
  level: always("advisory"),
  inspects: "the version of the Helm release `kcm`",
  remedy: "test it on a staging stack first, or use a tested version",
  example:
    'management.kcm.version: "1.4.0" is supported, but not tested with its CRDs; test it on a staging stack first',
  why: "this project is tested with the CRDs of some kcm versions only",
  check: (subjects) => {
    const { kcm } = releasesOf(subjects);
    const version = kcmVersionOf(subjects);
    const line = version === undefined ? undefined : lineOf(version);
    if (kcm === undefined || line === undefined || line.tested) return [];
    return [
      {
        path: `${kcm.at}.version`,
        value: version,
        reason: "is supported, but not tested with its CRDs",
        remedy: "test it on a staging stack first",
      },
    ];
  },
};

/** Another chart under this project's name for it: told by its address, which is no folder of ours. */
export const providerChartIsBuiltIn: Rule = {
  name: "provider-chart-is-built-in",
  category: "supply",
  level: always("advisory"),
  inspects: "the chart of the Helm release `nutanix-capx`",
  why: "another chart installs other templates, and may lack the permissions on Nutanix objects that kcm needs",
  remedy: "remove `capx.chart` to use this project's chart",
  example:
    "capx.chart: \"oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx\" is not this project's chart: it gets no values, must provide the ClusterTemplates nutanix-k0s-hcp and nutanix-k0s-standalone, CAPX with the Secret nutanix-creds, and kcm's permission to delete Nutanix clusters, is not tested, and its templates may reject this project's values; remove it to use this project's chart",
  check: (subjects) => {
    const { capx } = releasesOf(subjects);
    const chart = text(at(capx?.object, "spec", "chart"));
    if (capx === undefined || chart === undefined || isOwn(chart)) return [];
    return [
      {
        path: `${capx.at}.chart`,
        value: chart,
        reason:
          "is not this project's chart: it gets no values, must provide the ClusterTemplates nutanix-k0s-hcp and nutanix-k0s-standalone, CAPX with the Secret nutanix-creds, and kcm's permission to delete Nutanix clusters, is not tested, and its templates may reject this project's values",
        remedy: "remove it to use this project's chart",
      },
    ];
  },
};

function isOwn(chart: string): boolean {
  return !/^[a-z]+:\/\//.test(chart) && /(^|[/\\])charts[/\\]nutanix-capx$/.test(chart);
}
