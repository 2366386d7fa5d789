/** Does a secret stand where everybody who may read objects can read it? */
import { syntheticFields } from "./cluster-fields.ts";
import { configField, type Field, objectField, specField } from "./field.ts";
import { map } from "./plain-values.ts";
import { always, everywhere, type PolicyTarget, type Rule, SYNTHETIC_API_VERSION } from "./rule.ts";
import type { Violation } from "./violation.ts";

const KEY =
  /(password|passwd|passphrase|token|api[-_]?key|private[-_]?key|client[-_]?secret|secret[-_]?(access[-_]?)?key)$/i;
/** A reference, a template or a marker, and no secret itself. */
const PLACEHOLDER = /^\s*$|\{\{|\$\{|^\[secret |^<[^>]*>$/;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/;
const LOGIN_IN_ADDRESS = /:\/\/[^\s/:@{$]+:[^\s/@{$]+@/;
const PASSWORD_LINE = /^[^\n]*password["']?[ \t]*[:=][ \t]*["']?(?![ \t"'{$<[]|\n|$)\S/im;

/** What makes a text look like a secret; undefined where nothing does. */
export function secretIn(key: string, value: string): string | undefined {
  if (PRIVATE_KEY.test(value)) return "contains a private key";
  if (LOGIN_IN_ADDRESS.test(value)) return "contains a URL with credentials";
  if (KEY.test(key) && !PLACEHOLDER.test(value)) return "is a secret by its key";
  // Most texts hold the word nowhere: the search by lines is not made for them.
  return value.toLowerCase().includes("password") && PASSWORD_LINE.test(value) ? "contains a password" : undefined;
}

const REMEDY = "move it to a Secret, reference that here, and treat the value as compromised";

export const secretsAreNotInPlainText: Rule = {
  name: "secrets-are-not-in-plain-text",
  category: "credentials",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: "every string in `spec` and `data` of all objects except Secrets, and in the values of Helm releases",
  why: "objects and Helm values are readable by many, kept in history, and shown in previews: only Secrets are protected",
  remedy: REMEDY,
  example: `clusters.edge.k0s.config.spec.registryPassword: is a secret by its key; ${REMEDY}`,
  check: (subjects) => subjects.flatMap(clearFaults),
};

function clearFaults(subject: PolicyTarget): Violation[] {
  const { kind, apiVersion, metadata } = map(subject.object);
  if (kind === "Secret" || apiVersion === SYNTHETIC_API_VERSION) return [];
  if (kind === "Release") return search(specField(subject));
  const name = map(metadata)["name"];
  const object = objectField(subject);
  const faults =
    kind === "ClusterDeployment"
      ? search(configField(subject, typeof name === "string" ? name : undefined))
      : [...search(object.at("spec")), ...search(object.at("data"))];
  return faults.filter(({ path }) => !isSaidElsewhere(path));
}

/** Rules about Prism Central's address and about trust bundles say the same of these, and what to do about it. */
function isSaidElsewhere(path: string): boolean {
  return /[. ](nutanix|spec)\.prismCentral\.address$| data\.ca(-bundle)?\.crt$/.test(path);
}

function search(place: Field, key = ""): Violation[] {
  const { value } = place;
  if (typeof value === "string") {
    const reason = secretIn(key, value);
    return reason === undefined ? [] : [place.violationWithoutValue(reason, REMEDY)];
  }
  if (Array.isArray(value)) return place.items.flatMap((item) => search(item, key));
  return place.entries.flatMap(([name, below]) => search(below, name));
}

export const outputsDoNotContainCredentials: Rule = {
  name: "outputs-do-not-contain-credentials",
  category: "credentials",
  level: always("advisory"),
  inspects: "stack outputs: Pulumi does not tell a policy which of them are secret",
  why: "an output that is not secret is printed after every update, and is in plain text in the state",
  remedy: "wrap it in `pulumi.secret`, or remove it",
  example: "Stack.outputs.login: contains a URL with credentials; wrap it in pulumi.secret unless it is, or remove it",
  check: (subjects) =>
    syntheticFields(subjects, "Stack").flatMap((outputs) =>
      search(outputs).map((fault) => ({ ...fault, remedy: "wrap it in pulumi.secret unless it is, or remove it" })),
    ),
};
