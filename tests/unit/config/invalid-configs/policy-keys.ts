import { NEXT_YEAR } from "../../../support/stack-fixture.ts";
import { all, type InvalidConfig, set } from "./invalid-config.ts";

const waiver = (rule: string, words: object) =>
  set(`policy.${rule}`, { waivers: [{ cluster: "edge", reason: "a trial of one host", until: NEXT_YEAR, ...words }] });
const REDUNDANT = "production-control-plane-is-redundant";
const ONE =
  "clusters.edge.controlPlaneNumber: 1 is too few control plane machines to tolerate the loss of one (production-control-plane-is-redundant); set 3 or 5";

/** What a stack may not say of rules, and what rules say by what the stack declares. */
export const POLICY_KEYS: readonly InvalidConfig[] = [
  {
    name: "settings of a rule that is none",
    change: set("policy.endpoints-are-uniqe", {}),
    lines: ['policy.endpoints-are-uniqe: is an unknown key; did you mean "endpoints-are-unique"?'],
  },
  {
    name: "a setting that a rule does not have",
    change: set("policy.stack-is-within-quota", { vcpu: 4 }),
    lines: ['policy.stack-is-within-quota.vcpu: is an unknown key; did you mean "vcpus"?'],
  },
  {
    name: "a level that is none",
    change: set(`policy.${REDUNDANT}`, { enforcementLevel: "optional" }),
    lines: [
      `policy.${REDUNDANT}.enforcementLevel: "optional" is not an allowed value; use mandatory or advisory or disabled`,
    ],
  },
  {
    name: "a waiver of a rule that must hold",
    change: waiver("endpoint-is-routable", {}),
    lines: [
      "policy.endpoint-is-routable.waivers.0: waives a rule that cannot be waived in production; remove it, and fix the violations",
    ],
  },
  {
    name: "a weaker level of a rule that must hold in production",
    change: set("policy.prism-central-tls-is-verified", { enforcementLevel: "advisory" }),
    lines: [
      'policy.prism-central-tls-is-verified.enforcementLevel: "advisory" lowers the level of a rule that cannot be waived in production; remove it, and fix the violations',
    ],
  },
  {
    name: "a waiver whose day is past, with what it waived",
    change: all(waiver(REDUNDANT, { until: "2026-01-31" }), set("clusters.edge.controlPlaneNumber", 1)),
    lines: [
      `policy.${REDUNDANT}.waivers.0.until: "2026-01-31" is in the past; fix the violation, or agree on a later date`,
      ONE,
    ],
  },
  {
    name: "a waiver until a day that is none",
    change: waiver(REDUNDANT, { until: "soon" }),
    lines: [`policy.${REDUNDANT}.waivers.0.until: "soon" is not a date; use YYYY-MM-DD, such as 2027-01-31`],
  },
  {
    name: "a waiver without a reason",
    change: waiver(REDUNDANT, { reason: "" }),
    lines: [`policy.${REDUNDANT}.waivers.0.reason: "" is empty; state the reason`],
  },
  {
    name: "a waiver for more than a year",
    change: waiver(REDUNDANT, { until: "2999-12-31" }),
    lines: [
      `policy.${REDUNDANT}.waivers.0.until: "2999-12-31" is more than a year ahead; set a day within a year, and agree on it again then`,
    ],
  },
  {
    name: "a waiver whose reason is none",
    change: waiver(REDUNDANT, { reason: "to-do later" }),
    lines: [
      `policy.${REDUNDANT}.waivers.0.reason: "to-do later" is not a reason; state in two words or more why the policy cannot be met, such as a ticket and its title`,
    ],
  },
  {
    name: "a rule that is disabled in production without a reason, with what it prevents",
    change: all(
      set(`policy.${REDUNDANT}`, { enforcementLevel: "disabled" }),
      set("clusters.edge.controlPlaneNumber", 1),
    ),
    lines: [`policy.${REDUNDANT}.reason: is empty; state the reason`, ONE],
  },
  {
    name: "a rule that is advisory in production without a last day",
    change: set(`policy.${REDUNDANT}`, { enforcementLevel: "advisory", reason: "one host until May" }),
    lines: [`policy.${REDUNDANT}.until: "" is not a date; use YYYY-MM-DD, such as 2027-01-31`],
  },
  {
    name: "a waiver of a cluster that is not there",
    change: waiver(REDUNDANT, { cluster: "far" }),
    lines: [
      `policy.${REDUNDANT}.waivers.0.cluster: "far" is not a cluster of this stack; set the name of one, or remove the waiver`,
    ],
  },
  {
    name: "a waiver of another cluster",
    change: all(waiver(REDUNDANT, { cluster: "demo" }), set("clusters.edge.controlPlaneNumber", 1)),
    lines: [ONE],
  },
  {
    name: "an endpoint inside a pool that the stack declares",
    change: set("networks.VM-Network.pools", ["10.1.1.150-10.1.1.200"]),
    lines: [
      'clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is inside 10.1.1.150-10.1.1.200, a pool of networks.VM-Network (endpoint-is-outside-ip-pools); use an address outside it, or exclude the address from the pool',
    ],
  },
  {
    name: "a pool that is no range",
    change: set("networks.VM-Network.pools", ["10.1.1.200-10.1.1.150"]),
    lines: [
      'networks.VM-Network.pools.0: "10.1.1.200-10.1.1.150" is not a range of IPv4 addresses; use 10.1.1.50-10.1.1.150 or 10.1.1.128/25',
    ],
  },
  {
    name: "Prism Central's own administrator",
    change: set("credentials.edge.username", "Admin"),
    lines: [
      "credentials.edge.username: is Prism Central's built-in administrator (prism-central-user-is-not-admin); create a dedicated user with the permissions that CAPX needs",
    ],
  },
  {
    name: "a password in a cluster's values",
    change: set("clusters.edge.values", { registry: { password: "canary" } }),
    lines: [
      "clusters.edge.registry.password: is a secret by its key (secrets-are-not-in-plain-text); move it to a Secret, reference that here, and treat the value as compromised",
    ],
  },
  {
    name: "a cluster in production that anybody may delete",
    change: set("clusters.demo.protect", false),
    lines: [
      "clusters.demo.protect: is false for a cluster in production (production-clusters-are-protected); remove it, or waive this rule for the cluster until it is deleted",
    ],
  },
];
