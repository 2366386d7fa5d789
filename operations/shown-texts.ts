/** What objects may show of the texts that controllers wrote into them. */
import type { KindName } from "../kubernetes/kinds.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Redact } from "../kubernetes/redact.ts";
import { printable } from "../policy/rules/printable.ts";
import type { KindLists, Snapshot } from "./snapshot.ts";

/** Masks secrets in every status, before a printer joins or cuts lines, and makes control characters visible. */
export function shownLists<Kind extends KindName>(lists: KindLists<Kind>, redact: Redact): KindLists<Kind> {
  const entries = Object.entries<readonly KubernetesObject[]>(lists.objects);
  const objects = entries.map(([kind, items]) => [
    kind,
    items.map((object) => (object.status === undefined ? object : { ...object, status: below(object.status, redact) })),
  ]);
  const gaps = lists.gaps.map((gap) => ({ ...gap, message: shownText(gap.message, redact) }));
  return { objects: Object.fromEntries(objects), gaps };
}

/** {@link shownLists} with the events. */
export function shownSnapshot(snapshot: Snapshot, redact: Redact): Snapshot {
  const events = snapshot.events.map((event) => ({
    ...event,
    ...(below({ reason: event.reason, message: event.message }, redact) as object),
  }));
  return { ...snapshot, ...shownLists(snapshot, redact), events };
}

function shownText(text: string, redact: Redact): string {
  return printable(redact(text));
}

function below<T>(value: T, redact: Redact): T {
  if (typeof value === "string") return shownText(value, redact) as T;
  if (Array.isArray(value)) return value.map((item) => below(item, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, below(inside, redact)])) as T;
}
