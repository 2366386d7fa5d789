/** The page of all rules, made from the rules themselves. */
import { CATEGORIES, STACK_RULES } from "../../../policy/rules/index.ts";
import type { EnforcementLevel, Environment, Rule, RuleCategory } from "../../../policy/rules/rule.ts";
import { markdownTable } from "./table.ts";

export const ENVIRONMENTS: readonly Environment[] = ["dev", "staging", "production"];

/** A level in the words of the README. */
export function levelWord(level: EnforcementLevel): string {
  return { mandatory: "refuses", advisory: "warns", disabled: "is not asked" }[level];
}

const HEAD = `# Policies

This page is made from the rules by \`npm run generate\`.

${STACK_RULES.length} rules are asked of everything that a stack becomes: by the program and its components before anything is registered, by
the policy pack of everything that any program registers (\`pulumi preview --policy-pack policy\`, see
[policy/README.md](../policy/README.md)), and, for rules about change, by hooks of the program in previews and updates. The
pack reads this project's ClusterDeployments, Helm releases and trust bundles, and NutanixClusters, machine templates, k0s
control planes, sources, templates, Credentials, ConfigMaps and Secrets, whatever class or file wrote them.

## Settings

A stack says of rules what it wants to in \`policy\`, by the rule's name, in the shape of Pulumi's own configuration of a
policy pack: \`pulumi preview --policy-pack policy --policy-pack-config FILE.json\` takes the same as JSON, and goes over the
stack's words for the pack alone.

\`\`\`yaml
config:
  k0rdent-nutanix:networks:
    VM-Network: { cidr: 10.1.1.0/24, pools: [10.1.1.10-10.1.1.99, 10.1.1.128/26] }
  k0rdent-nutanix:policy:
    stack-is-within-quota: { clusters: 4, vcpus: 64 }
    kcm-version-is-tested: { enforcementLevel: mandatory }
    production-control-plane-is-redundant:
      waivers:
        - { cluster: edge, reason: "one host until the second arrives", until: 2027-01-31 }
\`\`\`

\`enforcementLevel\` is \`mandatory\` (refuses), \`advisory\` (warns) or \`disabled\`. A waiver takes one cluster out of one rule until
the day named, and is printed on every run. Rules that *must hold* take neither: a waiver or a weaker level in the stack file
is refused where they must. A waiver whose day is past is refused too:

\`\`\`
policy.production-control-plane-is-redundant.waivers.0.until: "2026-01-31" is in the past; fix the violation, or agree on a later date
policy.endpoint-is-routable.waivers.0: waives a rule that cannot be waived in production; remove it, and fix the violations
\`\`\`

Pulumi's own configuration of the pack can set any level: whoever passes it decides for the whole run, outside the stack.
`;

/** \`docs/policies.md\`. */
export function policiesPage(): string {
  const chapters = Object.entries(CATEGORIES).map(([question, words]) => chapter(question as RuleCategory, words));
  return `${[HEAD, ...chapters].join("\n")}`;
}

function chapter(question: RuleCategory, words: string): string {
  const rules = STACK_RULES.filter((rule) => rule.category === question);
  return [`## ${words}\n`, ...rules.map(section)].join("\n");
}

function section(rule: Rule): string {
  const levels = ENVIRONMENTS.map((environment) => levelWord(rule.level({ environment })));
  const held = ENVIRONMENTS.filter((environment) => rule.nonWaivable?.({ environment }));
  const settings = Object.entries(rule.settings ?? {}).map(([name, { description }]) => `\`${name}\`: ${description}`);
  return [
    `### ${rule.name}\n`,
    `${markdownTable(ENVIRONMENTS, [levels])}\n`,
    `${sentence(rule.why)}\n`,
    `- Reads: ${rule.inspects}.`,
    `- Remedy: ${rule.remedy}.`,
    ...(settings.length === 0 ? [] : [`- Settings: ${settings.join("; ")}.`]),
    ...(held.length === 0 ? [] : [`- Must hold in ${inWords(held)}: no waiver, no weaker level.`]),
    ...(rule.comparesUpdates
      ? [
          "- Compares with what was there before, which the policy pack alone cannot see: there it says that it does not apply.",
        ]
      : []),
    `\n\`\`\`\n${rule.example}\n\`\`\`\n`,
  ].join("\n");
}

function inWords(environments: readonly Environment[]): string {
  return environments.length === ENVIRONMENTS.length ? "every environment" : environments.join(" and ");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
