/** The policy pack: what the engine starts for `--policy-pack`. */
import policy from "@pulumi/policy";
import pulumi from "@pulumi/pulumi";
import { policies } from "./policies.ts";
import type { Settings } from "./rules/rule.ts";

/** The stack's own word for what it is for; anything but the two lenient ones is taken for the strict one. */
function environmentOf(config: pulumi.Config): Settings["environment"] {
  const environment = config.get("environment");
  return environment === "dev" || environment === "staging" ? environment : "production";
}

new policy.PolicyPack("k0rdent-nutanix", {
  enforcementLevel: "mandatory",
  policies: policies({ environment: environmentOf(new pulumi.Config("k0rdent-nutanix")) }),
});
