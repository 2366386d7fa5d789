import type { Violation } from "./violation.ts";

/** A plain Kubernetes object, as far as rules read it; a Helm release is seen as kind Release of helm.sh/v3 with its inputs as spec, the preflight's settings as kind Preflight. */
export interface TargetObject {
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
export interface TargetOptions {
  /** Whether Pulumi refuses to delete it; undefined where that is not known. */
  readonly protect?: boolean;
  /** Whether its control plane machines may be made anew. */
  readonly allowControlPlaneRollout?: boolean;
  /** Name of the login that it uses, as the stack names it. */
  readonly login?: string;
}

/** An object, and where the user wrote what it was made of: the beginning of the path in every fault. */
export interface PolicyTarget {
  readonly at: string;
  readonly object: TargetObject;
  readonly options?: TargetOptions;
}

/** API version of the subjects that are no Kubernetes objects: `Login`, `StackReference`, `Stack`. */
export const SYNTHETIC_API_VERSION = "k0rdent-nutanix/facts";

export type Environment = "dev" | "staging" | "production";
export type EnforcementLevel = "mandatory" | "advisory" | "disabled";

/** One rule is not asked of one cluster, for a reason and until a day. */
export interface Waiver {
  readonly cluster: string;
  readonly reason: string;
  /** Last day that it holds, such as `2027-01-31`. */
  readonly until: string;
}

/** What a stack says of one rule, in the shape of Pulumi's own configuration of a policy. */
export interface RuleSettings {
  readonly enforcementLevel?: EnforcementLevel;
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
export interface PolicySettings {
  readonly environment: Environment;
  /** What the stack says of single rules, by name. @default nothing */
  readonly rules?: Readonly<Record<string, RuleSettings>>;
  /** Networks of the nodes, by the name or UUID that machines name them by. @default none */
  readonly networks?: Readonly<Record<string, NodeNetwork>>;
  /** The same stack as it was before, for rules about change. @default not known: those rules say nothing */
  readonly previous?: readonly PolicyTarget[];
  /** The day that certificates and waivers are measured by. @default today */
  readonly now?: Date;
}

/** What a rule is told beside the subjects. */
export interface RuleContext extends Omit<PolicySettings, "rules"> {
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
export type RuleCategory = "tls" | "endpoint" | "credentials" | "shape" | "change" | "supply";

/** One thing that must hold, as data and a pure function. */
export interface Rule {
  /** The good state, in kebab case. */
  readonly name: string;
  readonly category: RuleCategory;
  /** `mandatory` refuses, `advisory` warns, `disabled` is not asked. */
  readonly level: (settings: Pick<PolicySettings, "environment">) => EnforcementLevel;
  /** Objects and fields that it looks at. */
  readonly inspects: string;
  /** Why it must hold, for a reader who has not met the trouble. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
  /** What it says of one real fault. */
  readonly example: string;
  /** Its own settings. @default none */
  readonly settings?: Readonly<Record<string, SettingSchema>>;
  /** Where it can be neither waived nor weakened by the stack. @default nowhere */
  readonly nonWaivable?: (settings: Pick<PolicySettings, "environment">) => boolean;
  /** Whether it compares with what was there before: a policy pack alone cannot ask it. @default false */
  readonly comparesUpdates?: true;
  /** Labels that it would put on an object by itself, where the settings ask for that. @default none */
  readonly labels?: (object: TargetObject, settings: RuleSettings) => Readonly<Record<string, string>>;
  /** Reads all subjects it is given, one or many, and names every fault. Never throws. */
  readonly check: (subjects: readonly PolicyTarget[], context: RuleContext) => Violation[];
}

export const always = (level: EnforcementLevel) => () => level;
export const everywhere = () => true;
export const strictOutsideDev = ({ environment }: Pick<PolicySettings, "environment">): EnforcementLevel =>
  environment === "dev" ? "advisory" : "mandatory";
export const strictInProduction = ({ environment }: Pick<PolicySettings, "environment">): EnforcementLevel =>
  environment === "production" ? "mandatory" : "advisory";
export const inProduction = ({ environment }: Pick<PolicySettings, "environment">): boolean =>
  environment === "production";

/** What a rule is told under these settings. */
export function ruleContext(rule: Rule, { rules, ...settings }: PolicySettings): RuleContext {
  return { ...settings, settings: rules?.[rule.name] ?? {}, now: settings.now ?? new Date() };
}

/** The level of a rule under these settings: the stack's own word, unless the rule must hold. */
export function enforcementLevel(rule: Rule, settings: PolicySettings): EnforcementLevel {
  const own = rule.level(settings);
  const word = settings.rules?.[rule.name]?.enforcementLevel;
  return word === undefined || (rule.nonWaivable?.(settings) ?? false) ? own : word;
}
