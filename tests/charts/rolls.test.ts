import assert from "node:assert/strict";
import { type Asked, askedOf } from "../../cli/review/asked.ts";
import { rollsOf } from "../../cli/review/machines.ts";
import type { PlainObject } from "../../cli/review/objects.ts";
import { clusterDeployment } from "../../manifests/cluster-deployment.ts";
import { parse } from "../../schema/parse.ts";
import { type Stack, type StackInput, stack } from "../../schema/stack.ts";
import { goodInput } from "../stack-fixture.ts";
import { findHelm, type Rendered, render } from "./helm.ts";

type Plain = Record<string, any>;

/** Changes of the good stack's standalone cluster. */
const CHANGES: Readonly<Record<string, (cluster: Plain) => unknown>> = {
  "a size of the defaults": ({ machineDefaults }) => Object.assign(machineDefaults, { vcpusPerSocket: 2 }),
  "a disk of the control plane": ({ controlPlane }) => Object.assign(controlPlane, { systemDiskSize: "300Gi" }),
  "sockets of the workers": (cluster) => Object.assign(cluster, { worker: { vcpuSockets: 16 } }),
  "the image": ({ machineDefaults }) => Object.assign(machineDefaults, { image: { type: "name", name: "another" } }),
  subnets: ({ machineDefaults }) => machineDefaults.subnets.pop(),
  firmware: ({ machineDefaults }) => Object.assign(machineDefaults, { bootType: "legacy" }),
  "the project": ({ machineDefaults }) => Object.assign(machineDefaults, { project: "another" }),
  categories: ({ machineDefaults }) => Object.assign(machineDefaults, { additionalCategories: ["a:b"] }),
  "a default that is written out": ({ machineDefaults }) => Object.assign(machineDefaults, { memorySize: "4Gi" }),
  "numbers alone": (cluster) => Object.assign(cluster, { controlPlaneNumber: 5, workersNumber: 7 }),
  "labels of workers": (cluster) => Object.assign(cluster, { k0s: { worker: { labels: { "example.com/a": "b" } } } }),
  "labels of the cluster": (cluster) => Object.assign(cluster, { labels: { a: "b" } }),
};

function deployment(change: (cluster: Plain) => unknown): PlainObject {
  const input = structuredClone(goodInput()) as Plain;
  change(input["clusters"].edge);
  const { clusters, prismCentral } = parse(stack, input as unknown as StackInput, { at: "" }).value as Stack;
  const cluster = clusters["edge"];
  assert.ok(cluster);
  return clusterDeployment(cluster, { name: "edge", prismCentral }) as unknown as PlainObject;
}

const asked = (object: PlainObject): Asked => {
  const found = askedOf(object);
  assert.ok(found);
  return found;
};

/** Names of the chart's machine templates. */
async function templates(helm: string, object: PlainObject): Promise<string[]> {
  const values = (object["spec"] as Plain)["config"];
  const objects: Rendered[] = await render(helm, "nutanix-k0s-standalone", { values });
  return objects.filter(({ kind }) => kind === "NutanixMachineTemplate").map(({ metadata }) => metadata.name);
}

describe("what a review says of rolling machines", function () {
  this.timeout(60_000);
  let helm: string | undefined;
  before(async () => {
    helm = await findHelm();
  });

  for (const [what, change] of Object.entries(CHANGES)) {
    it(`is what the chart's machine templates say by their names: ${what}`, async function () {
      if (helm === undefined) return this.skip();
      const [before, after] = [deployment(() => undefined), deployment(change)];
      const [old, now] = await Promise.all([templates(helm, before), templates(helm, after)]);
      const rolls = rollsOf({ before: asked(before), after: asked(after), replaced: false });
      for (const [group, part] of [
        ["control-plane", "-cp-mt-"],
        ["md", "-worker-mt-"],
      ] as const) {
        const [one, other] = [old, now].map((names) => names.find((name) => name.includes(part)));
        assert.ok(one && other);
        assert.equal(
          rolls.some((roll) => roll.group === group),
          one !== other,
          group,
        );
      }
    });
  }
});
