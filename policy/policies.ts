/** Rules as Pulumi policies: what a rule says of one resource before it is written, and of all of them at the end. */

import type {
  PolicyConfigSchema,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import policy from "@pulumi/policy";
import { RULES } from "./rules/index.ts";
import {
  enforcementLevel,
  type PolicySettings,
  type PolicyTarget,
  type Rule,
  type RuleSettings,
  ruleContext,
} from "./rules/rule.ts";
import { formatViolation, type Violation } from "./rules/violation.ts";
import { settingsViolations, waive, waiverNotes } from "./rules/waivers.ts";
import { type PolicyInput, stackTargetOf, targetOf } from "./targets.ts";

type Policy = ResourceValidationPolicy & StackValidationPolicy;

const NO_PREVIOUS =
  "Pulumi passes only the new inputs to a policy: the program's update hooks and reviews evaluate this rule";

/** Every rule as a policy of the same name, with the level that it has under these settings. */
export function policies(settings: PolicySettings, rules: readonly Rule[] = RULES): Policy[] {
  return rules.map((rule) => {
    const asked = (config: RuleSettings) => new Asked(rule, configured(rule, settings, config));
    return {
      name: rule.name,
      description: rule.why,
      enforcementLevel: enforcementLevel(rule, settings),
      remediationSteps: rule.remedy,
      configSchema: configSchema(rule),
      ...(rule.labels === undefined
        ? {}
        : { remediateResource: (args) => labelled(rule, configured(rule, settings, args.getConfig()), args) }),
      validateResource: (args, report) => {
        if (rule.comparesUpdates) args.notApplicable(NO_PREVIOUS);
        for (const violation of asked(args.getConfig()).alone(args)) report(text(violation));
      },
      validateStack: (args, report) => {
        if (rule.comparesUpdates) args.notApplicable(NO_PREVIOUS);
        const one = asked(args.getConfig());
        for (const violation of one.ofSettings()) report(text(violation));
        for (const note of one.waivers()) advise(report, text(note));
        for (const { violation, urn } of one.together(args.resources)) report(text(violation), urn);
      },
    } satisfies Policy;
  });
}

/** The rule's settings in the stack file, with Pulumi's own configuration of the policy over them. */
function configured(rule: Rule, settings: PolicySettings, config: RuleSettings): PolicySettings {
  return { ...settings, rules: { ...settings.rules, [rule.name]: { ...settings.rules?.[rule.name], ...config } } };
}

/** What Pulumi's own configuration of a policy may hold. It has no defaults: they would go over what the stack file says. */
export function configSchema({ settings = {} }: Rule): PolicyConfigSchema {
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
  return { properties: { ...settings, waivers } } as PolicyConfigSchema;
}

/** One rule under its settings. */
class Asked {
  readonly #rule: Rule;
  readonly #settings: PolicySettings;

  constructor(rule: Rule, settings: PolicySettings) {
    this.#rule = rule;
    this.#settings = settings;
  }

  /** What it says of one resource: asked before the resource is written, whether or not a preview went before. */
  alone(resource: PolicyInput): Violation[] {
    const target = targetOf(resource);
    return target === undefined ? [] : this.#check([target]);
  }

  /** What it says of resources only when it sees them together; what it said of each alone is not said again. */
  together(resources: readonly PolicyResource[]): { violation: Violation; urn: string | undefined }[] {
    const said = new Set<string>();
    const judged = resources.flatMap((resource) => {
      const stack = stackTargetOf(resource);
      const target = stack ?? targetOf(resource);
      const violations = target === undefined ? undefined : this.#known(target);
      if (target === undefined || violations === undefined) return [];
      for (const violation of stack === undefined ? violations : []) said.add(text(violation));
      return [{ target, urn: resource.urn }];
    });
    return this.#check(judged.map(({ target }) => target))
      .filter((violation) => !said.has(text(violation)))
      .map((violation) => ({ violation, urn: judged.find(({ target }) => isOf(violation, target))?.urn }));
  }

  ofSettings(): Violation[] {
    return settingsViolations(this.#rule, this.#settings);
  }

  waivers(): Violation[] {
    return waiverNotes(this.#rule, this.#settings);
  }

  /** Undefined where the answer hangs on a value that a preview does not know: such a resource is compared with no other. */
  #known(target: PolicyTarget): Violation[] | undefined {
    try {
      return this.#check([target]);
    } catch (error) {
      if (error instanceof policy.UnknownValueError) return undefined;
      throw error;
    }
  }

  #check(targets: readonly PolicyTarget[]): Violation[] {
    const { check } = this.#rule;
    return waive(this.#rule, check(targets, ruleContext(this.#rule, this.#settings)), this.#settings);
  }
}

function isOf({ path }: Violation, { at }: PolicyTarget): boolean {
  const object = at.replace(/ spec\.config$/, "");
  return path.startsWith(object) && [undefined, " ", ".", "["].includes(path[object.length]);
}

/** Adds the labels that the rule asks for to a ClusterDeployment; undefined where there is nothing to add. */
function labelled(
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

/** Says something that refuses nothing, whatever the level of the policy: the SDK takes a level with the message. */
function advise(report: ReportViolation, message: string): void {
  (report as unknown as (violation: object) => void)({ message, enforcementLevel: "advisory" });
}

/** The engine hands secrets to a pack in clear, and does not say which values they are: so no value is quoted. */
function text({ path, reason, remedy }: Violation): string {
  return formatViolation({ path, reason, remedy });
}
