/** k0rdent Credentials and Prism Central logins of policy targets. Of logins rules see properties, never values. */
import { Field, isKind, K0RDENT_GROUP, missingField, objectField, syntheticFields } from "./field.ts";
import { at, jsonOf, list, map, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

export interface CredentialFields {
  readonly at: string;
  readonly name: string;
  readonly namespace: string;
  /** Name of the identity Secret. */
  readonly identity: Field;
}

export function credentialsOf(targets: readonly PolicyTarget[]): CredentialFields[] {
  return targets
    .filter((target) => isKind(target, K0RDENT_GROUP, "Credential"))
    .map((target) => {
      const object = objectField(target);
      return {
        at: target.at,
        name: object.at("metadata", "name").text ?? "",
        namespace: object.at("metadata", "namespace").text ?? "default",
        identity: object.at("spec", "identityRef", "name"),
      };
    });
}

export interface LoginFields {
  /** The user name; its value is never printed. */
  readonly user: Field;
  readonly isBuiltIn: () => boolean;
  /** Date of the last password change, if it is recorded. */
  readonly rotated: Field;
}

/** The annotation of a Secret with the date of the last password change. */
const ROTATED = "k0rdent-nutanix/rotated";

/** Whether a user is Prism Central's built-in administrator. */
export function isBuiltInUser(name: string): boolean {
  return name.trim().toLowerCase() === "admin";
}

/** The stack's `credentials`, and Secrets with logins. */
export function loginsOf(targets: readonly PolicyTarget[]): LoginFields[] {
  const declared = syntheticFields(targets, "Login").map((login) => ({
    user: login.at("username"),
    isBuiltIn: () => login.at("isBuiltIn").value === true,
    rotated: login.at("rotated"),
  }));
  return [...declared, ...targets.flatMap(secretLogins)];
}

/** How to read the user names from the keys that CAPX and the Cluster API operator use. */
const USER_NAMES: Readonly<Record<string, (value: string) => string[]>> = {
  credentials: basicAuthUsers,
  NUTANIX_USER: (value) => [value],
};

/** Whether a target is a Secret, a patch of one, or a list of them. */
export function isSecret({ object }: PolicyTarget): boolean {
  const { apiVersion, kind } = map(object);
  return apiVersion === "v1" && /^Secret(Patch|List)?$/.test(text(kind) ?? "");
}

function secretLogins(target: PolicyTarget): LoginFields[] {
  if (!isSecret(target)) return [];
  const secret = objectField(target);
  const rotated = secret.at("metadata", "annotations", ROTATED);
  const keys = new Set([...secret.at("stringData").entries, ...secret.at("data").entries].map(([key]) => key));
  return Object.entries(USER_NAMES)
    .filter(([key]) => keys.has(key))
    .map(([key, usersIn], index) => ({
      user: secretField(secret, key),
      isBuiltIn: () => usersIn(secretField(secret, key).text ?? "").some(isBuiltInUser),
      // One date for all logins of a Secret.
      rotated: index === 0 ? rotated : missingField(""),
    }));
}

/** The text under a key of a Secret, in `stringData` or in `data`. */
export function secretField(secret: Field, key: string): Field {
  const plain = secret.at("stringData", key);
  if (plain.isSet) return plain;
  const encoded = secret.at("data", key);
  const decoded = () => encoded.text && Buffer.from(encoded.text, "base64").toString("utf8");
  return new Field(encoded.path, decoded);
}

/** User names in the JSON list of logins that CAPX reads. */
function basicAuthUsers(credentials: string): string[] {
  return list(jsonOf(credentials)).flatMap((login) => text(at(login, "data", "prismCentral", "username")) ?? []);
}
