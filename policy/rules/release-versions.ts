/** Rules about the versions and charts of kcm and CAPX. */
import { COMPARED_TARGETS } from "./cluster-comparison.ts";
import { type Field, helmReleases, K0RDENT_GROUP } from "./field.ts";
import { at, text } from "./plain-values.ts";
import { advisory, mandatory, type PolicyTarget, type Rule } from "./rule.ts";
import { compareVersions, KCM_LINES, lineOf, minorOf } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

/** The inputs of a Helm release by its name. */
function helmRelease(targets: readonly PolicyTarget[], name: "kcm" | "nutanix-capx"): Field | undefined {
  const [inputs] = helmReleases(targets.filter(({ object }) => at(object, "metadata", "name") === name));
  return inputs;
}

/**
 * The kcm version that a stack uses: the newest of its Release, the one that Management refers to, and the Helm release, whose
 * version stays as installed.
 */
export function kcmVersionOf(targets: readonly PolicyTarget[]): string | undefined {
  const referenced = targets.flatMap(({ object }) => {
    const kind = at(object, "kind");
    if (text(at(object, "apiVersion"))?.split("/")[0] !== K0RDENT_GROUP) return [];
    const name =
      kind === "Release" ? at(object, "metadata", "name") : kind === "Management" ? at(object, "spec", "release") : "";
    return /^kcm-(\d+-\d+-\d+.*)$/.exec(text(name) ?? "")?.[1]?.replaceAll("-", ".") ?? [];
  });
  const installed = helmRelease(targets, "kcm")?.at("version").text ?? [];
  return [...referenced, installed].flat().sort(compareVersions).at(-1);
}

/** The CAPX version that this project's provider chart installs. */
export function capxVersionOf(targets: readonly PolicyTarget[]): string | undefined {
  return helmRelease(targets, "nutanix-capx")?.at("values", "capx", "version").text;
}

export const kcmIsNotDowngraded: Rule = {
  name: "kcm-is-not-downgraded",
  category: "change",
  level: mandatory,
  comparesUpdates: true,
  inspects: `the kcm version that a Management names by its Release, ${COMPARED_TARGETS}`,
  why: "objects are stored in API versions of the newer kcm and its Cluster API, which an older kcm cannot read",
  remedy: "use the running version, or a newer one; to downgrade, restore a backup into another management cluster",
  example:
    'management.kcm.version: "1.2.0" is older than 1.11.4, which the management cluster runs; restore 1.11.4, or use a newer one',
  check: (targets, { previous = [] }) => {
    const [old, value] = [previous, targets].map(kcmVersionOf);
    if (old === undefined || value === undefined || compareVersions(value, old) >= 0) return [];
    return [
      {
        path: "management.kcm.version",
        value,
        reason: `is older than ${safeWord(old)}, which the management cluster runs`,
        remedy: `restore ${safeWord(old)}, or use a newer one`,
      },
    ];
  },
};

export const kcmAndCapxVersionsAreCompatible: Rule = {
  name: "kcm-and-capx-versions-are-compatible",
  category: "supply",
  level: mandatory,
  inspects: "versions of the Helm releases `kcm` and `nutanix-capx`",
  why: "CAPX depends on the Cluster API that kcm installs: an incompatible pair installs, but never becomes ready",
  remedy: "use a supported pair of versions",
  example: 'capx.version: "v1.10.3" is not compatible with kcm 1.2.0; use CAPX 1.7 or 1.8',
  check: (targets): Violation[] => {
    const [kcm, capx] = [helmRelease(targets, "kcm"), helmRelease(targets, "nutanix-capx")];
    const kcmVersion = kcmVersionOf(targets) ?? capx?.at("kcmVersion").text;
    if (kcmVersion === undefined) return [];
    const line = lineOf(kcmVersion);
    if (line === undefined) {
      const supported = KCM_LINES.map(({ kcm: [from, to] }) => (from === to ? from : `${from} to ${to}`)).join(", ");
      const path = kcm === undefined ? `${capx?.path}.kcmVersion` : `${kcm.path}.version`;
      return [{ path, value: kcmVersion, reason: "is not a supported kcm version", remedy: `use one of ${supported}` }];
    }
    const version = capx?.at("values", "capx", "version").text;
    if (capx === undefined || version === undefined || line.capx.includes(minorOf(version))) return [];
    const reason = `is not compatible with kcm ${safeWord(kcmVersion)}`;
    return [{ path: `${capx.path}.version`, value: version, reason, remedy: `use CAPX ${line.capx.join(" or ")}` }];
  },
};

export const kcmVersionIsTested: Rule = {
  name: "kcm-version-is-tested",
  category: "supply",
  level: advisory,
  inspects: "the version of the Helm release `kcm`",
  why: "this project is tested with the CRDs of some kcm versions only",
  remedy: "test it on a staging stack first, or use a tested version",
  example:
    'management.kcm.version: "1.4.0" is supported, but not tested with its CRDs; test it on a staging stack first',
  check: (targets) => {
    const kcm = helmRelease(targets, "kcm");
    const value = kcmVersionOf(targets);
    if (kcm === undefined || value === undefined || (lineOf(value)?.tested ?? true)) return [];
    const reason = "is supported, but not tested with its CRDs";
    return [{ path: `${kcm.path}.version`, value, reason, remedy: "test it on a staging stack first" }];
  },
};

const OTHER_CHART =
  "is not this project's chart: it gets no values, must provide the ClusterTemplates nutanix-k0s-hcp and nutanix-k0s-standalone, CAPX with the Secret nutanix-creds, and kcm's permission to delete Nutanix clusters, is not tested, and its templates may reject this project's values";

/** This project's chart is a local folder, so its address tells it from another chart of the same name. */
export const providerChartIsBuiltIn: Rule = {
  name: "provider-chart-is-built-in",
  category: "supply",
  level: advisory,
  inspects: "the chart of the Helm release `nutanix-capx`",
  why: "another chart installs other templates, and may lack the permissions on Nutanix objects that kcm needs",
  remedy: "remove `capx.chart` to use this project's chart",
  example: `capx.chart: "oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx" ${OTHER_CHART}; remove it to use this project's chart`,
  check: (targets) => {
    const chart = helmRelease(targets, "nutanix-capx")?.at("chart");
    return chart?.text === undefined || isBuiltIn(chart.text)
      ? []
      : [chart.violation(OTHER_CHART, "remove it to use this project's chart")];
  },
};

function isBuiltIn(chart: string): boolean {
  return !/^[a-z]+:\/\//.test(chart) && /(^|[/\\])charts[/\\]nutanix-capx$/.test(chart);
}
