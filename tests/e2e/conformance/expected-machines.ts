import assert from "node:assert/strict";
import { only, type Rendered } from "../../integration/charts/helm-template.ts";
import { type HelmRelease, NUTANIX_MACHINE } from "./helm-release.ts";
import { type AnyObject, CORE } from "./simulated-controllers.ts";

interface Pool {
  /** Name of the MachineDeployment. */
  name: string;
  replicas: number;
  failureDomain?: string;
  /** Spec of each NutanixMachine and of each K0sWorkerConfig. */
  machine: Rendered;
  bootstrap: Rendered;
}

/** The worker pools that a chart's objects ask for. */
export function poolsOf(objects: readonly Rendered[]): Pool[] {
  const {
    metadata: { name: cluster },
    spec: { topology },
  } = only(objects, "Cluster") as AnyObject;
  const template = (kind: string, name: string) =>
    objects.find((one) => one.kind === kind && one.metadata.name === name)?.["spec"].template.spec;
  const plain = objects.filter(({ kind }) => kind === "MachineDeployment");
  if (!topology)
    return plain.map(({ metadata, spec }) => ({
      name: metadata.name,
      replicas: spec.replicas,
      failureDomain: spec.template.spec.failureDomain,
      machine: template("NutanixMachineTemplate", spec.template.spec.infrastructureRef.name),
      bootstrap: template("K0sWorkerConfigTemplate", spec.template.spec.bootstrap.configRef.name),
    }));
  return (topology.workers?.machineDeployments ?? []).map((pool: Rendered) => {
    const value = (name: string) => pool["variables"].overrides.find((one: Rendered) => one["name"] === name).value;
    return {
      name: `${cluster}-${pool["name"]}`,
      replicas: pool["replicas"],
      failureDomain: pool["failureDomain"],
      machine: value("machine"),
      bootstrap: { ...value("bootstrap"), version: topology.version.replace("-k0s.", "+k0s.") },
    };
  });
}

/** Number of control plane machines; a hosted control plane has none. */
function controlPlaneMachinesOf(objects: readonly Rendered[]): number {
  const { topology } = only(objects, "Cluster")["spec"];
  const isHosted = objects.some(({ kind }) => kind.startsWith("K0smotronControlPlane"));
  if (isHosted) return 0;
  return topology ? topology.controlPlane.replicas : only(objects, "K0sControlPlane")["spec"].replicas;
}

export function machinesOf(objects: readonly Rendered[]): number {
  return poolsOf(objects).reduce((sum, { replicas }) => sum + replicas, controlPlaneMachinesOf(objects));
}

/** Asserts names, numbers and specs of all machines of a release. */
export async function assertMachines(release: HelmRelease): Promise<void> {
  const { objects, namespace } = release;
  const pools = poolsOf(objects);
  const controlPlane = controlPlaneMachinesOf(objects);
  const machines = await release.machines(machinesOf(objects));
  const [[cluster], nutanixClusters, nutanixMachines, configs] = await Promise.all([
    release.list(CORE, "Cluster"),
    release.list(NUTANIX_MACHINE.apiVersion, "NutanixCluster"),
    release.list(NUTANIX_MACHINE.apiVersion, NUTANIX_MACHINE.kind),
    release.list("bootstrap.cluster.x-k8s.io/v1beta1", "K0sWorkerConfig"),
  ]);
  assert.ok(cluster);
  assert.deepEqual(
    nutanixClusters.map(({ metadata }) => metadata.name),
    [release.name],
    `NutanixCluster in ${namespace}`,
  );
  const find = (all: readonly AnyObject[], name: string) => {
    const found = all.find(({ metadata }) => metadata.name === name);
    assert.ok(found, name);
    return found.spec;
  };
  for (const pool of pools) {
    const own = machines.filter(({ metadata }) => metadata.labels?.["cluster.x-k8s.io/deployment-name"] === pool.name);
    assert.equal(own.length, pool.replicas, pool.name);
    for (const { metadata, spec } of own) {
      assert.match(metadata.name, new RegExp(`^${pool.name}-`));
      assert.equal(spec.failureDomain, pool.failureDomain);
      assertIncludes(
        find(nutanixMachines, spec.infrastructureRef.name),
        without(pool.machine, pool.failureDomain ? ["cluster", "subnet"] : []),
      );
      // Both versions' words for the commands: an unconverted definition drops those of the other.
      assertIncludes(find(configs, spec.bootstrap.configRef.name), without(pool.bootstrap, ["preK0sCommands"]));
    }
  }
  const template = objects.find(
    ({ kind, metadata }) => kind === "NutanixMachineTemplate" && metadata.name.includes("-cp-mt-"),
  );
  const own = machines.filter(({ metadata }) => metadata.labels?.["cluster.x-k8s.io/control-plane"] !== undefined);
  assert.equal(own.length, controlPlane);
  for (const { metadata, spec } of own) {
    assert.match(metadata.name, new RegExp(`^${release.name}-standalone-cp-`));
    const placed = spec.failureDomain ? ["cluster", "subnet"] : [];
    assertIncludes(
      find(nutanixMachines, spec.infrastructureRef.name),
      without(template?.["spec"].template.spec, placed),
    );
  }
}

/** Definitions add defaults; lists are as they are asked for. */
function assertIncludes(actual: unknown, expected: unknown): void {
  assert.partialDeepStrictEqual(actual, expected);
}

function without(object: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
