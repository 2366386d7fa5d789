import { revealMap, UNKNOWN, type ValueMap } from "../property-values.ts";
import type { DiffCall, DiffResult } from "../provider.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { Context } from "./context.ts";
import { detailedDiff, mergePatch, prune, withoutIgnored } from "./diff.ts";
import { forceNewPaths } from "./force-new.ts";
import { normalize } from "./normalize.ts";
import { annotation, gvkOf, metadataOf, nameOf, namespaceOf, withMetadata } from "./object-names.ts";

export async function diffObject({ settings }: Context, call: DiffCall): Promise<DiffResult> {
  const old = readCheckpoint(call.olds);
  const oldInputs = normalize(old.inputs);
  let inputs = normalize(revealMap(call.news));
  let live = prune(old.live, oldInputs) as ValueMap;
  const namespaced = settings.client ? await settings.client.discovery.isNamespaced(gvkOf(inputs)) : true;
  const canonical = (object: ValueMap) => (namespaced ? namespaceOf(object) || "default" : undefined);
  const namespaceUnknown = metadataOf(inputs)["namespace"] === UNKNOWN;
  live = withMetadata(live, { namespace: canonical(live), resourceVersion: undefined });
  inputs = namespaceUnknown ? inputs : withMetadata(inputs, { namespace: canonical(inputs) });
  if (nameOf(inputs) !== "") {
    live = withMetadata(live, { name: nameOf(old.live) });
  }
  const sides = { old: live, newInputs: inputs, oldInputs: live };
  const found = detailedDiff(mergePatch(live, inputs), sides, forceNewPaths(call.urn, inputs, settings.mutable));
  const changes = withoutIgnored(found, call.ignoreChanges);
  const replaces = Object.entries(changes).filter(([, change]) => change.kind.endsWith("-replace"));
  const sameName = nameOf(inputs) === nameOf(old.live) && annotation(inputs, "autonamed") !== "true";
  return {
    changes,
    replaces: replaces.map(([path]) => path),
    deleteBeforeReplace: replaces.length > 0 && sameName && namespaceOf(inputs) === namespaceOf(old.live),
  };
}
