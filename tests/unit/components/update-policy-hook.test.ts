import assert from "node:assert/strict";
import { startTestRuntime } from "../../../cli/stack/test-runtime.ts";
import { Guards } from "../../../components/internal/guards.ts";
import { assertUpdate } from "../../../components/internal/update-policy-hook.ts";
import type { PolicyTarget, TargetObject } from "../../../policy/rules/rule.ts";
import { configOf, SETTINGS, targetAt, validTargets } from "../policy/rules/valid-stack.ts";

const PROJECT = "k0rdent-nutanix";

describe("a cluster that is updated", () => {
  before(() =>
    startTestRuntime({ project: PROJECT, stack: "dev", preview: true }, ({ type, name, inputs }) => ({
      id: name,
      state:
        type === "pulumi:pulumi:StackReference"
          ? { ...inputs, outputs: { clusters: { far: { endpoint: "10.1.1.200:6443" } } } }
          : inputs,
    })),
  );

  /** What the hook says of a cluster that was the good one before. */
  async function compared(
    name: string,
    change: (subjects: readonly PolicyTarget[]) => void,
  ): Promise<string | undefined> {
    const subjects = validTargets();
    change(subjects);
    const now = targetAt(subjects, `clusters.${name}`);
    const oldInputs = targetAt(validTargets(), `clusters.${name}`).object as TargetObject;
    try {
      await assertUpdate(now, SETTINGS, oldInputs);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  it("may change in all that no rule keeps", async () => {
    assert.equal(
      await compared("demo", (all) => {
        configOf(all, "demo")["workersNumber"] = 9;
      }),
      undefined,
    );
  });

  it("keeps its endpoint and its mode, and says all that is wrong at once", async () => {
    assert.equal(
      await compared("demo", (all) => {
        configOf(all, "demo")["nutanix"].controlPlaneEndpoint.host = "10.1.1.210";
        Object.assign(targetAt(all, "clusters.demo").object.spec as object, {
          template: "nutanix-k0s-standalone-1-0-0",
        });
      }),
      [
        "policy violations:",
        '  - clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.210" was 10.1.1.200 when the cluster was created (endpoint-is-immutable); restore 10.1.1.200, or create a cluster with another name and migrate the workloads',
        "  - clusters.demo.mode: is standalone, but the cluster was created as hcp (mode-is-immutable); restore hcp, or create a cluster with another name and migrate the workloads",
      ].join("\n"),
    );
  });

  it("may not take the endpoint of a cluster of another stack", async () => {
    const check = (peers: readonly string[]) => {
      const guards = new Guards(() => assert.fail("a preview asks no cluster"));
      guards.setPeers("platform", peers, SETTINGS, {});
      guards.protect({ manifests: [], targets: validTargets() });
      return guards.check();
    };
    await assert.rejects(check(["other"]), {
      message: [
        "endpoints used by other stacks:",
        `  - clusters.demo.nutanix.controlPlaneEndpoint.host: "10.1.1.200" is the endpoint of the cluster far in the stack organization/${PROJECT}/other (endpoint-is-not-used-by-peer-stacks); reserve an address for each cluster`,
      ].join("\n"),
    });
    await check([]);
  });
});
