import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  LINES,
  MODES,
  type Mode,
  needsHelm,
  type Rendered,
  render,
  valueFiles,
} from "../../integration/charts/helm-template.ts";
import { eventually } from "../../support/eventually.ts";
import { assertMachines, machinesOf, poolsOf } from "./expected-machines.ts";
import { HelmRelease, type HelmReleaseOptions, NUTANIX_MACHINE } from "./helm-release.ts";
import { type Providers, startProviders } from "./providers.ts";
import { type AnyObject, CORE } from "./simulated-controllers.ts";
import { type ClusterApi, startClusterApi } from "./start-cluster-api.ts";

/** Clusters that live at the same time. */
const AT_ONCE = 6;

/** Value files whose clusters live: those that differ in what Cluster API and CAPX read. The others differ in what only k0s reads. */
const LIVED =
  /^(base|seed|no-workers|trust-bundle|gpus-and-data-disks|(worker-)?image-lookup|cluster-class(-and-credential|-and-worker-pools)?|worker-pools-and-overrides|failure-domains-and-worker-pools|control-plane-failure-domains)$/;

interface Fault {
  mode: Mode;
  file: string;
  change: (object: Rendered) => void;
  found: RegExp;
}

const of = (kind: string, change: (object: Rendered) => unknown) => (object: Rendered) => {
  if (object.kind === kind) change(object);
};
const machineTemplate = (spec: object) =>
  of("NutanixMachineTemplate", (object) => Object.assign(object["spec"].template.spec, spec));

/** Charts as they were: each was seen with the real controllers. */
const FAULTS: Readonly<Record<string, Fault>> = {
  "a NutanixCluster with another name than its Cluster": {
    mode: "hcp",
    file: "base",
    change: (object) => {
      of("NutanixCluster", ({ metadata }) => Object.assign(metadata, { name: "edge-cluster" }))(object);
      of("Cluster", ({ spec }) => Object.assign(spec.infrastructureRef, { name: "edge-cluster" }))(object);
    },
    found: /deletion leaves .*NutanixMachine edge\d+-/,
  },
  "volumes of etcd that outlive their cluster": {
    mode: "hcp",
    file: "base",
    change: of("K0smotronControlPlane", ({ spec }) => Object.assign(spec, { etcd: { autoDeletePVCs: false } })),
    found: /deletion leaves PersistentVolumeClaim etcd-data-kmc-edge\d+-etcd-0/,
  },
  "two data disks without an index": {
    mode: "hcp",
    file: "base",
    change: machineTemplate({ dataDisks: [{ diskSize: "1Gi" }, { diskSize: "1Gi" }] }),
    found: /machines do not run: .*two disks at SCSI\.1/s,
  },
  "a version of k0s in the name of an image": {
    mode: "standalone",
    file: "image-lookup",
    change: machineTemplate({ imageLookup: { baseOS: "ubuntu-22.04", format: "k0s-{{.K8sVersion}}" } }),
    found: /machines do not run: .*failed to find image with filter k0s-1\.32\.6\+k0s\.0/,
  },
};

