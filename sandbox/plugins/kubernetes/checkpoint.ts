import { isMap, markSecrets, revealMap, type ValueMap } from "../property-values.ts";

/** What the engine keeps of an object: the live fields, and beside them the inputs that made it. */
export interface Checkpoint {
  inputs: ValueMap;
  live: ValueMap;
  fieldManager: string;
  initialApiVersion: string;
}

export function writeCheckpoint(checkpoint: Checkpoint, fromInputs: ValueMap): ValueMap {
  const live = markSecrets(checkpoint.live, fromInputs);
  return {
    ...live,
    __inputs: markSecrets(checkpoint.inputs, fromInputs),
    __initialApiVersion: checkpoint.initialApiVersion,
    __fieldManager: checkpoint.fieldManager,
  };
}

/** Takes a state apart again, without the marks of secrets. */
export function readCheckpoint(state: ValueMap): Checkpoint {
  const { __inputs, __initialApiVersion, __fieldManager, ...live } = revealMap(state);
  const inputs = isMap(__inputs) ? __inputs : {};
  return {
    inputs,
    live,
    fieldManager: typeof __fieldManager === "string" ? __fieldManager : "",
    initialApiVersion:
      typeof __initialApiVersion === "string" ? __initialApiVersion : String(inputs["apiVersion"] ?? ""),
  };
}
