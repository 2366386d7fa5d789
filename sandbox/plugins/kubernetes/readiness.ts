import { isMap, type Value, type ValueMap } from "../property-values.ts";
import { metadataOf } from "./object-names.ts";
import { type Condition, statusCondition, type Verdict } from "./wait-for.ts";

/** What the plugin waits for without being asked, by apiVersion/kind. */
const BUILT_IN: Record<string, Condition> = {
  "apps/v1/Deployment": (object) => workload(object, "Deployment"),
  "apps/v1/StatefulSet": (object) => workload(object, "StatefulSet"),
  "batch/v1/Job": (object) => statusCondition("Complete", "True")(object),
  "v1/Pod": (object) =>
    fieldsOf(object, "status")["phase"] === "Succeeded" ? { met: true } : statusCondition("Ready", "True")(object),
  "v1/Service": service,
};

export function builtInCondition(object: ValueMap): Condition | undefined {
  return BUILT_IN[`${object["apiVersion"]}/${object["kind"]}`];
}

/** Kinds whose readiness is looked at in a refresh too. */
export function isWatchedOnRead(object: ValueMap): boolean {
  return builtInCondition(object) !== undefined;
}

function workload(object: ValueMap, kind: string): Verdict {
  const spec = fieldsOf(object, "spec");
  const status = fieldsOf(object, "status");
  const wanted = number(spec["replicas"], 1);
  const seen = number(status["observedGeneration"], 0) >= number(metadataOf(object)["generation"], 0);
  const updated = number(status["updatedReplicas"], 0);
  const available = number(kind === "Deployment" ? status["availableReplicas"] : status["readyReplicas"], 0);
  const old = number(status["replicas"], 0) - updated;
  if (seen && updated >= wanted && available >= wanted && old <= 0) {
    return { met: true };
  }
  return { met: false, message: `[${kind}] Minimum number of live Pods was not attained (${available}/${wanted})` };
}

function service(object: ValueMap): Verdict {
  const ingress = fieldsOf(fieldsOf(object, "status"), "loadBalancer")["ingress"];
  const waits = fieldsOf(object, "spec")["type"] === "LoadBalancer" && !(Array.isArray(ingress) && ingress.length > 0);
  return waits
    ? { met: false, message: "Service was not allocated an IP address; does your cloud provider support this?" }
    : { met: true };
}

function fieldsOf(object: ValueMap, key: string): ValueMap {
  const value = object[key];
  return isMap(value) ? value : {};
}

function number(value: Value | undefined, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}
