/** The policy pack, which Pulumi starts for `--policy-pack`. */
import policy from "@pulumi/policy";
import pulumi from "@pulumi/pulumi";
import { engineConfig } from "./engine-config.ts";
import { policies } from "./policies.ts";
import type { NodeNetwork, PolicySettings, RuleSettings } from "./rules/rule.ts";

/** The same settings as the program of k0rdent-nutanix reads; the stack of any program may have them. */
function settingsOf(config: pulumi.Config): PolicySettings {
  return {
    environment: environmentOf(config),
    rules: config.getObject<Record<string, RuleSettings>>("policy") ?? {},
    networks: config.getObject<Record<string, NodeNetwork>>("networks") ?? {},
  };
}

/** The stack's environment; the strictest one unless it is `dev` or `staging`. */
function environmentOf(config: pulumi.Config): PolicySettings["environment"] {
  const environment = config.get("environment");
  return environment === "dev" || environment === "staging" ? environment : "production";
}

new policy.PolicyPack("k0rdent-nutanix", {
  enforcementLevel: "mandatory",
  policies: policies(settingsOf(new pulumi.Config("k0rdent-nutanix")), engineConfig()),
});
