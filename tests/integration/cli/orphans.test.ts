import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { startPrismCentral } from "../../../sandbox/prism-central/stand-in-server.ts";
import { standInUuid } from "../../../sandbox/prism-central/stand-in-state.ts";
import { startStandIn } from "./stand-in-api.ts";

const CERTIFICATE = readFileSync(join(PROJECT, "tests/certificates/prism-central/good.pem"), "utf8");
const USER = { username: "reader@example.com", password: "Pa55 of the reader" };
const machine = (index: number, name: string) => ({
  ...{ uuid: standInUuid(9, index), name, cluster: standInUuid(1, 1) },
  ...{ memoryMib: 4096, addresses: [] },
});
const volume = (cluster: string) => ({
  metadata: { name: `etcd-data-kmc-${cluster}-etcd-0`, namespace: "kcm-system", labels: { cluster } },
});
const named = (name: string) => ({ metadata: { name, namespace: "kcm-system" } });

/** Runs the command against a Prism Central of this version with what two clusters left, one of which is not there. */
async function orphans(version: string, password = USER.password) {
  const prismCentral = await startPrismCentral({
    certificate: CERTIFICATE,
    state: {
      version,
      users: [USER],
      ...{ elements: [], subnets: [], images: [], projects: [], hosts: [], containers: [], gpus: [] },
      categories: [
        { key: "KubernetesClusterName", value: "edge" },
        { key: "KubernetesClusterName", value: "gone" },
        { key: "environment", value: "dev" },
      ],
      machines: [machine(1, "edge-md-x7"), machine(2, "gone-md-y8"), machine(3, "somebody-elses")],
    },
  });
  const list = (...names: string[]): [number, unknown] => [200, { items: names.map(named) }];
  const api = await startStandIn({
    others: {
      "/apis/k0rdent.mirantis.com/v1beta1/clusterdeployments": list("edge"),
      "/apis/cluster.x-k8s.io/v1beta1/clusters": list("edge"),
      "/apis/cluster.x-k8s.io/v1beta1/machines": list("edge-md-x7"),
      "/apis/infrastructure.cluster.x-k8s.io/v1beta1/nutanixmachines": list("edge-md-x7"),
      "/api/v1/persistentvolumeclaims?labelSelector=app%3Dk0smotron%2Ccomponent%3Detcd": [
        200,
        { items: ["edge", "gone"].map(volume) },
      ],
    },
  });
  try {
    const words = ["orphans", "--kubeconfig", api.kubeconfig, "--prism-central", "127.0.0.1", "--insecure"];
    return await execa(
      process.execPath,
      [join(PROJECT, "cli/main.ts"), ...words, "--port", String(prismCentral.port), "--json"],
      { cwd: PROJECT, reject: false, env: { NUTANIX_USER: USER.username, NUTANIX_PASSWORD: password } },
    );
  } finally {
    await Promise.all([prismCentral.close(), api.close()]);
  }
}

describe("orphans", function () {
  this.timeout(60_000);

  it("are listed as JSON", async () => {
    const { exitCode, stdout, stderr } = await orphans("2024.3.0.1");
    assert.equal(exitCode, 3, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      volumes: [{ name: "etcd-data-kmc-gone-etcd-0", namespace: "kcm-system", cluster: "gone" }],
      categories: ["gone"],
      machines: [{ name: "gone-md-y8", uuid: standInUuid(9, 2), cluster: "gone" }],
    });
  });

  it("are not listed for a Prism Central without a v4 API", async () => {
    const { exitCode, stderr } = await orphans("2023.4.0.1");
    assert.equal(exitCode, 1);
    assert.match(stderr, /runs 2023\.4\.0\.1, which has no v4 API/);
  });

  it("are not listed with a wrong login, which is not shown", async () => {
    const { exitCode, stdout, stderr } = await orphans("2024.3.0.1", "wrong Pa55 of the reader");
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.match(stderr, /^127\.0\.0\.1:\d+: /);
    assert.ok(!stderr.includes("Pa55"), stderr);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });
});
