/** Which controller a pod of the management cluster belongs to. */
import { at, type KubernetesObject } from "../kubernetes/object.ts";

/** Controllers by the names of their pods; the first that matches. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^kcm-/, "kcm"],
  [/^(source|helm|kustomize|notification)-controller|flux/, "flux"],
  [/^(capx|.*nutanix)-.*controller|^capx-/, "capx"],
  [/k0smotron/, "k0smotron"],
  [/^(capi|cluster-api)|capi-operator/, "cluster-api"],
  [/sveltos|addon-controller|event-manager/, "sveltos"],
];

/** undefined for pods that are not a controller's. */
export function partOf({ metadata }: KubernetesObject): string | undefined {
  // Pods of hosted control planes are k0smotron's work, and not k0smotron.
  if (metadata.labels?.["app"] === "k0smotron" || metadata.name.startsWith("kmc-")) return undefined;
  return PARTS.find(([pattern]) => pattern.test(metadata.name))?.[1];
}

/** Names of a pod's containers. */
export function containersOf({ spec }: KubernetesObject): string[] {
  return ((at(spec, "containers") ?? []) as { name: string }[]).map(({ name }) => name);
}
