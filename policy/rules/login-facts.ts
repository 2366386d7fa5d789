/** Logins as far as rules may know them: never a name, never a password, only what is true of them. */
import { syntheticFields } from "./cluster-fields.ts";
import { type Field, missingField, objectField } from "./field.ts";
import { at, list, map, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

export interface LoginTarget {
  /** Where the user name stands. Its value is never shown. */
  readonly user: Field;
  readonly isBuiltIn: () => boolean;
  /** The day that the password was last changed, where somebody wrote it down. */
  readonly rotated: Field;
}

/** Name of the annotation in which a Secret says when its password was changed. */
export const ROTATED = "k0rdent-nutanix/rotated";

/** Whether a name is that of Prism Central's own administrator. */
export function isBuiltInUser(name: string): boolean {
  return name.trim().toLowerCase() === "admin";
}

/** What a stack states of its credentials, and the Secrets in which they are. */
export function loginsOf(subjects: readonly PolicyTarget[]): LoginTarget[] {
  const stated = syntheticFields(subjects, "Login").map((login) => ({
    user: login.at("username"),
    isBuiltIn: () => login.at("isBuiltIn").value === true,
    rotated: login.at("rotated"),
  }));
  return [...stated, ...subjects.flatMap(secretLogins)];
}

function secretLogins(subject: PolicyTarget): LoginTarget[] {
  const { apiVersion, kind } = map(subject.object);
  if (apiVersion !== "v1" || kind !== "Secret") return [];
  const place = objectField(subject);
  const rotated = place.at("metadata", "annotations", ROTATED);
  const read = (key: string) => text(place.at("stringData", key).value) ?? decoded(place.at("data", key).value);
  const keys = new Set([...place.at("stringData").entries, ...place.at("data").entries].map(([key]) => key));
  const found: LoginTarget[] = [];
  if (keys.has("credentials")) {
    const isBuiltIn = () => usersOf(read("credentials")).some(isBuiltInUser);
    found.push({ user: keyPlace(place, "credentials"), isBuiltIn, rotated });
  }
  if (keys.has("NUTANIX_USER")) {
    const isBuiltIn = () => isBuiltInUser(read("NUTANIX_USER") ?? "");
    // The day is told once for a Secret, however many logins it holds.
    found.push({
      user: keyPlace(place, "NUTANIX_USER"),
      isBuiltIn,
      rotated: found.length > 0 ? missingField("") : rotated,
    });
  }
  return found;
}

function keyPlace(secret: Field, key: string): Field {
  const [field] = (["stringData", "data"] as const).filter((name) => secret.at(name, key).isSet);
  return secret.at(field ?? "data", key);
}

function decoded(value: unknown): string | undefined {
  return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : undefined;
}

/** User names in the text that CAPX reads: a list of logins as JSON. */
function usersOf(credentials: string | undefined): string[] {
  try {
    const logins: unknown = JSON.parse(credentials ?? "");
    return list(logins).flatMap((login) => text(at(login, "data", "prismCentral", "username")) ?? []);
  } catch {
    return [];
  }
}
