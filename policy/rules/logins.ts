/** Logins as far as rules may know them: never a name, never a password, only what is true of them. */
import { facts } from "./cluster.ts";
import { nowhere, objectPlace, type Place } from "./place.ts";
import { at, list, map, text } from "./plain.ts";
import type { Subject } from "./rule.ts";

export interface Login {
  /** Where the user name stands. Its value is never shown. */
  readonly user: Place;
  readonly isBuiltIn: () => boolean;
  /** The day that the password was last changed, where somebody wrote it down. */
  readonly rotated: Place;
}

/** Name of the annotation in which a Secret says when its password was changed. */
export const ROTATED = "k0rdent-nutanix/rotated";

/** Whether a name is that of Prism Central's own administrator. */
export function isBuiltInUser(name: string): boolean {
  return name.trim().toLowerCase() === "admin";
}

/** What a stack states of its credentials, and the Secrets in which they are. */
export function loginsOf(subjects: readonly Subject[]): Login[] {
  const stated = facts(subjects, "Login").map((login) => ({
    user: login.at("username"),
    isBuiltIn: () => login.at("isBuiltIn").value === true,
    rotated: login.at("rotated"),
  }));
  return [...stated, ...subjects.flatMap(secretLogins)];
}

function secretLogins(subject: Subject): Login[] {
  const { apiVersion, kind } = map(subject.object);
  if (apiVersion !== "v1" || kind !== "Secret") return [];
  const place = objectPlace(subject);
  const rotated = place.at("metadata", "annotations", ROTATED);
  const read = (key: string) => text(place.at("stringData", key).value) ?? decoded(place.at("data", key).value);
  const keys = new Set([...place.at("stringData").entries, ...place.at("data").entries].map(([key]) => key));
  const found: Login[] = [];
  if (keys.has("credentials")) {
    const isBuiltIn = () => usersOf(read("credentials")).some(isBuiltInUser);
    found.push({ user: keyPlace(place, "credentials"), isBuiltIn, rotated });
  }
  if (keys.has("NUTANIX_USER")) {
    const isBuiltIn = () => isBuiltInUser(read("NUTANIX_USER") ?? "");
    // The day is told once for a Secret, however many logins it holds.
    found.push({ user: keyPlace(place, "NUTANIX_USER"), isBuiltIn, rotated: found.length > 0 ? nowhere("") : rotated });
  }
  return found;
}

function keyPlace(secret: Place, key: string): Place {
  const [field] = (["stringData", "data"] as const).filter((name) => secret.at(name, key).isWritten);
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
