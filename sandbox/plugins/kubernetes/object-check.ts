import { randomBytes } from "node:crypto";
import { isMap, markSecrets, revealMap, type ValueMap } from "../property-values.ts";
import type { CheckCall, CheckResult } from "../provider.ts";
import type { Context } from "./context.ts";
import { normalize } from "./normalize.ts";
import { annotation, isPatch, metadataOf, nameOf, namespaceOf, typeOf, withMetadata } from "./object-names.ts";

export async function checkObject({ settings }: Context, call: CheckCall): Promise<CheckResult> {
  const gvk = typeOf(call.urn);
  const news = revealMap(call.news);
  const olds = revealMap(call.olds ?? {});
  let inputs = normalize(news);
  if (isPatch(call.urn, inputs) && nameOf(inputs) === "") {
    throw new Error("patch resources require the `.metadata.name` field to be set");
  }
  if (gvk.kind === "List" || metadataOf(inputs)["generateName"] !== undefined) {
    throw new Error(`${gvk.kind}: lists and metadata.generateName are not served`);
  }
  inputs = withName(inputs, { urn: call.urn, olds, seed: call.seed });
  if (namespaceOf(inputs) === "" && metadataOf(inputs)["namespace"] === undefined) {
    const namespaced = settings.client
      ? await settings.client.discovery.isNamespaced({ ...gvk, kind: String(inputs["kind"]) })
      : true;
    inputs = namespaced ? withMetadata(inputs, { namespace: settings.defaultNamespace }) : inputs;
  }
  return { inputs: markSecrets(inputs, call.news) };
}

/** The name of a nameless object: the one it had, or a new one with a mark that says so. */
function withName(inputs: ValueMap, given: { urn: string; olds: ValueMap; seed: Uint8Array }): ValueMap {
  if (metadataOf(inputs)["name"] !== undefined) {
    return inputs;
  }
  const had = annotation(given.olds, "autonamed") === "true" ? nameOf(given.olds) : "";
  if (Object.keys(given.olds).length > 0 && had === "") {
    return inputs;
  }
  const suffix = Buffer.from(given.seed.length > 0 ? given.seed : randomBytes(8))
    .toString("hex")
    .slice(0, 8);
  const annotations = metadataOf(inputs)["annotations"];
  return withMetadata(inputs, {
    name: had || `${given.urn.split("::").at(-1)}-${suffix}`,
    annotations: { ...(isMap(annotations) ? annotations : {}), "pulumi.com/autonamed": "true" },
  });
}
