import { isMap, type ValueMap } from "../property-values.ts";
import { localChartVersion } from "./chart.ts";

const FLAGS: Record<string, string> = {
  atomic: "--atomic",
  createNamespace: "--create-namespace",
  dependencyUpdate: "--dependency-update",
  devel: "--devel",
  disableOpenapiValidation: "--disable-openapi-validation",
  renderSubchartNotes: "--render-subchart-notes",
  verify: "--verify",
};

const INSTALL_FLAGS: Record<string, string> = {
  ...FLAGS,
  disableWebhooks: "--no-hooks",
  replace: "--replace",
  skipCrds: "--skip-crds",
};

const UPGRADE_FLAGS: Record<string, string> = {
  ...FLAGS,
  cleanupOnFail: "--cleanup-on-fail",
  disableCRDHooks: "--no-hooks",
  forceUpdate: "--force",
  resetValues: "--reset-values",
  reuseValues: "--reuse-values",
};

/** Inputs of a Release that are true or false. */
export const BOOLEANS = [
  ...Object.keys(INSTALL_FLAGS),
  ...Object.keys(UPGRADE_FLAGS),
  "allowNullValues",
  "lint",
  "recreatePods",
  "skipAwait",
  "waitForJobs",
];

export const DEFAULT_TIMEOUT = 300;

/** Of `helm install` or `helm upgrade`, but for values and cluster. */
export function writeArguments(release: ValueMap, verb: "install" | "upgrade"): string[] {
  const flags = verb === "install" ? INSTALL_FLAGS : UPGRADE_FLAGS;
  const waits =
    release["skipAwait"] === true ? [] : ["--wait", ...(release["waitForJobs"] === true ? ["--wait-for-jobs"] : [])];
  const history = verb === "upgrade" ? ["--history-max", String(release["maxHistory"] ?? 0)] : [];
  const description = release["description"] ? ["--description", String(release["description"])] : [];
  return [
    verb,
    String(release["name"]),
    ...chartArguments(release),
    "--namespace",
    String(release["namespace"]),
    "--timeout",
    timeoutOf(release),
    ...waits,
    ...Object.entries(flags).flatMap(([key, flag]) => (release[key] === true ? [flag] : [])),
    ...history,
    ...description,
    "--values",
    "-",
  ];
}

export function chartArguments(release: ValueMap): string[] {
  const options = isMap(release["repositoryOpts"]) ? release["repositoryOpts"] : {};
  const repository: Record<string, string> = {
    repo: "--repo",
    caFile: "--ca-file",
    certFile: "--cert-file",
    keyFile: "--key-file",
  };
  const given = Object.entries(repository).flatMap(([key, flag]) => (options[key] ? [flag, String(options[key])] : []));
  const version =
    release["version"] && !localChartVersion(String(release["chart"])) ? ["--version", String(release["version"])] : [];
  return [String(release["chart"]), ...given, ...version];
}

export function timeoutOf(release: ValueMap): string {
  return `${Number(release["timeout"]) || DEFAULT_TIMEOUT}s`;
}
