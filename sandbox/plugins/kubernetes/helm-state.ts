import {
  isMap,
  markSecrets,
  markUnknown,
  revealMap,
  secret,
  UNKNOWN,
  type Value,
  type ValueMap,
} from "../property-values.ts";
import { BOOLEANS, DEFAULT_TIMEOUT } from "./helm-arguments.ts";
import { resourceNames, type StoredRelease } from "./helm-history.ts";

const TEXTS = ["chart", "description", "keyring", "name", "namespace", "postrender", "version"];

/** The outputs: the inputs with the values that Helm keeps, the names of the objects and the status. */
export function releaseState(inputs: ValueMap, found: StoredRelease | undefined): ValueMap {
  const release: ValueMap = { ...emptyRelease(), ...revealMap(inputs) };
  const outputs: ValueMap = found
    ? {
        ...release,
        values: mergeMaps(isMap(release["values"]) ? release["values"] : {}, found.config),
        version: found.chart.version,
        resourceNames: resourceNames(found.manifest),
        status: {
          appVersion: found.chart.appVersion,
          chart: found.chart.name,
          name: found.name,
          namespace: found.namespace,
          revision: found.revision,
          status: found.status,
          version: found.chart.version,
        },
      }
    : { ...release, resourceNames: UNKNOWN, status: UNKNOWN };
  return { ...markSecrets(markUnknown(outputs, inputs) as ValueMap, inputs), __inputs: secret(inputs) };
}

export function readReleaseState(state: ValueMap): { inputs: ValueMap; marked: ValueMap } {
  const kept = state["__inputs"];
  const marked = isMap(kept) ? (isMap(kept["value"]) ? kept["value"] : kept) : {};
  return { inputs: revealMap(marked), marked };
}

/** Inputs of a release that was made elsewhere. */
export function importedRelease(found: StoredRelease): ValueMap {
  return {
    ...emptyRelease(),
    chart: found.chart.name,
    name: found.name,
    namespace: found.namespace,
    timeout: DEFAULT_TIMEOUT,
    values: found.config,
    version: found.chart.version,
  };
}

/** Every input with its zero, as the real plugin keeps them. */
export function emptyRelease(): ValueMap {
  const booleans = BOOLEANS.map((key): [string, Value] => [key, false]);
  const texts = TEXTS.map((key): [string, Value] => [key, ""]);
  return { ...Object.fromEntries([...booleans, ...texts]), timeout: 0, values: {} };
}

function mergeMaps(left: ValueMap, right: ValueMap): ValueMap {
  const merged = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isMap(before) && isMap(value) ? mergeMaps(before, value) : value;
  }
  return merged;
}
