/** Names and UUIDs of the stack file against what a Prism Central has: exactly one, or what is wrong and what to write. */
import leven from "leven";
import type { Identifier } from "../../schema/primitives.ts";

export interface Named {
  readonly uuid: string;
  readonly name: string;
}

export type Resolved<T extends Named> =
  | { readonly one: T; readonly found?: undefined; readonly remedy?: undefined }
  | { readonly one?: undefined; readonly found: string; readonly remedy: string };

interface Question<T extends Named> {
  /** What it is, in the singular: `image`. */
  readonly what: string;
  readonly identifier: Identifier;
  readonly among: readonly T[];
  /** CAPX compares names of clusters and projects without regard to case. */
  readonly anyCase?: boolean;
}

const NEAREST = 3;

/** The one that is meant; candidates are told with the UUIDs that settle it. */
export function resolved<T extends Named>({ what, identifier, among, anyCase = false }: Question<T>): Resolved<T> {
  if (identifier.type === "uuid") {
    const one = among.find(({ uuid }) => uuid.toLowerCase() === identifier.uuid.toLowerCase());
    if (one !== undefined) return { one };
    return { found: `there is no ${what} with the UUID ${identifier.uuid}`, remedy: nearest(what, "", among) };
  }
  const { name } = identifier;
  const same = (other: string) => other === name || (anyCase && other.toLowerCase() === name.toLowerCase());
  const [one, ...more] = among.filter((candidate) => same(candidate.name));
  if (one === undefined) return { found: `there is no ${what} "${name}"`, remedy: nearest(what, name, among) };
  if (more.length === 0) return { one };
  const uuids = [one, ...more].map(({ uuid }) => uuid).join(", ");
  return {
    found: `${more.length + 1} ${what}s are named "${name}": ${uuids}`,
    remedy: "write {type: uuid, uuid: …} with the UUID of the one that is meant",
  };
}

function nearest(what: string, name: string, among: readonly Named[]): string {
  if (among.length === 0) return `make it: there is no ${what} to choose from`;
  const near = [...among].sort((one, other) => leven(name, one.name) - leven(name, other.name)).slice(0, NEAREST);
  return `make it, or write one that is there: ${near.map((one) => `"${one.name}" (${one.uuid})`).join(", ")}`;
}
