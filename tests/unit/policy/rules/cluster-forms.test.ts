/** Clusters that are written in other forms than this project's: policies find in them what they find in its own. */
import assert from "node:assert/strict";
import { evaluate } from "../../../../policy/rules/index.ts";
import type { PolicyTarget } from "../../../../policy/rules/rule.ts";
import { capiTargets, configOf, objectOf, type Plain, targetAt, validTargets } from "./valid-stack.ts";

/** Mandatory violations in production, as path and policy. */
function violations(targets: readonly PolicyTarget[]): string[] {
  return evaluate(targets, { environment: "production" }).violations.map(
    ({ path, reason }) => `${path} ${/\(([a-z0-9-]+)\)$/.exec(reason)?.[1]}`,
  );
}

/** The cluster of Cluster API's own objects as a ClusterClass with its templates. */
function classTargets(): PolicyTarget[] {
  const template = (target: PolicyTarget): PolicyTarget => {
    const { apiVersion, kind, metadata, spec } = target.object;
    const object = { apiVersion, kind: `${kind}Template`, metadata, spec: { template: { spec: { ...spec } } } };
    return { at: `${kind}Template ${metadata.name}`, object };
  };
  const machines = capiTargets().filter(({ object: { kind } }) => kind === "NutanixMachineTemplate");
  const ref = (kind: string, name: string) => ({ templateRef: { kind, name } });
  const spec = {
    infrastructure: ref("NutanixClusterTemplate", "raw-nutanix"),
    controlPlane: {
      ...ref("K0sControlPlaneTemplate", "raw-cp"),
      machineInfrastructure: ref("NutanixMachineTemplate", "raw-cp-mt"),
    },
    workers: { machineDeployments: [{ class: "w", infrastructure: ref("NutanixMachineTemplate", "raw-md-mt") }] },
  };
  const metadata = { name: "class", namespace: "kcm-system" };
  return [
    { at: "ClusterClass", object: { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "ClusterClass", metadata, spec } },
    template(targetAt(capiTargets(), "NutanixCluster kcm-system/raw-nutanix")),
    template(targetAt(capiTargets(), "K0sControlPlane kcm-system/raw-cp")),
    ...machines,
  ];
}

const specOf = (targets: PolicyTarget[], at: string): Plain => objectOf(targets, at)["spec"].template.spec;

describe("policies", () => {
  it("accept a ClusterClass with its templates", () => {
    assert.deepEqual(violations(classTargets()), []);
  });

  it("find in the templates of a ClusterClass what they find in its objects", () => {
    const targets = classTargets();
    const nutanix = specOf(targets, "NutanixClusterTemplate raw-nutanix");
    Object.assign(nutanix["prismCentral"], { insecure: true, address: "svc:canary@pc" });
    nutanix["controlPlaneEndpoint"].host = "127.0.0.1";
    const k0s = specOf(targets, "K0sControlPlaneTemplate raw-cp")["k0sConfigSpec"];
    k0s.k0s.spec.extensions.helm.repositories[0].url = "http://charts.example.com";
    assert.deepEqual(violations(targets).sort(), [
      "K0sControlPlaneTemplate raw-cp spec.template.spec.k0sConfigSpec.k0s.spec.extensions.helm.repositories.0.url workload-charts-verify-tls",
      "NutanixClusterTemplate raw-nutanix spec.template.spec.controlPlaneEndpoint.host endpoint-is-routable",
      "NutanixClusterTemplate raw-nutanix spec.template.spec.prismCentral.address prism-central-address-is-a-host",
      "NutanixClusterTemplate raw-nutanix spec.template.spec.prismCentral.insecure prism-central-tls-is-verified",
    ]);
  });

  it("find in a ClusterDeployment of a template of another name what they find in one of this project's", () => {
    const named = (template: string) => {
      const targets = validTargets();
      objectOf(targets, "clusters.edge")["spec"].template = template;
      return targets;
    };
    for (const template of ["own-1-0-0", "edge", "nutanix-k0s-standalone", "nutanix-k0s-hcp-1-0-0"]) {
      assert.deepEqual(violations(named(template)), [], template);
      const targets = named(template);
      configOf(targets, "edge")["nutanix"].prismCentral.insecure = true;
      configOf(targets, "edge")["controlPlaneNumber"] = 2;
      assert.deepEqual(
        violations(targets),
        [
          "clusters.edge.nutanix.prismCentral.insecure prism-central-tls-is-verified",
          "clusters.edge.controlPlaneNumber control-plane-count-is-odd",
          "clusters.edge.controlPlaneNumber production-control-plane-is-redundant",
        ],
        template,
      );
    }
  });

  it("leave a ClusterDeployment of another chart alone", () => {
    const targets = validTargets();
    Object.assign(objectOf(targets, "clusters.edge")["spec"], {
      template: "aws-1-0-0",
      config: { controlPlaneNumber: 2 },
    });
    assert.deepEqual(violations(targets), []);
  });
});
