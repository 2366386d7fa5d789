import type { Fault } from "./fault.ts";

/** A plain Kubernetes object, as far as rules read it; a Helm release is seen as kind Release of helm.sh/v3 with its inputs as spec, the preflight's settings as kind Preflight. */
export interface RuledObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** What belongs to an object and does not stand in it. */
export interface SubjectOptions {
  /** Whether Pulumi refuses to delete it; undefined where that is not known. */
  readonly protect?: boolean;
  /** Whether its control plane machines may be made anew. */
  readonly allowControlPlaneRollout?: boolean;
  /** Name of the login that it uses, as the stack names it. */
  readonly login?: string;
}

/** An object, and where the user wrote what it was made of: the beginning of the path in every fault. */
export interface Subject {
  readonly at: string;
  readonly object: RuledObject;
  readonly options?: SubjectOptions;
}

/** API version of the subjects that are no Kubernetes objects: `Login`, `StackReference`, `Stack`. */
export const FACTS = "k0rdent-nutanix/facts";

export type Environment = "dev" | "staging" | "production";
export type Level = "mandatory" | "advisory" | "disabled";

/** One rule is not asked of one cluster, for a reason and until a day. */
export interface Waiver {
  readonly cluster: string;
  readonly reason: string;
  /** Last day that it holds, such as `2027-01-31`. */
  readonly until: string;
}

/** What a stack says of one rule, in the shape of Pulumi's own configuration of a policy. */
export interface RuleSettings {
  readonly enforcementLevel?: Level;
  readonly waivers?: readonly Waiver[];
  readonly [setting: string]: unknown;
}

/** A network of the nodes, as the stack declares it. */
export interface NodeNetwork {
  /** Its range of addresses. */
  readonly cidr: string;
  /** What DHCP and IPAM hand out of it: `10.1.1.50-10.1.1.150` or `10.1.1.128/25`. */
  readonly pools?: readonly string[];
}

/** What the strictness of rules depends on. */
export interface Settings {
  readonly environment: Environment;
  /** What the stack says of single rules, by name. @default nothing */
  readonly rules?: Readonly<Record<string, RuleSettings>>;
  /** Networks of the nodes, by the name or UUID that machines name them by. @default none */
  readonly networks?: Readonly<Record<string, NodeNetwork>>;
  /** The same stack as it was before, for rules about change. @default not known: those rules say nothing */
  readonly previous?: readonly Subject[];
  /** The day that certificates and waivers are measured by. @default today */
  readonly now?: Date;
}

/** What a rule is told beside the subjects. */
export interface Context extends Omit<Settings, "rules"> {
  /** The rule's own settings. */
  readonly settings: RuleSettings;
  readonly now: Date;
}

/** One setting of a rule, as JSON Schema. */
export interface SettingSchema {
  readonly type: "integer" | "string" | "array" | "object";
  readonly description: string;
  readonly minimum?: number;
  readonly items?: { readonly type: "string" };
  readonly additionalProperties?: { readonly type: "string" };
}

/** Which question a rule answers. */
export type Question = "tls" | "endpoint" | "credentials" | "shape" | "change" | "supply";

/** One thing that must hold, as data and a pure function. */
export interface Rule {
  /** The good state, in kebab case. */
  readonly name: string;
  readonly question: Question;
  /** `mandatory` refuses, `advisory` warns, `disabled` is not asked. */
  readonly level: (settings: Pick<Settings, "environment">) => Level;
  /** Objects and fields that it looks at. */
  readonly reads: string;
  /** Why it must hold, for a reader who has not met the trouble. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
  /** What it says of one real fault. */
  readonly example: string;
  /** Its own settings. @default none */
  readonly settings?: Readonly<Record<string, SettingSchema>>;
  /** Where it can be neither waived nor weakened by the stack. @default nowhere */
  readonly mustHold?: (settings: Pick<Settings, "environment">) => boolean;
  /** Whether it compares with what was there before: a policy pack alone cannot ask it. @default false */
  readonly needsPrevious?: true;
  /** Labels that it would put on an object by itself, where the settings ask for that. @default none */
  readonly labels?: (object: RuledObject, settings: RuleSettings) => Readonly<Record<string, string>>;
  /** Reads all subjects it is given, one or many, and names every fault. Never throws. */
  readonly check: (subjects: readonly Subject[], context: Context) => Fault[];
}

export const always = (level: Level) => () => level;
export const everywhere = () => true;
export const strictOutsideDev = ({ environment }: Pick<Settings, "environment">): Level =>
  environment === "dev" ? "advisory" : "mandatory";
export const strictInProduction = ({ environment }: Pick<Settings, "environment">): Level =>
  environment === "production" ? "mandatory" : "advisory";
export const inProduction = ({ environment }: Pick<Settings, "environment">): boolean => environment === "production";

/** What a rule is told under these settings. */
export function contextOf(rule: Rule, { rules, ...settings }: Settings): Context {
  return { ...settings, settings: rules?.[rule.name] ?? {}, now: settings.now ?? new Date() };
}

/** The level of a rule under these settings: the stack's own word, unless the rule must hold. */
export function levelOf(rule: Rule, settings: Settings): Level {
  const own = rule.level(settings);
  const word = settings.rules?.[rule.name]?.enforcementLevel;
  return word === undefined || (rule.mustHold?.(settings) ?? false) ? own : word;
}
