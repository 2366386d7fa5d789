import { isDeepStrictEqual } from "node:util";
import { isMap, type Value, type ValueMap } from "../property-values.ts";
import type { DiffKind, DiffResult } from "../provider.ts";

type Path = (string | number)[];
type Changes = DiffResult["changes"];
interface Sides {
  /** the new value; undefined: removed */
  patch: Value | undefined;
  old: Value | undefined;
  newInput: Value | undefined;
  oldInput: Value | undefined;
}

/** What of `live` has a place in `shape`: the fields that the program set. */
export function prune(live: Value, shape: Value): Value {
  if (isMap(live) && isMap(shape)) {
    return Object.fromEntries(
      Object.entries(live)
        .filter(([key]) => key in shape)
        .map(([key, value]) => [key, prune(value, shape[key] ?? null)]),
    );
  }
  if (Array.isArray(live) && Array.isArray(shape)) {
    if (live.length === 0 || shape.length === 0) {
      return [];
    }
    return shape.slice(0, live.length).map((item, index) => prune(live[index] ?? null, item));
  }
  return live;
}

/** JSON merge patch from `from` to `to`; undefined stands for a removed key. */
export function mergePatch(from: ValueMap, to: ValueMap): Record<string, Value | undefined> {
  const patch: Record<string, Value | undefined> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const before = from[key];
    const after = to[key];
    if (isDeepStrictEqual(before, after)) {
      continue;
    }
    patch[key] = isMap(before) && isMap(after) ? (mergePatch(before, after) as ValueMap) : after;
  }
  return patch;
}

/** Changes and additions from `current`, removals from `original`, as a three-way merge has them. */
export function threeWayPatch(
  original: ValueMap,
  modified: ValueMap,
  current: ValueMap,
): Record<string, Value | undefined> {
  const patch: Record<string, Value | undefined> = {};
  for (const key of new Set([...Object.keys(original), ...Object.keys(modified)])) {
    const [before, after, now] = [original[key], modified[key], current[key]];
    if (after === undefined) {
      if (now !== undefined) {
        patch[key] = undefined;
      }
    } else if (isMap(after) && isMap(now)) {
      const nested = threeWayPatch(isMap(before) ? before : {}, after, now);
      if (Object.keys(nested).length > 0) {
        patch[key] = nested as ValueMap;
      }
    } else if (!isDeepStrictEqual(after, now)) {
      patch[key] = after;
    }
  }
  return patch;
}

/** The paths that a patch changes; `forceNew` are paths such as ".metadata.name" or ".spec.containers[*].image". */
export function detailedDiff(
  patch: Record<string, Value | undefined>,
  sides: { old: ValueMap; newInputs: ValueMap; oldInputs: ValueMap },
  forceNew: readonly string[],
): Changes {
  const changes: Changes = {};
  walkMap([], patch, { ...sides, inArray: false });
  return changes;

  function walkMap(
    path: Path,
    map: Record<string, Value | undefined>,
    at: { old: ValueMap; newInputs: ValueMap; oldInputs: ValueMap; inArray: boolean },
  ): void {
    const keys = new Set([...Object.keys(map), ...(at.inArray ? Object.keys(at.old) : [])]);
    for (const key of keys) {
      walk([...path, key], {
        patch: map[key],
        old: at.old[key],
        newInput: at.newInputs[key],
        oldInput: at.oldInputs[key],
      });
    }
  }

  function walk(path: Path, side: Sides): void {
    const { patch: value, old, newInput, oldInput } = side;
    // Without a new input only the removal of an old input is a change; the rest was set by the server.
    if (newInput === undefined && (value !== undefined || oldInput === undefined)) {
      return;
    }
    if (isMap(value) && isMap(old)) {
      const inArray = path.some((step) => typeof step === "number");
      walkMap(path, value, { old, newInputs: asMap(newInput), oldInputs: asMap(oldInput), inArray });
    } else if (Array.isArray(value) && Array.isArray(old)) {
      for (let index = 0; index < Math.max(value.length, old.length); index++) {
        walk([...path, index], {
          patch: value[index],
          old: old[index],
          newInput: asArray(newInput)[index] ?? (index < value.length ? null : undefined),
          oldInput: asArray(oldInput)[index] ?? null,
        });
      }
    } else if (!isDeepStrictEqual(value, old)) {
      record(path, value, value === undefined ? "delete" : old === undefined ? "add" : "update");
    }
  }

  function record(path: Path, value: Value | undefined, kind: "add" | "delete" | "update"): void {
    const replaces = forceNew.some((pattern) => matches(pattern, path, value));
    const full: DiffKind = replaces ? `${kind}-replace` : kind;
    changes[pathText(path)] = { kind: full, inputDiff: kind === "delete" };
  }
}

/** Without what `ignored` names: property paths, each with all below it. */
export function withoutIgnored(changes: Changes, ignored: readonly string[]): Changes {
  const covers = (path: string) =>
    ignored.some((prefix) => path === prefix || (/^[.[]/.test(path.slice(prefix.length)) && path.startsWith(prefix)));
  return Object.fromEntries(Object.entries(changes).filter(([path]) => !covers(path)));
}

/** Whether the change at `path` touches the pattern: there, above it, or inside the new value. */
function matches(pattern: string, path: Path, value: Value | undefined): boolean {
  const wanted = pattern.slice(1).replaceAll("[*]", ".*").split(".");
  const agrees = path.every((step, index) => index >= wanted.length || wanted[index] === "*" || wanted[index] === step);
  return agrees && reaches(value, wanted.slice(path.length));
}

function reaches(value: Value | undefined, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) {
    return true;
  }
  if (step === "*") {
    return asArray(value).some((item) => reaches(item, rest));
  }
  return isMap(value) && step in value && reaches(value[step], rest);
}

function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") {
      return `${text}[${step}]`;
    }
    if (/[."[\]]/.test(step)) {
      return `${text}["${step.replaceAll('"', '\\"')}"]`;
    }
    return text ? `${text}.${step}` : step;
  }, "");
}

function asMap(value: Value | undefined): ValueMap {
  return isMap(value) ? value : {};
}

function asArray(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : [];
}
