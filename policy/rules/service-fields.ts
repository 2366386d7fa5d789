/** Services of policy targets: those of ClusterDeployments and of MultiClusterServices. */
import { Field, isKind, K0RDENT_GROUP, objectField } from "./field.ts";
import { at, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

export interface ServiceFields {
  readonly target: PolicyTarget;
  /** The same for a service before and after an update. */
  readonly key: string;
  readonly template: Field;
  readonly chain: Field;
  /** Helm values, a text. */
  readonly values: Field;
  /** Path of the values in the object, where other rules find them. */
  readonly valuesInObject: string;
}

export function servicesOf(targets: readonly PolicyTarget[]): ServiceFields[] {
  return targets.flatMap((target) => {
    const isCluster = isKind(target, K0RDENT_GROUP, "ClusterDeployment");
    if (!isCluster && !isKind(target, K0RDENT_GROUP, "MultiClusterService")) return [];
    const owner = text(at(target.object, "metadata", "name")) ?? "";
    const cluster = isCluster ? owner : undefined;
    const object = objectField({ ...target, at: target.at.replace(/ spec\.config$/, "") }, cluster);
    return object.at("spec", "serviceSpec", "services").items.map((service) => {
      const name = service.at("name").text ?? "";
      // The stack file has services by name, and an object has them in a list.
      const field = (key: string, stackKey = key) =>
        target.at.includes(" ")
          ? service.at(key)
          : new Field(`${target.at}.${ADDONS[name] ?? `services.${name}`}.${stackKey}`, () => service.at(key).value, {
              cluster,
            });
      return {
        target,
        key: `${at(target.object, "kind")} ${owner} ${service.at("namespace").text}/${name}`,
        template: field("template", "version"),
        chain: field("templateChain"),
        values: field("values"),
        valuesInObject: service.at("values").path,
      };
    });
  });
}

/** Services that the program makes from other keys. */
const ADDONS: Readonly<Record<string, string>> = { "nutanix-ccm": "addons.ccm", "nutanix-csi": "addons.csi" };
