import type { Violation } from "./violation.ts";

/** A plain Kubernetes object as far as rules read it. A Helm release is a `Release` of `helm.sh/v3` with its inputs as spec. */
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

/** Properties of a cluster that are not in its object. */
export interface TargetOptions {
  /** Whether Pulumi protects it from deletion; undefined if unknown. */
  readonly protect?: boolean;
  /** Whether its control plane machines may be replaced. */
  readonly allowControlPlaneRollout?: boolean;
  /** Name of its entry in the stack's `credentials`. */
  readonly login?: string;
  /** The kcm version that manages it. */
  readonly kcmVersion?: string;
}

/** An object that rules evaluate. `at` is the path where the user wrote it, and the start of the path of each violation. */
export interface PolicyTarget {
  readonly at: string;
  readonly object: TargetObject;
  readonly options?: TargetOptions;
}

/** API version of targets that are not Kubernetes objects: `Login`, `PrismCentral`, `StackReference`, `Stack`, `Preflight`. */
export const SYNTHETIC_API_VERSION = "k0rdent-nutanix/facts";

export type Environment = "dev" | "staging" | "production";
export type EnforcementLevel = "mandatory" | "advisory" | "disabled";

/** Exempts one cluster from one rule, for a reason and until a date. */
export interface Waiver {
  readonly cluster: string;
  readonly reason: string;
  /** Last day on which it is valid, such as `2027-01-31`. */
  readonly until: string;
}

/** A stack's settings of one rule, in the shape of Pulumi's own configuration of a policy. */
export interface RuleSettings {
  readonly enforcementLevel?: EnforcementLevel;
  /** Why the level is lower than the rule's own; required in production. */
  readonly reason?: string;
  /** Last day of the lower level. */
  readonly until?: string;
  readonly waivers?: readonly Waiver[];
  readonly [setting: string]: unknown;
}

/** A network of the nodes, as the stack declares it. */
export interface NodeNetwork {
  readonly cidr: string;
  /** Ranges that DHCP and IPAM assign from: `10.1.1.50-10.1.1.150` or `10.1.1.128/25`. */
  readonly pools?: readonly string[];
}

/** What the evaluation of rules depends on. */
export interface PolicySettings {
  readonly environment: Environment;
  /** Settings of single rules, by name. @default none */
  readonly rules?: Readonly<Record<string, RuleSettings>>;
  /** Networks of the nodes, by the name or UUID that machines refer to. @default none */
  readonly networks?: Readonly<Record<string, NodeNetwork>>;
  /** The targets before the update, for rules that compare updates. @default unknown: those rules report nothing */
  readonly previous?: readonly PolicyTarget[];
  /** The time to compare certificates and waivers with. @default now */
  readonly now?: Date;
}

export type EnvironmentSettings = Pick<PolicySettings, "environment">;

/** What a rule gets beside its targets. */
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

export type RuleCategory = "tls" | "endpoint" | "credentials" | "shape" | "change" | "supply";

/** A policy as data and one pure function. */
export interface Rule {
  /** The required state, in kebab case. */
  readonly name: string;
  readonly category: RuleCategory;
  readonly level: (settings: EnvironmentSettings) => EnforcementLevel;
  /** The objects and fields that it reads. */
  readonly inspects: string;
  /** The consequence of a violation. */
  readonly why: string;
  readonly remedy: string;
  /** One formatted violation. */
  readonly example: string;
  /** Its own settings. @default none */
  readonly settings?: Readonly<Record<string, SettingSchema>>;
  /** Where the stack can neither waive it nor lower its level. @default nowhere */
  readonly nonWaivable?: (settings: EnvironmentSettings) => boolean;
  /** Whether it compares with the state before the update, which a policy pack does not get. @default false */
  readonly comparesUpdates?: true;
  /** Labels to add to an object at the level `remediate`. @default none */
  readonly labels?: (object: TargetObject, settings: RuleSettings) => Readonly<Record<string, string>>;
  /** Reports every violation in all targets. Never throws. */
  readonly check: (targets: readonly PolicyTarget[], context: RuleContext) => Violation[];
}

export const mandatory = (): EnforcementLevel => "mandatory";
export const advisory = (): EnforcementLevel => "advisory";
export const always = () => true;
export const inProduction = ({ environment }: EnvironmentSettings): boolean => environment === "production";
export const mandatoryOutsideDev = ({ environment }: EnvironmentSettings): EnforcementLevel =>
  environment === "dev" ? "advisory" : "mandatory";
export const mandatoryInProduction = (settings: EnvironmentSettings): EnforcementLevel =>
  inProduction(settings) ? "mandatory" : "advisory";

export function isNonWaivable(rule: Rule, settings: EnvironmentSettings): boolean {
  return rule.nonWaivable?.(settings) ?? false;
}

export function ruleContext(rule: Rule, { rules, ...settings }: PolicySettings): RuleContext {
  return { ...settings, settings: rules?.[rule.name] ?? {}, now: settings.now ?? new Date() };
}
