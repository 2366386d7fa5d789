/** Types of the fields of a configuration. */

/** A word, allowed strings, a pattern, the type of a list's items, or the fields of a map. */
export type FieldType =
  | "string"
  | "boolean"
  | "integer"
  | "number"
  | "port"
  | "duration"
  | "texts"
  | "arguments"
  | "map"
  | { readonly oneOf: readonly string[] }
  | { readonly pattern: RegExp; readonly reason: string; readonly remedy: string }
  | { readonly list: FieldType }
  | FieldsType;

export interface FieldsType {
  readonly fields: Readonly<Record<string, FieldType>>;
  readonly required: readonly string[];
  /** What has the fields. @default k0s's ClusterConfig */
  readonly of?: string;
}

export const strings: FieldType = { list: "string" };
/** Allowed strings; one ends in the minor that has it first, like a name of a field. */
export const oneOf = (...values: string[]): FieldType => ({ oneOf: values });
export const list = (items: FieldType): FieldType => ({ list: items });

/** Fields of a map, and the names of those that it must have. */
export function fields(fields: Readonly<Record<string, FieldType>>, ...required: string[]): FieldType {
  return { fields, required };
}

/** Fields of one type. */
export const fieldsOf = (type: FieldType, ...names: string[]) => Object.fromEntries(names.map((name) => [name, type]));
export const stringFields = (...names: string[]) => fieldsOf("string", ...names);
