import { hasUnknown, isMap, mapValues, type ValueMap } from "../property-values.ts";
import { withMetadata } from "./object-names.ts";

/** Inputs as the API server will spell them: no read-only metadata, the text of a Secret encoded. */
export function normalize(inputs: ValueMap): ValueMap {
  const cleaned = isMap(inputs["metadata"])
    ? withMetadata(inputs, {
        creationTimestamp: undefined,
        deletionGracePeriodSeconds: undefined,
        deletionTimestamp: undefined,
        generation: undefined,
        managedFields: undefined,
        resourceVersion: undefined,
        uid: undefined,
      })
    : inputs;
  return cleaned["kind"] === "Secret" && cleaned["apiVersion"] === "v1" && !hasUnknown(cleaned)
    ? encodeSecret(cleaned)
    : cleaned;
}

function encodeSecret(object: ValueMap): ValueMap {
  const { stringData, data, ...rest } = object;
  if (isMap(stringData) && Object.keys(stringData).length > 0) {
    const encoded = mapValues(stringData, (value) => Buffer.from(String(value)).toString("base64"));
    return { ...rest, data: { ...(isMap(data) ? data : {}), ...encoded } };
  }
  return object;
}
