import assert from "node:assert/strict";
import { kcmValues, management, managementConditions } from "../../../manifests/management-object.ts";
import { evaluateStack, stackManifests } from "../../../manifests/stack-manifests.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack } from "../../../schema/stack.ts";
import { type StackFile, validInput } from "../../support/stack-fixture.ts";

function classStack(clusterClass: boolean, adopt = false): Stack {
  const input = validInput() as StackFile;
  input["clusters"].demo.clusterClass = clusterClass;
  input["management"].adopt = adopt;
  const { value, violations } = parse(stack, input, { at: "" });
  assert.deepEqual(violations, []);
  return value as Stack;
}

describe("kcm's values", () => {
  const CONTROLLER = { controller: { createManagement: false, enableTelemetry: false }, velero: { enabled: false } };
  const REGIONAL = {
    controller: { createManagement: false },
    regional: { telemetry: { mode: "disabled" }, velero: { enabled: false } },
  };
  for (const [version, values] of Object.entries({
    "1.2.0": CONTROLLER,
    "1.4.1": CONTROLLER,
    "1.5.0": REGIONAL,
    "v1.11.4": REGIONAL,
  })) {
    it(`of kcm ${version} switch off telemetry, velero and a Management of kcm's own making, in its words`, () => {
      assert.deepEqual(kcmValues(version), values);
    });
  }

  it("take the user's last", () => {
    const user = { velero: { enabled: true }, replicas: 2 };
    assert.deepEqual(kcmValues("1.2.0", user), { ...CONTROLLER, velero: { enabled: true }, replicas: 2 });
  });
});

describe("Management", () => {
  it("names every provider and carries kcm's values", () => {
    assert.deepEqual(management({ kcmVersion: "1.2.0", kcmValues: { a: 1 }, providers: [{ name: "extra" }] }), {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "Management",
      metadata: { name: "kcm" },
      spec: {
        release: "kcm-1-2-0",
        core: { capi: {}, kcm: { config: { ...kcmValues("1.2.0"), a: 1 } } },
        providers: [
          { name: "cluster-api-provider-k0sproject-k0smotron" },
          { name: "projectsveltos" },
          {
            name: "cluster-api-provider-nutanix",
            template: "cluster-api-provider-nutanix-1-0-0",
            config: { kcmLine: "1.2", version: "v1.7.0" },
          },
          { name: "extra" },
        ],
      },
    });
  });

  it("switches Cluster API's gate on for a cluster by a ClusterClass, and for no other", () => {
    const capi = (clusterClass: boolean) => {
      const manifest = stackManifests(classStack(clusterClass)).find(({ kind }) => kind === "Management");
      return (manifest?.spec as StackFile | undefined)?.["core"].capi;
    };
    assert.deepEqual(capi(true), { config: { manager: { featureGates: { ClusterTopology: true } } } });
    assert.deepEqual(capi(false), {});
  });

  it("of another owner is not changed, and a cluster by a ClusterClass causes a warning with what its owner must set", () => {
    const stack = classStack(true, true);
    assert.equal(
      stackManifests(stack).find(({ kind }) => kind === "Management"),
      undefined,
    );
    assert.deepEqual(evaluateStack(stack, {}).warnings.at(-1), {
      path: "clusters.demo.clusterClass",
      value: true,
      reason:
        "is rejected by Cluster API unless its feature gate ClusterTopology is on, and this stack does not manage Management",
      remedy:
        "ask its owner to set spec.core.capi.config.manager.featureGates.ClusterTopology: true in Management, or remove clusterClass",
    });
    assert.ok(!evaluateStack(classStack(true), {}).warnings.some(({ path }) => path.endsWith(".clusterClass")));
  });

  it("is waited for by its Release and each provider's success, and not by Ready alone", () => {
    const spec = { release: "kcm-1-11-4", providers: [{ name: "a" }, { name: "b-c" }] };
    assert.deepEqual(managementConditions({ apiVersion: "", kind: "Management", metadata: { name: "kcm" }, spec }), [
      "condition=Ready",
      "jsonpath={.status.observedGeneration}",
      "jsonpath={.status.release}=kcm-1-11-4",
      "jsonpath={.status.components.kcm.template}=kcm-1-11-4",
      "jsonpath={.status.components['a'].success}=true",
      "jsonpath={.status.components['b-c'].success}=true",
    ]);
  });
});