for (const line of LINES) {
  describe(`charts under the real Cluster API of kcm ${line}`, function () {
    this.timeout(10 * 60_000);
    let api: ClusterApi;
    let providers: Providers;

    before(async function () {
      await needsHelm.call(this);
      api = await startClusterApi(this, line);
      providers = startProviders(api, line);
      console.log(`      ${api.what}; ${providers.what}`);
    });
    after(async () => {
      await providers?.stop();
      await api?.stop();
    });

    const releaseOf = (
      mode: Mode,
      namespace: string,
      files: readonly string[],
      more: Partial<HelmReleaseOptions> = {},
    ) => new HelmRelease(api.client, mode, { files, namespace, values: { kcmLine: line }, ...more });
    const uninstall = (release: HelmRelease) => release.uninstall(() => providers.leftovers(release.namespace));

    /** Installs, and upgrades k0s by a minor version, which the control plane does not do yet. */
    const startUpgrade = async (release: HelmRelease) => {
      await release.apply({ k0s: { version: "v1.32.6+k0s.0" } });
      await assertMachines(release);
      providers.holdUpgrades(true);
      await release.apply({ k0s: { version: "v1.33.4+k0s.1" } });
    };

    const all = MODES.flatMap((mode) => [...valueFiles(mode)].map(([name, files]) => ({ mode, name, files })));
    for (const { mode, name, files } of all) {
      it(`admits every object of nutanix-k0s-${mode} with ${name}`, async () => {
        const objects = await render(`nutanix-k0s-${mode}`, { files, values: { kcmLine: line } });
        for (const object of objects) await api.client.apply(object, { dryRun: true });
      });
    }

    const cases = all.filter(({ name }) => LIVED.test(name));
    const lives = new Map<number, Promise<unknown>>();
    const live = async ({ mode, name, files }: (typeof cases)[number]) => {
      const release = releaseOf(mode, `${mode}-${name}`, files);
      await release.apply();
      await assertMachines(release);
      await uninstall(release);
    };
    for (const [index, { mode, name }] of cases.entries()) {
      it(`makes the machines of nutanix-k0s-${mode} with ${name}, and deletes it without a rest`, async () => {
        for (const [next, one] of [...cases.entries()].slice(index, index + AT_ONCE))
          if (!lives.has(next))
            lives.set(
              next,
              live(one).catch((error: unknown) => error),
            );
        const error = await lives.get(index);
        if (error !== undefined) throw error;
      });
    }

    for (const mode of MODES) {
      for (const form of ["base", "cluster-class"]) {
        const files = valueFiles(mode).get(form) ?? [];

        it(`rolls the workers of nutanix-k0s-${mode} with ${form} by a new template, and scales them in place`, async () => {
          const release = releaseOf(mode, `${mode}-${form}-changes`, files);
          await release.apply();
          await assertMachines(release);
          const names = async () =>
            (await release.list(NUTANIX_MACHINE.apiVersion, NUTANIX_MACHINE.kind))
              .map(({ metadata }) => metadata.name)
              .filter((name) => !name.includes("-cp-"));
          const first = await names();
          await release.apply({ workersNumber: 3 });
          await assertMachines(release);
          const scaled = await names();
          assert.deepEqual(
            first.filter((name) => !scaled.includes(name)),
            [],
          );
          await release.apply({ workersNumber: 3, worker: { memorySize: "16Gi" } });
          await eventually("the old workers are gone", async () =>
            (await names()).every((name) => !scaled.includes(name)),
          );
          await assertMachines(release);
          await uninstall(release);
        });

        it(`upgrades the workers of nutanix-k0s-${mode} with ${form} after their control plane`, async () => {
          const release = releaseOf(mode, `${mode}-${form}-upgrade`, files);
          await startUpgrade(release);
          await sleep(8_000);
          assert.deepEqual((await workersOf(release)).filter(isNewer), []);
          providers.holdUpgrades(false);
          const isUpgraded = async () => {
            const all = await workersOf(release);
            return all.length === poolsOf(release.objects)[0]?.replicas && all.every(isNewer);
          };
          await eventually("the workers are upgraded", isUpgraded, { limit: 120_000 });
          await assertMachines(release);
          await uninstall(release);
        });
      }
    }

    it("would find workers that do not wait for their control plane", async () => {
      const annotations = { "machineset.cluster.x-k8s.io/skip-preflight-checks": "ControlPlaneIsStable" };
      const change = of("MachineDeployment", ({ metadata }) => Object.assign(metadata, { annotations }));
      const release = releaseOf("hcp", "fault-workers", valueFiles("hcp").get("base") ?? [], { change });
      await startUpgrade(release);
      const limit = 120_000;
      await eventually("early workers", async () => (await workersOf(release)).some(isNewer), { limit });
      providers.holdUpgrades(false);
      await uninstall(release);
    });

    for (const [fault, { mode, file, change, found }] of line === "1.2" ? Object.entries(FAULTS) : []) {
      it(`would find ${fault}`, async () => {
        const namespace = `fault-${Object.keys(FAULTS).indexOf(fault)}`;
        const release = releaseOf(mode, namespace, valueFiles(mode).get(file) ?? [], { change });
        const birthAndDeath = async () => {
          await release.apply();
          await release.machines(machinesOf(release.objects));
          await uninstall(release);
        };
        await assert.rejects(birthAndDeath(), found);
      });
    }
  });
}

async function workersOf(release: HelmRelease): Promise<AnyObject[]> {
  const machines = await release.list(CORE, "Machine");
  return machines.filter(({ metadata }) => metadata.labels?.["cluster.x-k8s.io/deployment-name"] !== undefined);
}

function isNewer({ spec }: AnyObject): boolean {
  return spec.version.startsWith("v1.33");
}
