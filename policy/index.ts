/** The policy pack: what the engine starts for `--policy-pack`. */
import policy from "@pulumi/policy";
import pulumi from "@pulumi/pulumi";
import { policies } from "./policies.ts";
import type { NodeNetwork, PolicySettings, RuleSettings } from "./rules/rule.ts";

/** The stack's own words, which the program of k0rdent-nutanix reads too; another program's stack may write them as well. */
function settingsOf(config: pulumi.Config): PolicySettings {
  return {
    environment: environmentOf(config),
    rules: config.getObject<Record<string, RuleSettings>>("policy") ?? {},
    networks: config.getObject<Record<string, NodeNetwork>>("networks") ?? {},
  };
}

/** What the stack is for; anything but the two lenient words is taken for the strict one. */
function environmentOf(config: pulumi.Config): PolicySettings["environment"] {
  const environment = config.get("environment");
  return environment === "dev" || environment === "staging" ? environment : "production";
}

new policy.PolicyPack("k0rdent-nutanix", {
  enforcementLevel: "mandatory",
  policies: policies(settingsOf(new pulumi.Config("k0rdent-nutanix"))),
});
