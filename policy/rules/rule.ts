import type { Fault } from "./fault.ts";

/** A plain Kubernetes object, as far as rules read it; a Helm release is seen as kind Release of helm.sh/v3 with its inputs as spec, the preflight's settings as kind Preflight. */
export interface RuledObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** An object, and where the user wrote what it was made of: the beginning of the path in every fault. */
export interface Subject {
  readonly at: string;
  readonly object: RuledObject;
}

/** What the strictness of rules depends on. */
export interface Settings {
  readonly environment: "dev" | "staging" | "production";
}

export type Level = "mandatory" | "advisory";

/** One thing that must hold, as data and a pure function. */
export interface Rule {
  /** The good state, in kebab case. */
  readonly name: string;
  /** `mandatory` refuses, `advisory` warns. */
  readonly level: (settings: Settings) => Level;
  /** Why it must hold, for a reader who has not met the trouble. */
  readonly why: string;
  /** Reads all subjects it is given, one or many, and names every fault. Never throws. */
  readonly check: (subjects: readonly Subject[]) => Fault[];
}

export const always = (level: Level) => () => level;
export const strictOutsideDev = ({ environment }: Settings): Level =>
  environment === "dev" ? "advisory" : "mandatory";
