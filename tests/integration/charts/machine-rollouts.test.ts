import assert from "node:assert/strict";
import { demandOf, type RenderedDemand } from "../../../cli/review/demand.ts";
import { machineRollouts } from "../../../cli/review/machine-changes.ts";
import type { RenderedObject } from "../../../cli/stack/render-stack.ts";
import { clusterDeployment } from "../../../manifests/cluster-deployment.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, type StackInput, stack } from "../../../schema/stack.ts";
import { validInput } from "../../support/stack-fixture.ts";
import { needsHelm, type Rendered, render } from "./helm-template.ts";

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

const DOMAIN = (name: string) => ({
  cluster: { type: "name", name },
  subnets: [{ type: "name", name: `${name}-net` }],
});

/** A cluster with a pool of its own, and its first workers spread over two failure domains. */
function spread(cluster: Plain): void {
  Object.assign(cluster, {
    failureDomains: { a: DOMAIN("pe-a"), b: DOMAIN("pe-b") },
    worker: { failureDomains: ["a", "b"] },
    workerPools: { batch: { replicas: 4, failureDomains: [] } },
  });
}

/** Changes of that cluster, which must roll what the chart rolls in both of its forms. */
const SPREAD: Readonly<Record<string, (cluster: Plain) => unknown>> = {
  "a size of one pool": ({ workerPools }) => Object.assign(workerPools.batch, { vcpuSockets: 8 }),
  "a size of all workers": ({ worker }) => Object.assign(worker, { memorySize: "8Gi" }),
  "subnets of a failure domain": ({ failureDomains }) => Object.assign(failureDomains, { b: DOMAIN("pe-c") }),
  "subnets of the defaults": ({ machineDefaults }) => machineDefaults.subnets.pop(),
  "labels of one pool": ({ workerPools }) => Object.assign(workerPools.batch, { labels: { "example.com/a": "b" } }),
  "taints of all workers": (cluster) =>
    Object.assign(cluster, { k0s: { worker: { taints: [{ key: "a", value: "b", effect: "NoSchedule" }] } } }),
  "a proxy": (cluster) => Object.assign(cluster, { proxy: { https: "http://proxy.example.com:3128" } }),
  "numbers alone": (cluster) => Object.assign(cluster, { workersNumber: 7 }),
};

function deployment(change: (cluster: Plain) => unknown): RenderedObject {
  const input = structuredClone(validInput()) as Plain;
  change(input["clusters"].edge);
  const { clusters, prismCentral } = parse(stack, input as unknown as StackInput, { at: "" }).value as Stack;
  const cluster = clusters["edge"];
  assert.ok(cluster);
  return clusterDeployment(cluster, { name: "edge", prismCentral }) as unknown as RenderedObject;
}

const asked = (object: RenderedObject): RenderedDemand => {
  const found = demandOf(object);
  assert.ok(found);
  return found;
};

/** Names of the chart's machine templates. */
async function templates(object: RenderedObject): Promise<string[]> {
  const values = (object["spec"] as Plain)["config"];
  const objects: Rendered[] = await render("nutanix-k0s-standalone", { values });
  return objects.filter(({ kind }) => kind === "NutanixMachineTemplate").map(({ metadata }) => metadata.name);
}

/** What the machines of each MachineDeployment hang on: the name of their template, or a topology's variables. */
async function workers(object: RenderedObject): Promise<Record<string, string>> {
  const values = (object["spec"] as Plain)["config"];
  const objects: Plain[] = await render("nutanix-k0s-standalone", { values });
  const topology = objects.find(({ kind }) => kind === "Cluster")?.["spec"].topology?.workers.machineDeployments ?? [];
  const plain = objects.filter(({ kind }) => kind === "MachineDeployment");
  return Object.fromEntries([
    ...topology.map(({ name, variables }: Plain) => [name, JSON.stringify(variables)]),
    ...plain.map(({ metadata, spec }) => [
      metadata.name.replace(/^[^-]+-/, ""),
      spec.template.spec.infrastructureRef.name,
    ]),
  ]);
}

describe("what a review says of rolling machines", function () {
  this.timeout(60_000);
  before(needsHelm);

  for (const [what, change] of Object.entries(CHANGES)) {
    it(`is what the chart's machine templates say by their names: ${what}`, async () => {
      const [before, after] = [deployment(() => undefined), deployment(change)];
      const [old, now] = await Promise.all([templates(before), templates(after)]);
      const rolls = machineRollouts({ before: asked(before), after: asked(after), replaced: false });
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

  for (const form of ["plain", "class"]) {
    for (const [what, change] of Object.entries(SPREAD)) {
      it(`is what the chart gives each MachineDeployment, in the ${form} form: ${what}`, async () => {
        const prepare = (cluster: Plain) => {
          spread(cluster);
          if (form === "class") cluster["clusterClass"] = true;
        };
        const [before, after] = [
          deployment(prepare),
          deployment((cluster) => {
            prepare(cluster);
            change(cluster);
          }),
        ];
        const [old, now] = await Promise.all([workers(before), workers(after)]);
        assert.equal(Object.keys(old).length, 3);
        const differing = Object.keys(old).filter((name) => old[name] !== now[name]);
        const rolls = machineRollouts({ before: asked(before), after: asked(after), replaced: false });
        const said = rolls.map(({ group }) => group).filter((group) => group !== "control-plane");
        assert.deepEqual(said.sort(), differing.sort());
      });
    }
  }
});
