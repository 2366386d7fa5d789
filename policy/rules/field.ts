/** Fields of policy targets: a value that is read when a rule needs it, and the path under which the user finds it. */
import { at, integer, list, map, text } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";
import type { Violation } from "./violation.ts";

/** Reads lazily: in a preview an unknown value throws, which must stop only the rules that need it. */
export class Field {
  readonly path: string;
  /** Name of the cluster that the object belongs to, which waivers refer to. */
  readonly cluster: string | undefined;
  readonly #read: () => unknown;
  readonly #separator: string;
  #cache: { readonly value: unknown } | undefined;

  constructor(
    path: string,
    read: () => unknown,
    { cluster, separator = "." }: { cluster?: string | undefined; separator?: string } = {},
  ) {
    this.path = path;
    this.#read = read;
    this.cluster = cluster;
    this.#separator = separator;
  }

  get value(): unknown {
    this.#cache ??= { value: this.#read() };
    return this.#cache.value;
  }

  get text(): string | undefined {
    return text(this.value);
  }

  get integer(): number | undefined {
    return integer(this.value);
  }

  get isSet(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** The field below, key after key. */
  at(...keys: readonly string[]): Field {
    return keys.reduce<Field>((above, key) => above.#child(key, () => at(above.value, key)), this);
  }

  /** The items of a list; none if the value is not a list. */
  get items(): Field[] {
    return list(this.value).map((_, index) => this.#child(String(index), () => list(this.value)[index]));
  }

  /** The entries of a map; none if the value is not a map. */
  get entries(): [key: string, field: Field][] {
    return Object.keys(map(this.value)).map((key) => [key, this.at(key)]);
  }

  violation(reason: string, remedy: string): Violation {
    const { value } = this;
    return { ...this.redacted(reason, remedy), ...(value === undefined ? {} : { value }) };
  }

  /** A violation without the value, which may be a secret or long. */
  redacted(reason: string, remedy: string): Violation {
    return { path: this.path, reason, remedy, ...(this.cluster === undefined ? {} : { cluster: this.cluster }) };
  }

  #child(key: string, read: () => unknown): Field {
    return new Field(`${this.path}${this.#separator}${key}`, read, { cluster: this.cluster });
  }
}

/** An object's fields: `NutanixCluster kcm-system/edge spec.prismCentral`. */
export function objectField({ at: path, object }: PolicyTarget, cluster?: string): Field {
  return new Field(path, () => object, { separator: " ", cluster });
}

/** The `spec` of a target under the target's own path, as for Helm releases and synthetic objects. */
function specField({ at: path, object }: PolicyTarget): Field {
  return new Field(path, () => map(object)["spec"]);
}

/** The chart values of a ClusterDeployment under the target's own path. */
export function configField({ at: path, object }: PolicyTarget, cluster?: string): Field {
  return new Field(path, () => at(object, "spec", "config"), { cluster });
}

/** The fields of a ClusterDeployment, whose target path may already include `spec.config`. */
export function deploymentField(target: PolicyTarget, cluster?: string): Field {
  return objectField({ ...target, at: target.at.replace(/ spec\.config$/, "") }, cluster);
}

const OUTSIDE_CONFIG = { credential: ["spec", "credential"], labels: ["metadata", "labels"] } as const;

/** A field of a ClusterDeployment outside `spec.config`, which the stack file has among the cluster's values. */
export function outsideConfig(target: PolicyTarget, cluster: string, key: keyof typeof OUTSIDE_CONFIG): Field {
  const field = deploymentField(target, cluster).at(...OUTSIDE_CONFIG[key]);
  return target.at.includes(" ") ? field : new Field(`${target.at}.${key}`, () => field.value, { cluster });
}

const IDENTITY = ["apiVersion", "kind", "metadata", "status"];

/** What an object contains: every part but its identity; the inputs of a Helm release; nothing of a synthetic object. */
export function contentFields(target: PolicyTarget): Field[] {
  if (isKind(target, "k0rdent-nutanix")) return [];
  if (isHelmRelease(target)) return [specField(target)];
  if (!isKind(target, K0RDENT_GROUP, "ClusterDeployment")) {
    return objectField(target).entries.flatMap(([key, field]) => (IDENTITY.includes(key) ? [] : [field]));
  }
  const cluster = text(at(target.object, "metadata", "name"));
  const spec = deploymentField(target, cluster).at("spec");
  // Names of objects, which a preview may not know.
  const rest = spec.entries.filter(([key]) => !["config", "template", "credential"].includes(key));
  return [configField(target, cluster), ...rest.map(([, field]) => field)];
}

export function missingField(path: string, cluster?: string): Field {
  return new Field(path, () => undefined, { cluster });
}

/** A key of the stack file that no field of the object corresponds to, such as `protect`. */
export function optionField(path: string, key: string, cluster: string): Field {
  return missingField(path.includes(" ") ? `${path.replace(/ spec\.config$/, "")} ${key}` : `${path}.${key}`, cluster);
}

export const K0RDENT_GROUP = "k0rdent.mirantis.com";

/** Whether a target is an object of that API group and, if given, kind, in any version. */
export function isKind({ object }: PolicyTarget, group: string, kind = at(object, "kind")): boolean {
  return at(object, "kind") === kind && (text(at(object, "apiVersion"))?.startsWith(`${group}/`) ?? false);
}

/** ClusterDeployments of any chart. */
export function clusterDeployments(targets: readonly PolicyTarget[]): PolicyTarget[] {
  return targets.filter((target) => isKind(target, K0RDENT_GROUP, "ClusterDeployment"));
}

/** Whether a target has the inputs of a Helm release or chart as its spec. */
function isHelmRelease(target: PolicyTarget): boolean {
  return isKind(target, "helm.sh", "Release") || isKind(target, "helm.sh", "Chart");
}

/** Inputs of Helm releases and charts. */
export function helmReleases(targets: readonly PolicyTarget[]): Field[] {
  return targets.filter(isHelmRelease).map(specField);
}

/** Specs of synthetic objects of a kind. */
export function syntheticFields(targets: readonly PolicyTarget[], kind: string): Field[] {
  return targets.filter((target) => isKind(target, "k0rdent-nutanix", kind)).map(specField);
}
