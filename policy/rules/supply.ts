/** Do the versions go together, and do the charts come from where they should? */
import { at, text } from "./cluster.ts";
import type { Fault } from "./fault.ts";
import { always, type Rule, type Subject } from "./rule.ts";
import { KCM_LINES, lineOf, minorOf } from "./versions.ts";

interface Versions {
  readonly kcm: Subject | undefined;
  readonly capx: Subject | undefined;
}

function releasesOf(subjects: readonly Subject[]): Versions {
  const release = (name: string) =>
    subjects.find(({ object }) => at(object, "kind") === "Release" && at(object, "metadata", "name") === name);
  return { kcm: release("kcm"), capx: release("nutanix-capx") };
}

export const versionsGoTogether: Rule = {
  name: "versions-go-together",
  level: always("mandatory"),
  why: "CAPX follows the Cluster API that kcm brings: a pair that does not fit installs and then never syncs",
  check: (subjects) => {
    const { kcm, capx } = releasesOf(subjects);
    const kcmVersion = text(at(kcm?.object, "spec", "version")) ?? text(at(capx?.object, "spec", "kcmVersion"));
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

function capxFaults(capx: Subject | undefined, kcmVersion: string, allowed: readonly string[]): Fault[] {
  const version = text(at(capx?.object, "spec", "values", "capx", "version"));
  if (capx === undefined || version === undefined || allowed.includes(minorOf(version))) return [];
  return [
    {
      path: `${capx.at}.version`,
      value: version,
      reason: `does not go with kcm ${kcmVersion}`,
      remedy: `take CAPX ${allowed.join(" or ")}`,
    },
  ];
}

export const untestedLineIsSaid: Rule = {
  name: "kcm-line-is-tested",
  level: always("advisory"),
  why: "objects of this project were applied to the CRDs of some kcm lines only",
  check: (subjects) => {
    const { kcm } = releasesOf(subjects);
    const version = text(at(kcm?.object, "spec", "version"));
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

export const chartsComeSafely: Rule = {
  name: "charts-come-safely",
  level: always("mandatory"),
  why: "a chart runs with all rights in the management cluster: whoever can change it on the way owns the clusters",
  check: (subjects) =>
    subjects.flatMap(({ at: path, object }) => {
      if (at(object, "kind") !== "Release") return [];
      const addresses = [
        { key: "chart", value: text(at(object, "spec", "chart")) },
        { key: "repositoryOpts.repo", value: text(at(object, "spec", "repositoryOpts", "repo")) },
      ];
      return addresses.flatMap(({ key, value }) =>
        value?.startsWith("http://")
          ? [{ path: `${path}.${key}`, value, reason: "is fetched without TLS", remedy: "use oci:// or https://" }]
          : [],
      );
    }),
};

/** Another chart under this project's name for it: told by its address, which is no folder of ours. */
export const providerChartIsThisProjects: Rule = {
  name: "provider-chart-is-this-projects",
  level: always("advisory"),
  why: "another chart brings other templates, and kcm needs rights on Nutanix objects that no other chart was seen to give",
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
