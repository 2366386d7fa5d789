import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { evaluate } from "../../../policy/rules/index.ts";
import type { PolicyTarget } from "../../../policy/rules/rule.ts";
import { formatViolation } from "../../../policy/rules/violation.ts";

/** The guide's two ClusterDeployments, word for word, as another program would write them. */
function guide(): PolicyTarget[] {
  return (["hcp", "standalone"] as const).map((mode) => {
    const name = `nutanix-${mode}-demo`;
    const config = parse(readFileSync(join(import.meta.dirname, `../../fixtures/seed-${mode}.yaml`), "utf8"));
    const spec = { template: `nutanix-k0s-${mode}`, credential: "nutanix-cluster-identity-cred", config };
    const metadata = { name, namespace: "kcm-system" };
    const object = { apiVersion: "k0rdent.mirantis.com/v1beta1", kind: "ClusterDeployment", metadata, spec };
    return { at: `ClusterDeployment kcm-system/${name} spec.config`, object, options: { protect: true } };
  });
}

const HCP = "ClusterDeployment kcm-system/nutanix-hcp-demo spec.config";
const STANDALONE = "ClusterDeployment kcm-system/nutanix-standalone-demo spec.config";

describe("the guide's two examples, in production", () => {
  const verdict = evaluate(guide(), { environment: "production" });

  it("are rejected for one login for both, and for a balancer that their k0s does not have", () => {
    assert.deepEqual(verdict.violations.map(formatViolation), [
      `${STANDALONE}.nutanix.prismCentral.usePerClusterCredential: makes the cluster use the global credentials, which ${HCP} uses too (credentials-are-not-shared); set it to true, and add a credential for the cluster`,
      `${STANDALONE}.loadBalancing.type: defaults to cplb, which needs k0s 1.30 or later, but k0s.version is v1.29.2+k0s.0 (k0s-version-is-supported); set kube-vip or external, or use a later k0s`,
    ]);
  });

  it("are warned of for an IP address, the global login, and a Kubernetes that has ended", () => {
    assert.deepEqual(
      verdict.warnings.map(formatViolation),
      [
        '.nutanix.prismCentral.address: "10.1.1.100" is an IP address, which Prism Central\'s default certificate does not contain (prism-central-address-is-a-dns-name); use the DNS name',
        ".nutanix.prismCentral.usePerClusterCredential: makes a production cluster use the global credentials (clusters-use-dedicated-credentials); set it to true, and add a credential for the cluster",
        '.k0s.version: "v1.29.2+k0s.0" is of Kubernetes 1.29, which ended on 2025-02-28 (k0s-version-is-maintained); upgrade k0s, one minor version at a time',
      ].flatMap((line) => [HCP, STANDALONE].map((at) => `${at}${line}`)),
    );
  });
});
