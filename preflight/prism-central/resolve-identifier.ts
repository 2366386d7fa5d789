/** Names and UUIDs of the stack file against what a Prism Central has: exactly one, or what is wrong. */
import leven from "leven";
import { identifierText } from "../../manifests/cluster-config.ts";
import type { NamedEntity } from "../../prism-central/prism-entities.ts";
import type { Identifier } from "../../schema/primitives.ts";
import { type CheckOutcome, fail, pass } from "../check.ts";

export type Resolution<T> =
  | { readonly one: T; readonly outcome: CheckOutcome }
  | { readonly one?: undefined; readonly outcome: CheckOutcome };

interface ResolveOptions<T extends NamedEntity> {
  /** What it is, in the singular: `image`. */
  readonly what: string;
  readonly identifier: Identifier;
  readonly candidates: readonly T[];
  /** CAPX compares names of clusters and projects without regard to case. */
  readonly ignoreCase?: boolean;
}

const SUGGESTIONS = 3;

/** The one that the identifier refers to, and the outcome that says so; candidates are listed with their UUIDs. */
export function resolveIdentifier<T extends NamedEntity>(options: ResolveOptions<T>): Resolution<T> {
  const { what, identifier, candidates, ignoreCase = false } = options;
  const fold = (text: string) => (ignoreCase || identifier.type === "uuid" ? text.toLowerCase() : text);
  const wanted = fold(identifierText(identifier));
  const [one, ...more] = candidates.filter(
    ({ name, uuid }) => fold(identifier.type === "name" ? name : uuid) === wanted,
  );
  if (one === undefined) {
    const name = identifier.type === "name" ? identifier.name : "";
    const wrong = identifier.type === "name" ? `"${name}"` : `with the UUID ${identifier.uuid}`;
    return { outcome: fail(`no ${what} ${wrong} exists`, suggestion(what, name, candidates)) };
  }
  if (identifier.type === "uuid") return { one, outcome: pass(`${what} ${one.uuid} is "${one.name}"`) };
  if (more.length === 0) return { one, outcome: pass(`${what} "${identifier.name}" is ${one.uuid}`) };
  const uuids = [one, ...more].map(({ uuid }) => uuid).join(", ");
  const message = `${more.length + 1} ${what}s are named "${identifier.name}": ${uuids}`;
  return { outcome: fail(message, "write {type: uuid, uuid: …} with the UUID of one of them") };
}

function suggestion(what: string, name: string, candidates: readonly NamedEntity[]): string {
  if (candidates.length === 0) return `create it: there is no ${what}`;
  const distance = (candidate: NamedEntity) => leven(name, candidate.name);
  const nearest = [...candidates].sort((one, other) => distance(one) - distance(other)).slice(0, SUGGESTIONS);
  return `create it, or use an existing one: ${nearest.map((one) => `"${one.name}" (${one.uuid})`).join(", ")}`;
}
