/** What is wrong with CAPX as it is installed. */

import { textAt } from "../../kubernetes/object.ts";
import { PROVIDER } from "../../manifests/names.ts";
import { lineOf, minorOf } from "../../policy/rules/versions.ts";
import { type Diagnosis, ofCondition, ofStatus } from "./finding.ts";
import { type DiagnosisInput, falseOf, isBlind, linesOf, listAt, named } from "./input.ts";
import { management } from "./management-health.ts";

const nutanix = (the: DiagnosisInput) => named(the, "InfrastructureProvider", "nutanix");

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
          : `CAPX ${version} is not compatible with kcm ${kcm}${allowed}`,
        evidence: [
          ofStatus(provider, `installed version ${version}`),
          ...lines.map(({ pod, line: text }) => ({ what: "log" as const, of: `Pod ${pod}`, text })),
        ],
      },
    ];
  },
};

/** kcm's version as its Release tells it, else as the Release's name does. */
export function kcmVersion(the: DiagnosisInput): string | undefined {
  const name = textAt(management(the)?.spec, "release");
  const release = named(the, "Release", name);
  return textAt(release?.spec, "version") ?? name?.replace(/^kcm-/, "").replaceAll("-", ".");
}
