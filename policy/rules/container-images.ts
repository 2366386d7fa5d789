/** Where objects name container images. */
import { clustersOf } from "./cluster-fields.ts";
import { type Field, objectField, specField } from "./field.ts";
import { map } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";

const WORKLOADS = ["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job"];

/** Images of containers, of k0s configurations and of Helm values: whatever key is called `image`, or `images.repository`. */
export function imagesOf(subjects: readonly PolicyTarget[]): Field[] {
  const k0s = clustersOf(subjects).map(({ k0s }) => k0s.config.at("spec", "images"));
  return [...k0s.flatMap((images) => [images.at("repository"), ...named(images)]), ...subjects.flatMap(ofSubject)];
}

function ofSubject(subject: PolicyTarget): Field[] {
  const { kind } = map(subject.object);
  if (kind === "Release") return named(specField(subject).at("values"));
  const spec = objectField(subject).at("spec");
  if (kind === "Pod") return containers(spec);
  if (kind === "CronJob") return containers(spec.at("jobTemplate", "spec", "template", "spec"));
  return typeof kind === "string" && WORKLOADS.includes(kind) ? containers(spec.at("template", "spec")) : [];
}

function containers(pod: Field): Field[] {
  return [...pod.at("containers").items, ...pod.at("initContainers").items].map((container) => container.at("image"));
}

/** Every text under a key `image`, and `image.repository` where it is a map. */
function named(place: Field): Field[] {
  return place.entries.flatMap(([key, below]) => {
    if (key !== "image") return named(below);
    return typeof below.value === "string" ? [below] : [below.at("repository")];
  });
}
