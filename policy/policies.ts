/** Rules as Pulumi policies: what a rule says of one resource before it is written, and of all of them at the end. */

import type {
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import policy from "@pulumi/policy";
import { type Fault, formatFault } from "./rules/fault.ts";
import { RULES } from "./rules/index.ts";
import type { Rule, Settings, Subject } from "./rules/rule.ts";
import { subjectOf } from "./subjects.ts";

/** Every rule as a policy of the same name, with the level that it has under these settings. */
export function policies(
  settings: Settings,
  rules: readonly Rule[] = RULES,
): (ResourceValidationPolicy & StackValidationPolicy)[] {
  return rules.map((rule) => ({
    name: rule.name,
    description: rule.why,
    enforcementLevel: rule.level(settings),
    validateResource: (resource, report) => {
      for (const fault of aloneFaults(rule, resource)) report(text(fault));
    },
    validateStack: ({ resources }, report) => {
      for (const { fault, urn } of togetherFaults(rule, resources)) report(text(fault), urn);
    },
  }));
}

/** What a rule says of one resource: it is asked before the resource is written, whether or not a preview went before. */
function aloneFaults(rule: Rule, resource: ResourceValidationArgs): Fault[] {
  const subject = subjectOf(resource);
  return subject === undefined ? [] : rule.check([subject]);
}

/** What a rule says of resources only when it sees them together; what it said of each alone is not said again. */
function togetherFaults(rule: Rule, resources: readonly PolicyResource[]): { fault: Fault; urn: string | undefined }[] {
  const said = new Set<string>();
  const judged = resources.flatMap((resource) => {
    const subject = subjectOf(resource);
    const faults = subject === undefined ? undefined : knownFaults(rule, subject);
    if (subject === undefined || faults === undefined) return [];
    for (const fault of faults) said.add(text(fault));
    return [{ subject, urn: resource.urn }];
  });
  return rule
    .check(judged.map(({ subject }) => subject))
    .filter((fault) => !said.has(text(fault)))
    .map((fault) => ({ fault, urn: judged.find(({ subject }) => fault.path.startsWith(subject.at))?.urn }));
}

/** Undefined where the answer hangs on a value that a preview does not know: such a resource is compared with no other. */
function knownFaults(rule: Rule, subject: Subject): Fault[] | undefined {
  try {
    return rule.check([subject]);
  } catch (error) {
    if (error instanceof policy.UnknownValueError) return undefined;
    throw error;
  }
}

/** The engine hands secrets to a pack in clear, and does not say which values they are: so no value is quoted. */
function text({ path, reason, remedy }: Fault): string {
  return formatFault({ path, reason, remedy });
}
