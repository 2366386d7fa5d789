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
  why: "a newer kcm has brought definitions in whose versions objects are stored by now: an older one, and the Cluster API that it brings, cannot read them",
  remedy: "write the version that runs, or a newer one; to go back, restore a backup into another management cluster",
  example:
    'management.kcm.version: "1.2.0" is older than 1.11.4, which the management cluster runs; write 1.11.4 again, or a newer one',
  check: (subjects, { previous }) => {
    if (previous === undefined) return [];
    const [was, is] = [previous, subjects].map(kcmVersionOf);
    if (was === undefined || is === undefined || compareVersions(is, was) >= 0) return [];
    return [
      {
        path: "management.kcm.version",
        value: is,
        reason: `is older than ${safeWord(was)}, which the management cluster runs`,
        remedy: `write ${safeWord(was)} again, or a newer one`,
      },
    ];
  },
};

export const kcmAndCapxVersionsAreCompatible: Rule = {
  name: "kcm-and-capx-versions-are-compatible",
  category: "supply",
  level: always("mandatory"),
  inspects: "versions of the Helm releases `kcm` and `nutanix-capx`",
  remedy: "take a pair of the table of versions",
  example: 'capx.version: "v1.10.3" does not go with kcm 1.2.0; take CAPX 1.7 or 1.8',
  why: "CAPX follows the Cluster API that kcm brings: a pair that does not fit installs and then never syncs",
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
          reason: "is a kcm version that is not in the matrix",
          remedy: `take one of ${KCM_LINES.map(({ kcm: [from, to] }) => (from === to ? from : `${from} to ${to}`)).join(", ")}`,
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
      reason: `does not go with kcm ${safeWord(kcmVersion)}`,
      remedy: `take CAPX ${allowed.join(" or ")}`,
    },
  ];
}

export const kcmVersionIsTested: Rule = {
  name: "kcm-version-is-tested",
  category: "supply",
  level: always("advisory"),
  inspects: "the version of the Helm release `kcm`",
  remedy: "try it on a staging stack first, or take a version of a tested line",
  example:
    'management.kcm.version: "1.4.0" is in the matrix by reading alone: its CRDs were not tested; try it on a staging stack first',
  why: "objects of this project were applied to the CRDs of some kcm lines only",
  check: (subjects) => {
    const { kcm } = releasesOf(subjects);
    const version = kcmVersionOf(subjects);
    const line = version === undefined ? undefined : lineOf(version);
    if (kcm === undefined || line === undefined || line.tested) return [];
    return [
      {
        path: `${kcm.at}.version`,
        value: version,
        reason: "is in the matrix by reading alone: its CRDs were not tested",
        remedy: "try it on a staging stack first",
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
  why: "another chart brings other templates, and kcm needs rights on Nutanix objects that no other chart was seen to give",
  remedy: "leave `capx.chart` out to take this project's",
  example:
    "capx.chart: \"oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx\" is not this project's chart: it is given no values, and must itself bring the ClusterTemplates nutanix-k0s-hcp and nutanix-k0s-standalone, CAPX with the Secret nutanix-creds, and kcm's rights to delete Nutanix clusters; nothing of it was tested, and its templates may refuse this project's values; leave it out to take this project's",
  check: (subjects) => {
    const { capx } = releasesOf(subjects);
    const chart = text(at(capx?.object, "spec", "chart"));
    if (capx === undefined || chart === undefined || isOwn(chart)) return [];
    return [
      {
        path: `${capx.at}.chart`,
        value: chart,
        reason:
          "is not this project's chart: it is given no values, and must itself bring the ClusterTemplates nutanix-k0s-hcp and nutanix-k0s-standalone, CAPX with the Secret nutanix-creds, and kcm's rights to delete Nutanix clusters; nothing of it was tested, and its templates may refuse this project's values",
        remedy: "leave it out to take this project's",
      },
    ];
  },
};

function isOwn(chart: string): boolean {
  return !/^[a-z]+:\/\//.test(chart) && /(^|[/\\])charts[/\\]nutanix-capx$/.test(chart);
}
