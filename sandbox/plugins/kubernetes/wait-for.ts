import { isMap, type Value, type ValueMap } from "../property-values.ts";
import { compilePath } from "./jsonpath.ts";
import { annotation, metadataOf } from "./object-names.ts";

/** Whether an object is as it should be, and what to tell while it is not. */
export interface Verdict {
  met: boolean;
  message?: string;
}
export type Condition = (object: ValueMap) => Verdict;

/**
 * The condition that the annotation pulumi.com/waitFor of the live object asks for.
 * @throws Error for an expression that cannot be read
 */
export function requestedCondition(object: ValueMap): Condition | undefined {
  const written = annotation(object, "waitFor");
  if (written === "") {
    return undefined;
  }
  const conditions = expressions(written).map(parseExpression);
  if (conditions.length === 0) {
    throw new Error("at least one condition must be specified");
  }
  return (live) => conditions.map((condition) => condition(live)).find((verdict) => !verdict.met) ?? { met: true };
}

function expressions(written: string): string[] {
  try {
    const list: unknown = JSON.parse(written);
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : [written];
  } catch {
    return [written];
  }
}

function parseExpression(expression: string): Condition {
  if (expression.startsWith("jsonpath=")) {
    return jsonPathCondition(expression.slice("jsonpath=".length));
  }
  if (expression.startsWith("condition=")) {
    const [type = "", status = "True"] = expression.slice("condition=".length).split(/=(.*)/s);
    return statusCondition(type, status);
  }
  throw new Error(`expected a "jsonpath=" or "condition=" prefix, got "${expression}"`);
}

/** status.conditions has the type with the status, seen for the present generation. */
export function statusCondition(type: string, status: string): Condition {
  return (object) => {
    const conditions = statusOf(object)["conditions"];
    if (!Array.isArray(conditions)) {
      return { met: false, message: "Has no .status.conditions" };
    }
    const found = conditions.filter(isMap).find((item) => equalFold(item["type"], type));
    if (!found) {
      return { met: false };
    }
    const seen = found["observedGeneration"] ?? statusOf(object)["observedGeneration"];
    const generation = metadataOf(object)["generation"];
    if (typeof seen === "number" && typeof generation === "number" && seen < generation) {
      return { met: false, message: `Generation ${seen} is less than expected ${generation}` };
    }
    const met = equalFold(found["status"], status);
    return met ? { met } : { met, message: `Resource has condition ${type}=${found["status"]} (want ${status})` };
  };
}

function jsonPathCondition(written: string): Condition {
  // "==" belongs to a filter; a single "=" stands before the wanted value.
  const parts = written.split(/(?<![=!])=(?!=)/);
  const [path = "", value] = parts;
  if (parts.length > 2) {
    throw new Error(`format should be {.path}=value or {.path}, got "${written}"`);
  }
  if (value === "") {
    throw new Error(`${path}= requires a value`);
  }
  const inner = /\{\s*(.*?)\s*\}/s.exec(path)?.[1];
  if (inner === undefined) {
    throw new Error(`${path} should be wrapped in brackets { ... }`);
  }
  const select = compilePath(inner);
  return (object) => {
    const generation = metadataOf(object)["generation"];
    const seen = statusOf(object)["observedGeneration"];
    if (typeof generation === "number" && typeof seen === "number" && seen < generation) {
      return { met: false };
    }
    const [found] = select(object);
    if (found === undefined) {
      return { met: false, message: `${path} selected nothing` };
    }
    if (typeof found === "object" && found !== null) {
      return { met: value === undefined };
    }
    const met = value === undefined || String(found) === value;
    return met ? { met } : { met, message: `Waiting for ${path}=${value} (found "${found}")` };
  };
}

function statusOf(object: ValueMap): ValueMap {
  return isMap(object["status"]) ? object["status"] : {};
}

function equalFold(value: Value | undefined, text: string): boolean {
  return typeof value === "string" && value.toLowerCase() === text.toLowerCase();
}
