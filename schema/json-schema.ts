/** JSON Schemas of stack files and cluster files for editors, generated from the zod schemas. */
import * as z from "zod";
import { cluster } from "./cluster.ts";
import { credentials, stack } from "./stack.ts";

/** One node of a JSON Schema of draft 7, which every YAML editor knows. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/** The project's name, which prefixes every key in a stack file. */
const PROJECT_NAME = "k0rdent-nutanix";

const DRAFT = "http://json-schema.org/draft-07/schema#";
/** A value that `pulumi config set --secret` wrote. */
const SECRET: JsonSchema = {
  type: "object",
  properties: { secure: { type: "string", description: "ciphertext, written by pulumi config set --secret" } },
  required: ["secure"],
  additionalProperties: false,
};
/** Pulumi's own keys in a stack file. */
const PULUMI_KEYS: Readonly<Record<string, JsonSchema>> = {
  secretsprovider: { type: "string", description: "secrets provider of the stack" },
  encryptionsalt: { type: "string", description: "salt of the stack's passphrase" },
  encryptedkey: { type: "string", description: "the stack's data key, encrypted by the secrets provider" },
  environment: { type: ["array", "object"], description: "Pulumi ESC environments" },
};

/** The settings of a stack by key, without the project's name. */
export function settingsSchema(): JsonSchema {
  const { properties, required = [], ...rest } = toJson(stack);
  return { ...rest, properties: { ...properties, credentials: credentialsSchema() }, required };
}

/** A cluster: the body of a file in `clusters/<stack>/`. */
export function clusterFileSchema(): JsonSchema {
  return { $schema: DRAFT, title: `a cluster of ${PROJECT_NAME}`, ...toJson(cluster) };
}

/** A whole `Pulumi.<stack>.yaml`: Pulumi's own keys, and this project's under `config`. */
export function stackFileSchema(): JsonSchema {
  const { properties = {}, required = [] } = settingsSchema();
  const named = (key: string) => `${PROJECT_NAME}:${key}`;
  return {
    $schema: DRAFT,
    title: `a stack file of ${PROJECT_NAME}`,
    type: "object",
    properties: {
      ...PULUMI_KEYS,
      config: {
        type: "object",
        properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [named(key), value])),
        required: required.map(named),
        // Settings of providers and of Pulumi.
        patternProperties: { [`^(?!${PROJECT_NAME}:)[^:]+:.+$`]: {} },
        additionalProperties: false,
      },
    },
    required: ["config"],
    additionalProperties: false,
  };
}

/** Passwords must be secret or generated; user names, and all credentials in one value, may be secret. */
function credentialsSchema(): JsonSchema {
  const { additionalProperties, ...byName } = toJson(credentials);
  const entry = additionalProperties as JsonSchema;
  const { username = {}, password = {}, generate = {}, ...others } = entry.properties ?? {};
  const { description: user, ...plainText } = username;
  const hidden = { ...SECRET, ...(password.description === undefined ? {} : { description: password.description }) };
  const either = ([key, schema]: readonly [string, JsonSchema]): JsonSchema => ({
    ...entry,
    properties: {
      username: { ...(user === undefined ? {} : { description: user }), anyOf: [plainText, SECRET] },
      [key]: schema,
      ...others,
    },
    required: ["username", key],
  });
  const logins = [["password", hidden] as const, ["generate", generate] as const].map(either);
  return {
    description: "logins to Prism Central by name: `global`, and one for each cluster that has its own",
    anyOf: [{ ...byName, additionalProperties: { anyOf: logins } }, SECRET],
  };
}

/** `values.schema.json` of a chart. Helm checks values with the chart's defaults: a key with a default is required. */
export function valuesSchema(chart: string, values: z.ZodType): JsonSchema {
  return { $schema: DRAFT, title: `values of ${chart}`, ...toJson(values, "output") };
}

function toJson(schema: z.ZodType, io: "input" | "output" = "input"): JsonSchema {
  const json = z.toJSONSchema(schema, { io, target: "draft-07", unrepresentable: "any" });
  const { $schema: _, definitions: __, ...body } = tidy(json) as JsonSchema;
  return body;
}

/** Removes keywords without information. */
function tidy(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tidy);
  if (typeof node !== "object" || node === null) return node;
  if ("$ref" in node) return {};
  const says = ([key, value]: [string, unknown]) =>
    !(key === "maximum" && value === Number.MAX_SAFE_INTEGER) &&
    !(key === "propertyNames" && JSON.stringify(value) === '{"type":"string"}');
  return Object.fromEntries(
    Object.entries(node)
      .filter(says)
      .map(([key, value]) => [key, key === "default" ? value : tidy(value)]),
  );
}
