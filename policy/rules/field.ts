/** A place in an object: what stands there, read only when a rule asks, and the path that a user finds it by. */

import { list, map, text, whole } from "./plain-values.ts";
import type { PolicyTarget } from "./rule.ts";
import type { Violation } from "./violation.ts";

/**
 * Reads lazily, since in a preview a value that is not known yet throws when it is read: that must stop the rules that need
 * it, and no others.
 */
export class Field {
  readonly path: string;
  /** Name of the cluster that the object belongs to: what a waiver names. */
  readonly cluster: string | undefined;
  readonly #read: () => unknown;
  readonly #joint: string;
  #known: { readonly value: unknown } | undefined;

  constructor(path: string, read: () => unknown, { cluster, joint = "." }: { cluster?: string; joint?: string } = {}) {
    this.path = path;
    this.#read = read;
    this.cluster = cluster;
    this.#joint = joint;
  }

  /** Read once: many rules ask for the same places. */
  get value(): unknown {
    this.#known ??= { value: this.#read() };
    return this.#known.value;
  }

  get text(): string | undefined {
    return text(this.value);
  }

  get whole(): number | undefined {
    return whole(this.value);
  }

  get isSet(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** The place below, by key after key. */
  at(...keys: readonly string[]): Field {
    return keys.reduce<Field>(
      (above, key) =>
        above.#below(key, () => {
          const here = map(above.value);
          return Object.hasOwn(here, key) ? here[key] : undefined;
        }),
      this,
    );
  }

  /** The items of a list; none where there is no list. */
  get items(): Field[] {
    return list(this.value).map((_, index) => this.#below(String(index), () => list(this.value)[index]));
  }

  /** The keys of a map, each with the place below it; none where there is no map. */
  get entries(): [key: string, place: Field][] {
    return Object.keys(map(this.value)).map((key) => [key, this.at(key)]);
  }

  /** What is wrong with the value here. */
  violation(reason: string, remedy: string): Violation {
    const { value } = this;
    return { ...this.violationWithoutValue(reason, remedy), ...(value === undefined ? {} : { value }) };
  }

  /** What is wrong here, without the value: for secrets, and for what is missing. */
  violationWithoutValue(reason: string, remedy: string): Violation {
    return { path: this.path, reason, remedy, ...(this.cluster === undefined ? {} : { cluster: this.cluster }) };
  }

  #below(key: string, read: () => unknown): Field {
    const cluster = this.cluster === undefined ? {} : { cluster: this.cluster };
    return new Field(`${this.path}${this.#joint}${key}`, read, cluster);
  }
}

/** The object of a subject, key by key: `NutanixCluster kcm-system/edge spec.prismCentral`. */
export function objectField({ at, object }: PolicyTarget, cluster?: string): Field {
  return new Field(at, () => object, { joint: " ", ...(cluster === undefined ? {} : { cluster }) });
}

/** What the user wrote of a subject: its `spec` under the subject's own path, as for Helm releases and what a stack declares. */
export function specField({ at, object }: PolicyTarget, cluster?: string): Field {
  return new Field(at, () => map(object)["spec"], cluster === undefined ? {} : { cluster });
}

/** The chart's values of a ClusterDeployment, under the subject's own path. */
export function configField({ at, object }: PolicyTarget, cluster?: string): Field {
  const read = () => map(map(object)["spec"])["config"];
  return new Field(at, read, cluster === undefined ? {} : { cluster });
}

/** A ClusterDeployment key by key: its subject's path is that of the values below `spec.config`. */
export function deploymentField(subject: PolicyTarget, cluster?: string): Field {
  return objectField({ ...subject, at: subject.at.replace(/ spec\.config$/, "") }, cluster);
}

const BESIDE_CONFIG = { credential: ["spec", "credential"], labels: ["metadata", "labels"] } as const;

/** What a stack file has beside a cluster's values, and a ClusterDeployment above them. */
export function besideConfig(subject: PolicyTarget, cluster: string, word: keyof typeof BESIDE_CONFIG): Field {
  const place = deploymentField(subject, cluster).at(...BESIDE_CONFIG[word]);
  const isObject = subject.at.includes(" ");
  return isObject ? place : new Field(`${subject.at}.${word}`, () => place.value, { cluster });
}

/** A place where nothing stands. */
export function missingField(path: string): Field {
  return new Field(path, () => undefined);
}

/** Where the stack file has a word for what stands in no field of an object. */
export function keyPath(at: string, word: string): string {
  return at.includes(" ") ? `${at.replace(/ spec\.config$/, "")} ${word}` : `${at}.${word}`;
}
