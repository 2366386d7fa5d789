/** Plain JSON as the engine sends it: secrets are marked objects, unknown values are a marker string. */
export type Value = string | number | boolean | null | Value[] | ValueMap;
export interface ValueMap {
  [key: string]: Value;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What stands for a value that is not known before the up. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is ValueMap {
  return isMap(value) && value[SIGNATURE] === SECRET;
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** A deep copy without the marks of secrets. */
export function reveal(value: Value): Value {
  if (isSecret(value)) {
    return reveal(value["value"] ?? null);
  }
  if (Array.isArray(value)) {
    return value.map(reveal);
  }
  return isMap(value) ? mapValues(value, reveal) : value;
}

export function revealMap(value: ValueMap): ValueMap {
  return mapValues(value, reveal);
}

export function mapValues(map: ValueMap, change: (value: Value, key: string) => Value): ValueMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}

export function hasUnknown(value: Value): boolean {
  return some(value, (leaf) => leaf === UNKNOWN);
}

export function hasSecret(value: Value): boolean {
  return some(value, isSecret);
}

/** Marks in `outputs` whatever is a secret in `inputs`; the data of a Kubernetes Secret always. */
export function markSecrets(outputs: ValueMap, inputs: ValueMap): ValueMap {
  if (outputs["kind"] === "Secret") {
    return mapValues(outputs, (value, key) => (key === "data" || key === "stringData" ? secret(value) : value));
  }
  return mapValues(outputs, (value, key) => {
    const input = inputs[key];
    if (input === undefined || isSecret(value)) {
      return value;
    }
    if (isMap(value) && isMap(input) && !isSecret(input)) {
      return markSecrets(value, input);
    }
    return hasSecret(input) ? secret(value) : value;
  });
}

/** Puts the unknown values of `inputs` back where `outputs` has something else. */
export function markUnknown(outputs: Value, inputs: Value): Value {
  if (isSecret(inputs)) {
    return markUnknown(outputs, inputs["value"] ?? null);
  }
  if (inputs === UNKNOWN) {
    return UNKNOWN;
  }
  if (Array.isArray(outputs) && Array.isArray(inputs)) {
    return outputs.map((item, index) => markUnknown(item, inputs[index] ?? null));
  }
  if (isMap(outputs) && isMap(inputs)) {
    return mapValues(outputs, (value, key) => markUnknown(value, inputs[key] ?? null));
  }
  return outputs;
}

function some(value: Value, test: (value: Value) => boolean): boolean {
  if (test(value)) {
    return true;
  }
  const children = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [];
  return children.some((child) => some(child, test));
}
