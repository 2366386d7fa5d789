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
  if (PRIVATE_KEY.test(value)) return "holds a private key";
  if (LOGIN_IN_ADDRESS.test(value)) return "holds an address with a login";
  if (KEY.test(key) && !PLACEHOLDER.test(value)) return "holds what its name calls a secret";
  // Most texts hold the word nowhere: the search by lines is not made for them.
  return value.toLowerCase().includes("password") && PASSWORD_LINE.test(value) ? "holds a password" : undefined;
}

const REMEDY = "put it into a Secret, name that here, and treat what stood here as known to others";

export const secretsAreNotInPlainText: Rule = {
  name: "secrets-are-not-in-plain-text",
  category: "credentials",
  level: always("mandatory"),
  nonWaivable: everywhere,
  inspects: "every text in `spec` and `data` of all objects but Secrets, and in the values of Helm releases",
  why: "objects and values are read by many, kept in histories, and shown in previews: only Secrets are guarded",
  remedy: REMEDY,
  example: `clusters.edge.k0s.config.spec.registryPassword: holds what its name calls a secret; ${REMEDY}`,
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
  inspects: "outputs of the stack: Pulumi hands them to a policy without saying which are marked secret",
  why: "an output that is not marked secret is shown at the end of every run, and stands in clear in the state",
  remedy: "wrap it in `pulumi.secret`, or leave it out",
  example: "Stack.outputs.login: holds an address with a login; wrap it in pulumi.secret if it is not, or leave it out",
  check: (subjects) =>
    syntheticFields(subjects, "Stack").flatMap((outputs) =>
      search(outputs).map((fault) => ({ ...fault, remedy: "wrap it in pulumi.secret if it is not, or leave it out" })),
    ),
};
