/** Rules about secrets in plain text. */
import { configField, type Field, objectField, specField, syntheticFields } from "./field.ts";
import { at, map, text } from "./plain-values.ts";
import { advisory, always, mandatory, type PolicyTarget, type Rule, SYNTHETIC_API_VERSION } from "./rule.ts";
import type { Violation } from "./violation.ts";

const KEY =
  /(password|passwd|passphrase|token|api[-_]?key|private[-_]?key|client[-_]?secret|secret[-_]?(access[-_]?)?key)$/i;
/** A reference, a template or a marker in place of a secret. */
const PLACEHOLDER = /^\s*$|\{\{|\$\{|^\[secret |^<[^>]*>$/;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/;
const URL_WITH_CREDENTIALS = /:\/\/[^\s/:@{$]+:[^\s/@{$]+@/;
const PASSWORD_LINE = /^[^\n]*password["']?[ \t]*[:=][ \t]*["']?(?![ \t"'{$<[]|\n|$)\S/im;

/** Why a string looks like a secret; undefined if it does not. */
function secretReason(key: string, value: string): string | undefined {
  if (PRIVATE_KEY.test(value)) return "contains a private key";
  if (URL_WITH_CREDENTIALS.test(value)) return "contains a URL with credentials";
  if (KEY.test(key) && !PLACEHOLDER.test(value)) return "is a secret by its key";
  // The check for the word avoids the slow expression for most strings.
  return value.toLowerCase().includes("password") && PASSWORD_LINE.test(value) ? "contains a password" : undefined;
}

const REMEDY = "move it to a Secret, reference that here, and treat the value as compromised";

export const secretsAreNotInPlainText: Rule = {
  name: "secrets-are-not-in-plain-text",
  category: "credentials",
  level: mandatory,
  nonWaivable: always,
  inspects: "every string in `spec` and `data` of all objects except Secrets, and in the values of Helm releases",
  why: "objects and Helm values are readable by many, kept in history, and shown in previews: only Secrets are protected",
  remedy: REMEDY,
  example: `clusters.edge.k0s.config.spec.registryPassword: is a secret by its key; ${REMEDY}`,
  check: (targets) =>
    targets.flatMap((target) => {
      const violations = inspectedFields(target).flatMap((field) => secretViolations(field, REMEDY));
      return violations.filter(({ path }) => at(target.object, "kind") === "Release" || !isReportedElsewhere(path));
    }),
};

function inspectedFields(target: PolicyTarget): Field[] {
  const { kind, apiVersion } = map(target.object);
  if (kind === "Secret" || apiVersion === SYNTHETIC_API_VERSION) return [];
  if (kind === "Release") return [specField(target)];
  if (kind === "ClusterDeployment") return [configField(target, text(at(target.object, "metadata", "name")))];
  return [objectField(target).at("spec"), objectField(target).at("data")];
}

/** Rules about Prism Central's address and about trust bundles report these, with a better remedy. */
function isReportedElsewhere(path: string): boolean {
  return /[. ](nutanix|spec)\.prismCentral\.address$| data\.ca(-bundle)?\.crt$/.test(path);
}

function secretViolations(field: Field, remedy: string, key = ""): Violation[] {
  const { value } = field;
  if (typeof value === "string") {
    const reason = secretReason(key, value);
    return reason === undefined ? [] : [field.redacted(reason, remedy)];
  }
  if (Array.isArray(value)) return field.items.flatMap((item) => secretViolations(item, remedy, key));
  return field.entries.flatMap(([name, child]) => secretViolations(child, remedy, name));
}

const WRAP = "wrap it in pulumi.secret unless it is, or remove it";

export const outputsDoNotContainCredentials: Rule = {
  name: "outputs-do-not-contain-credentials",
  category: "credentials",
  level: advisory,
  inspects: "stack outputs: Pulumi does not pass to a policy which of them are secret",
  why: "an output that is not secret is printed after every update, and is in plain text in the state",
  remedy: "wrap it in `pulumi.secret`, or remove it",
  example: `Stack.outputs.login: contains a URL with credentials; ${WRAP}`,
  check: (targets) => syntheticFields(targets, "Stack").flatMap((outputs) => secretViolations(outputs, WRAP)),
};
