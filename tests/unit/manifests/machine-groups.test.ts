import assert from "node:assert/strict";
import { capacity } from "../../../manifests/cluster-capacity.ts";
import { clusterConfig } from "../../../manifests/cluster-config.ts";
import { machineGroups } from "../../../manifests/machine-groups.ts";
import { type Cluster, cluster as clusterSchema } from "../../../schema/cluster.ts";
import { parse } from "../../../schema/parse.ts";
import { type StackFile, validStack } from "../../support/stack-fixture.ts";

const named = (name: string) => ({ type: "name", name });
const DOMAINS = {
  "rack-a": { cluster: named("PE-A"), subnets: [named("net-a")] },
  "rack-b": { cluster: named("PE-B"), subnets: [named("net-b"), named("storage-b")] },
};

function cluster(name: "demo" | "edge", parts: StackFile): Cluster {
  const { value, violations } = parse(clusterSchema, { ...validStack()["clusters"][name], ...parts }, { at: name });
  assert.deepEqual(violations, []);
  return value as Cluster;
}

const told = (spec: Cluster) =>
  machineGroups(spec).map(({ name, at, count, failureDomain }) => [name, at, count, failureDomain]);

describe("a cluster's groups of machines", () => {
  it("are the workers, and the control plane where it has machines", () => {
    assert.deepEqual(told(cluster("demo", {})), [["md", "worker", 2, undefined]]);
    assert.deepEqual(told(cluster("edge", {})), [
      ["control-plane", "controlPlane", 3, undefined],
      ["md", "worker", 2, undefined],
    ]);
  });

  it("are one for each pool and failure domain, the odd machine in the first", () => {
    const spec = cluster("edge", {
      failureDomains: DOMAINS,
      controlPlane: { failureDomains: ["rack-a", "rack-b"] },
      workersNumber: 5,
      worker: { failureDomains: ["rack-b", "rack-a"] },
      workerPools: { gpu: { replicas: 1, failureDomains: [] }, batch: { replicas: 4 } },
    });
    assert.deepEqual(told(spec), [
      ["control-plane-rack-a", "controlPlane", 2, "rack-a"],
      ["control-plane-rack-b", "controlPlane", 1, "rack-b"],
      ["md-rack-b", "worker", 3, "rack-b"],
      ["md-rack-a", "worker", 2, "rack-a"],
      ["gpu", "workerPools.gpu", 1, undefined],
      ["batch-rack-b", "workerPools.batch", 2, "rack-b"],
      ["batch-rack-a", "workerPools.batch", 2, "rack-a"],
    ]);
    assert.equal(capacity(spec).machines, 3 + 5 + 1 + 4);
  });

  it("are where their failure domain is", () => {
    const spec = cluster("demo", { failureDomains: DOMAINS, worker: { failureDomains: ["rack-b"] } });
    const [group] = machineGroups(spec);
    assert.deepEqual([group?.machine.cluster, group?.machine.subnets], Object.values(DOMAINS["rack-b"]));
  });

  it("are made of the defaults, with the workers' and the pool's values in their place", () => {
    const spec = cluster("demo", {
      worker: { vcpuSockets: 4, memorySize: "8Gi", gpus: [named("Ampere 40")] },
      workerPools: {
        big: { replicas: 1, memorySize: "64Gi", labels: { a: "b" }, taints: [{ key: "a", effect: "NoSchedule" }] },
        plain: { replicas: 1, gpus: [] },
      },
    });
    const [first, big, plain] = machineGroups(spec).map(({ machine }) => machine);
    assert.deepEqual([first?.vcpuSockets, first?.memorySize, first?.gpus?.length], [4, "8Gi", 1]);
    assert.deepEqual([big?.vcpuSockets, big?.memorySize, big?.gpus?.length], [4, "64Gi", 1]);
    assert.deepEqual([plain?.vcpuSockets, plain?.memorySize, plain?.gpus], [4, "8Gi", []]);
    assert.ok(big !== undefined && !("labels" in big) && !("taints" in big));
  });

  it("ask for the room of their data disks too", () => {
    const dataDisks = [{ diskSize: "100Gi" }, { diskSize: "512Mi" }];
    const spec = cluster("demo", { workersNumber: 2, worker: { dataDisks } });
    assert.equal(capacity(spec).diskGib, 2 * (40 + 100 + 0.5));
  });

  it("take an image or look one up, as the nearest place says", () => {
    const spec = cluster("demo", {
      worker: { imageLookup: { baseOS: "ubuntu-22.04" } },
      workerPools: { other: { replicas: 1, image: named("rocky-9") }, same: { replicas: 1 } },
    });
    assert.deepEqual(
      machineGroups(spec).map(({ machine: { image, imageLookup } }) => [image, imageLookup]),
      [
        [undefined, { baseOS: "ubuntu-22.04" }],
        [named("rocky-9"), undefined],
        [undefined, { baseOS: "ubuntu-22.04" }],
      ],
    );
  });

  it("reach the chart in the words of the stack file, projects and categories in one spelling", () => {
    const spec = cluster("demo", {
      failureDomains: DOMAINS,
      workerPools: {
        big: { replicas: 1, failureDomains: ["rack-a", "rack-b"], project: "p", additionalCategories: ["a:b"] },
      },
      ssh: {
        user: "ops",
        publicKeys: [
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIuJ0Kyr1oYMnLdSnQfNYDfM6bQG7Zb3kMnZrkCJ6bq7 ops@example.com",
        ],
      },
      proxy: { http: "http://proxy.example.com:3128", noProxy: [".example.com"] },
      addons: { ccm: { enabled: true } },
    });
    const prismCentral = { address: "pc.example.com", port: 9440, insecure: false };
    const config = clusterConfig(spec, { name: "demo", prismCentral }) as StackFile;
    assert.deepEqual(config["failureDomains"], DOMAINS);
    assert.deepEqual(config["workerPools"].big.project, { type: "name", name: "p" });
    assert.deepEqual(config["workerPools"].big.additionalCategories, [{ key: "a", value: "b" }]);
    assert.deepEqual([config["ssh"], config["proxy"]], [spec.ssh, spec.proxy]);
    assert.deepEqual(config["addons"].ccm, {
      enabled: true,
      via: "k0s",
      version: "0.6.2",
      repository: "https://nutanix.github.io/helm/",
    });
  });
});
