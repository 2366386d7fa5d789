/** Rules about secrets in plain text. */
import { isSecret } from "./credential-objects.ts";
import { contentFields, type Field, isKind, objectField, syntheticFields } from "./field.ts";
import { at, map, text } from "./plain-values.ts";
import { prismCentralsOf } from "./prism-centrals.ts";
import { advisory, always, mandatory, type PolicyTarget, type Rule } from "./rule.ts";
import { isSecretKey, secretReason } from "./secret-patterns.ts";
import { servicesOf } from "./service-fields.ts";
import { bundlesOf } from "./trust-bundles.ts";
import type { Violation } from "./violation.ts";

const REMEDY = "move it to a Secret, reference that here, and treat the value as compromised";

export const secretsAreNotInPlainText: Rule = {
  name: "secrets-are-not-in-plain-text",
  category: "credentials",
  level: mandatory,
  nonWaivable: always,
  inspects:
    "every text and number in all objects except Secrets, in their annotations and labels, and in the inputs of Helm releases; base64 is decoded",
  why: "objects and Helm values are readable by many, kept in history, and shown in previews: only Secrets are protected",
  remedy: REMEDY,
  example: `clusters.edge.k0s.config.spec.registryPassword: is a secret by its key; ${REMEDY}`,
  check: (targets) => {
    // Rules about these report the same with a better remedy.
    const objects = new Map(targets.map((target) => [target.at, target.object]));
    const elsewhere = new Set([
      ...prismCentralsOf(targets).map(({ address }) => address.path),
      ...bundlesOf(targets).flatMap(({ path, pem }) => {
        const data = map(at(objects.get(path), "data"));
        const copies = Object.keys(data).filter((key) => data[key] === pem);
        return [path, ...copies.map((key) => `${path} data.${key}`)];
      }),
    ]);
    const values = new Map(servicesOf(targets).map((service) => [service.valuesInObject, service.values.path]));
    return targets
      .filter((target) => !isSecret(target) && !REFERENCES.some((group) => isKind(target, group)))
      .flatMap((target) => [...metadataOf(target), ...contentFields(target)])
      .flatMap((field) => secretViolations(field, REMEDY))
      .filter(({ path }) => !elsewhere.has(path))
      .map((violation) => {
        const path = values.get(violation.path);
        return path === undefined ? violation : { ...violation, path, remedy: VALUES_REMEDY };
      });
  },
};

const VALUES_REMEDY =
  "move it to a Secret of type addons.projectsveltos.io/cluster-profile, name that in valuesFrom, and treat the value as compromised";

/** API groups whose objects name secrets, and have references, ciphertexts or schemas of them. */
const REFERENCES = ["external-secrets.io", "bitnami.com", "apiextensions.k8s.io"];

function metadataOf(target: PolicyTarget): Field[] {
  const metadata = objectField(target).at("metadata");
  return [metadata.at("annotations"), metadata.at("labels")];
}

function secretViolations(field: Field, remedy: string, key = ""): Violation[] {
  const { value } = field;
  if (typeof value === "string" || typeof value === "number") {
    const reason = secretReason(key, value);
    return reason === undefined ? [] : [field.redacted(reason, remedy)];
  }
  if (Array.isArray(value)) {
    const { items } = field;
    // The value of a flag is the next argument.
    return items.flatMap((item, index) => secretViolations(item, remedy, flagOf(items[index - 1], item) ?? key));
  }
  // In a list of variables, files or parameters the name is a value itself.
  const named = nameOf(field) ?? (isSecretKey(key) ? key : undefined);
  return field.entries.flatMap(([name, child]) =>
    secretViolations(child, remedy, named !== undefined && VALUES.includes(name) ? named : name),
  );
}

const NAMES = ["name", "key", "path"];
const VALUES = ["value", "content"];

/** The name in an entry such as `{name: DB_PASSWORD, value: …}`, if it names a secret. */
function nameOf(entry: Field): string | undefined {
  return NAMES.flatMap((key) => text(at(entry.value, key)) ?? []).find(isSecretKey);
}

function flagOf(before: Field | undefined, item: Field): string | undefined {
  const flag = /^--?([\w.-]+)$/.exec(before?.text ?? "")?.[1];
  return flag !== undefined && isSecretKey(flag) && !item.text?.startsWith("-") ? flag : undefined;
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
