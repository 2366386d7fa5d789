/** The installation of CAPX. */
import { textAt } from "../../kubernetes/object.ts";
import { PROVIDER } from "../../manifests/names.ts";
import { lineOf, minorOf } from "../../policy/rules/versions.ts";
import { conditionEvidence, type Diagnosis, logEvidence, statusEvidence } from "./finding.ts";
import { type DiagnosisInput, falseCondition, isUnreadable, listAt, logLines, objectNamed } from "./input.ts";
import { management } from "./management-health.ts";

const nutanixProvider = (input: DiagnosisInput) => objectNamed(input, "InfrastructureProvider", "nutanix");

export const configSecret: Diagnosis = {
  id: "provider-variables-missing",
  severity: "error",
  description:
    "CAPX is installed with variables (address and login of Prism Central) that have no default. Without their Secret, which `spec.configSecret` of its InfrastructureProvider references, it is not installed.",
  remedy:
    "set `credentials.global` in the stack file and run `pulumi up`: it creates the Secret nutanix-creds before the provider",
  find: (input) => {
    const provider = nutanixProvider(input);
    if (provider === undefined) return [];
    const name = textAt(provider.spec, "configSecret", "name");
    const isMissing =
      name !== undefined && !isUnreadable(input, "Secret") && objectNamed(input, "Secret", name) === undefined;
    const unset = listAt(provider.status, "conditions").find(({ message }) =>
      /variables? .*(not set|missing)|value for variables/i.test(String(message ?? "")),
    );
    if (name !== undefined && !isMissing && unset === undefined) return [];
    const cause =
      name === undefined
        ? "CAPX has no Secret of variables: spec.configSecret is not set"
        : isMissing
          ? `CAPX has no variables: the Secret ${name} does not exist`
          : `CAPX lacks variables: ${String(unset?.["message"])}`;
    return [
      {
        subject: `component ${PROVIDER}`,
        cause,
        evidence: [
          statusEvidence(provider, `spec.configSecret.name is ${name ?? "not set"}`),
          ...["Ready", "ProviderInstalled", "PreflightCheckPassed"].flatMap((type) => {
            const condition = falseCondition(provider, type);
            return condition ? [conditionEvidence(provider, condition)] : [];
          }),
        ],
      },
    ];
  },
};

/** What a manager logs whose kinds the API server does not serve. */
const NO_SYNC =
  /no matches for kind|timed out waiting for cache|failed to wait for .* caches to sync|could not wait for Cache/i;

export const capxVersion: Diagnosis = {
  id: "capx-version-incompatible",
  severity: "error",
  description:
    "CAPX depends on the Cluster API that kcm installs: from 1.9 on it watches core kinds of v1beta2, which kcm up to 1.4 does not serve. Such a CAPX is installed, and its caches never sync: nothing happens on Nutanix.",
  remedy:
    "set `capx.version` in the stack file to a version that is compatible with this kcm (README, Versions) and run `pulumi up`",
  find: (input) => {
    const provider = nutanixProvider(input);
    if (provider === undefined) return [];
    const version = textAt(provider.status, "installedVersion") ?? textAt(provider.spec, "version") ?? "";
    const kcm = kcmVersion(input);
    const line = kcm === undefined ? undefined : lineOf(kcm);
    const lines = logLines(input, "capx", NO_SYNC).slice(-1);
    const isCompatible = version === "" || line === undefined || line.capx.includes(minorOf(version));
    if (isCompatible && lines.length === 0) return [];
    const allowed = line === undefined ? "" : `; use ${line.capx.map((minor) => `${minor}.x`).join(" or ")}`;
    return [
      {
        subject: `component ${PROVIDER}`,
        cause: isCompatible
          ? `CAPX ${version} watches kinds that this management cluster does not serve${allowed}`
          : `CAPX ${version} is not compatible with kcm ${kcm}${allowed}`,
        evidence: [statusEvidence(provider, `installed version ${version}`), ...lines.map(logEvidence)],
      },
    ];
  },
};

/** kcm's version in its Release, else in the Release's name. */
function kcmVersion(input: DiagnosisInput): string | undefined {
  const name = textAt(management(input)?.spec, "release");
  const release = objectNamed(input, "Release", name);
  return textAt(release?.spec, "version") ?? name?.replace(/^kcm-/, "").replaceAll("-", ".");
}
