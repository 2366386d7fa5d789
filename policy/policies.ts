/** Rules as Pulumi policies: evaluated for each resource before it is written, and for all resources at the end. */
import type {
  PolicyConfigSchema,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import policy from "@pulumi/policy";
import type { EngineConfig } from "./engine-config.ts";
import { RULES } from "./rules/index.ts";
import {
  type EnforcementLevel,
  type PolicySettings,
  type PolicyTarget,
  type Rule,
  type RuleSettings,
  ruleContext,
} from "./rules/rule.ts";
import { formatViolation, sharedViolations, type Violation } from "./rules/violation.ts";
import { enforcementLevel, settingsViolations, waive, waiverNotes } from "./rules/waivers.ts";
import { STACK, stackTargetOf, targetOf } from "./targets.ts";

type Policy = ResourceValidationPolicy & StackValidationPolicy;

const NO_PREVIOUS =
  "Pulumi passes only the new inputs to a policy: the program's update hooks and reviews evaluate this rule";

/** Each rule as a policy of the same name, with its level under these settings. */
export function policies(settings: PolicySettings, engine: EngineConfig = new Map()): Policy[] {
  // Reports for all on the stack, the first resource: policies that are disabled are not called.
  const firstEnabled = () => RULES.find((rule) => levelOf(rule, settings, engine) !== "disabled");
  return RULES.map((rule) => {
    const isAdvisory = () => levelOf(rule, settings, engine) === "advisory";
    return {
      name: rule.name,
      description: rule.why,
      enforcementLevel: enforcementLevel(rule, settings),
      remediationSteps: rule.remedy,
      configSchema: configSchema(rule),
      ...(rule.labels === undefined
        ? {}
        : { remediateResource: (args) => addLabels(rule, configured(rule, settings, args.getConfig()), args) }),
      validateResource: (args, report) => {
        if (args.type === STACK && rule === firstEnabled()) reportExemptions(settings, engine, report);
        if (rule.comparesUpdates) args.notApplicable(NO_PREVIOUS);
        // Together at the end: what many resources share is one message.
        if (isAdvisory()) return;
        const target = targetOf(args);
        const violations = target && check(rule, [target], configured(rule, settings, args.getConfig()));
        for (const violation of violations ?? []) report(messageOf(violation));
      },
      validateStack: (args, report) => {
        if (rule.comparesUpdates) args.notApplicable(NO_PREVIOUS);
        const all = { settings: configured(rule, settings, args.getConfig()), isAdvisory: isAdvisory() };
        for (const { message, urn } of stackViolations(rule, args.resources, all)) report(message, urn);
      },
    } satisfies Policy;
  });
}

/** The rule's settings in the stack file, overridden by Pulumi's own configuration of the policy. */
function configured(rule: Rule, settings: PolicySettings, config: RuleSettings): PolicySettings {
  return { ...settings, rules: { ...settings.rules, [rule.name]: { ...settings.rules?.[rule.name], ...config } } };
}

/** The level that the engine has for a policy. */
function levelOf(rule: Rule, settings: PolicySettings, engine: EngineConfig): EnforcementLevel {
  return engine.get(rule.name)?.enforcementLevel ?? enforcementLevel(rule, settings);
}

/** Exemptions of all rules, from the stack and from Pulumi's own configuration, whatever level the policies then have. */
function reportExemptions(settings: PolicySettings, engine: EngineConfig, report: ReportViolation): void {
  for (const rule of RULES) {
    const { enforcementLevel: level = "mandatory", ...properties } = engine.get(rule.name) ?? {};
    const isStacks = level === enforcementLevel(rule, settings) || !engine.has(rule.name);
    // The stack's reason is for the stack's level.
    const own = isStacks ? properties : { reason: "", until: "", ...properties, enforcementLevel: level };
    const all = configured(rule, settings, own);
    const say = (enforcementLevel: EnforcementLevel) => (violation: Violation) =>
      reportAs(report, { name: rule.name, message: messageOf(violation), enforcementLevel });
    settingsViolations(rule, all).forEach(say("mandatory"));
    waiverNotes(rule, all).forEach(say("advisory"));
  }
}

/** The schema of Pulumi's own configuration of a policy. No defaults: they would override the stack file. */
function configSchema({ settings = {} }: Rule): PolicyConfigSchema {
  const waivers = {
    type: "array",
    description: "clusters that the rule does not apply to, each with a reason and a last day",
    items: {
      type: "object",
      properties: { cluster: { type: "string" }, reason: { type: "string" }, until: { type: "string" } },
      required: ["cluster", "reason", "until"],
      additionalProperties: false,
    },
  };
  const reason = { type: "string", description: "why the level is lower than the policy's own" };
  const until = { type: "string", description: "last day of the lower level, within a year" };
  return { properties: { ...settings, reason, until, waivers } } as PolicyConfigSchema;
}

function check(rule: Rule, targets: readonly PolicyTarget[], settings: PolicySettings): Violation[] {
  return waive(rule, rule.check(targets, ruleContext(rule, settings)), settings);
}

/** Violations that show only in several resources together; those of one resource are already reported, unless they are advisory. */
function stackViolations(
  rule: Rule,
  resources: readonly PolicyResource[],
  { settings, isAdvisory }: { settings: PolicySettings; isAdvisory: boolean },
): { message: string; urn: string | undefined }[] {
  const reported = new Set<string>();
  const known = resources.flatMap((resource) => {
    const stack = stackTargetOf(resource);
    const target = stack ?? targetOf(resource);
    const violations = target && checkIfKnown(rule, target, settings);
    if (target === undefined || violations === undefined) return [];
    for (const violation of stack === undefined && !isAdvisory ? violations : []) reported.add(messageOf(violation));
    return [{ target, urn: resource.urn }];
  });
  const targets = known.map(({ target }) => target);
  const violations = check(rule, targets, settings)
    .map(withoutValue)
    .filter((violation) => !reported.has(formatViolation(violation)));
  return sharedViolations(violations).map((violation) => ({
    message: formatViolation(violation),
    urn: known.find(({ target }) => isAbout(violation, target))?.urn,
  }));
}

/** Undefined if the result depends on a value that the preview does not know: such a resource is not compared. */
function checkIfKnown(rule: Rule, target: PolicyTarget, settings: PolicySettings): Violation[] | undefined {
  try {
    return check(rule, [target], settings);
  } catch (error) {
    if (error instanceof policy.UnknownValueError) return undefined;
    throw error;
  }
}

function isAbout({ path }: Violation, { at }: PolicyTarget): boolean {
  const object = at.replace(/ spec\.config$/, "");
  return path.startsWith(object) && [undefined, " ", ".", "["].includes(path[object.length]);
}

/** Adds the labels that a rule requires to a ClusterDeployment; undefined if it has them all. */
function addLabels(
  rule: Rule,
  settings: PolicySettings,
  args: ResourceValidationArgs,
): Record<string, unknown> | undefined {
  const target = targetOf(args);
  if (target?.object.kind !== "ClusterDeployment") return undefined;
  const labels = rule.labels?.(target.object, ruleContext(rule, settings).settings) ?? {};
  if (Object.keys(labels).length === 0) return undefined;
  const { props } = args;
  props["metadata"] ??= {};
  props["metadata"]["labels"] = { ...props["metadata"]["labels"], ...labels };
  return props;
}

/** Reports in the name of any policy, with a level that is not the policy's own; the SDK takes an object, which its types omit. */
function reportAs(
  report: ReportViolation,
  violation: { name: string; message: string; enforcementLevel: EnforcementLevel },
): void {
  (report as unknown as (violation: object) => void)(violation);
}

/** The engine passes secrets to a pack in plain text, and does not mark them. */
function withoutValue({ path, reason, remedy }: Violation): Violation {
  return { path, reason, remedy };
}

function messageOf(violation: Violation): string {
  return formatViolation(withoutValue(violation));
}
