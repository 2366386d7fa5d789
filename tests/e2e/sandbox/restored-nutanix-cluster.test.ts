import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { PROJECT } from "../../../cli/stack/paths.ts";
import type { KubernetesClient } from "../../../kubernetes/client.ts";
import { KINDS } from "../../../kubernetes/kinds.ts";
import { type KubernetesObject, type ObjectReference, textAt } from "../../../kubernetes/object.ts";
import { clusterDeployment } from "../../../manifests/cluster-deployment.ts";
import { credential, credentialsText } from "../../../manifests/credential.ts";
import { clusterNames, NAMESPACE } from "../../../manifests/names.ts";
import { connectSandbox } from "../../../sandbox/cluster/settle.ts";
import { crdFolder, readCrds, standInCrds } from "../../../sandbox/crds.ts";
import { SANDBOX_TOOLS } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox } from "../../../sandbox/sandbox-cluster.ts";
import { cluster as clusterSchema } from "../../../schema/cluster.ts";
import { prismCentral as prismCentralSchema } from "../../../schema/prism-central-settings.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools } from "../../support/skip.ts";
import { MACHINE_SPEC } from "../../unit/operations/cluster-fixture.ts";

const CLUSTER = "edge";
const OLD_NAME = "edge-cluster";
const PASSWORD = "canary-Pa55word";
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const named = (name: string) => ({ name, namespace: NAMESPACE });
const MACHINES = ["edge-md-x7", "edge-md-y8"];

describe("the recovery of a cluster whose NutanixCluster went before its machines", function () {
  this.timeout(240_000);
  const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-restore-"));
  const bundle = join(directory, "ca.pem");
  let client: KubernetesClient;
  let kubeconfig: string;

  before(async function () {
    const tools = await requireTools(this, SANDBOX_TOOLS);
    ({ kubeconfig } = await createSandbox({ name: "restore", directory, tools, controllers: false }));
    client = await connectSandbox(kubeconfig);
    await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    const folder = crdFolder("1.2.0");
    const crds = folder === undefined ? standInCrds("1.2.0") : await readCrds(folder);
    for (const crd of crds) await client.apply(crd);
    await eventually("the kinds are served", async () => {
      const served = Object.values([KINDS.ClusterDeployment, KINDS.NutanixMachine]).map((kind) =>
        client.listWithVersion(kind),
      );
      return (await Promise.all(served)).every((list) => list !== undefined);
    });
    writeFileSync(bundle, PEM);
    await bringStranded();
  });
  after(async () => {
    await deleteSandbox(directory);
    rmSync(directory, { recursive: true, force: true });
  });

  /** What three seconds of an uninstall left of a cluster whose NutanixCluster had another name than its Cluster. */
  async function bringStranded(): Promise<void> {
    const names = clusterNames(CLUSTER);
    const login = { credentials: credentialsText({ username: "svc-capx", password: PASSWORD }) };
    const secret = { apiVersion: "v1", kind: "Secret", metadata: named(names.identity), stringData: login };
    await client.apply(secret);
    await client.apply(credential(CLUSTER));
    const prismCentral = prismCentralSchema.parse({ address: "pc.example.com" });
    const own = {
      address: "pc.example.com",
      usePerClusterCredential: true,
      additionalTrustBundleConfigMapName: "edge-pc-ca",
    };
    const { cluster: element, image, subnet: subnets } = MACHINE_SPEC;
    const spec = clusterSchema.parse({
      mode: "hcp",
      nutanix: { controlPlaneEndpoint: { host: "10.1.1.200" }, prismCentral: own },
      machineDefaults: { image, cluster: element, subnets },
    });
    await client.apply(clusterDeployment(spec, { name: CLUSTER, prismCentral }));
    const infrastructureRef = { ...kindOf("NutanixCluster"), ...named(OLD_NAME) };
    const cluster = await terminating({ ...CAPI_CLUSTER, metadata: named(CLUSTER), spec: { infrastructureRef } });
    const labels = { "cluster.x-k8s.io/cluster-name": CLUSTER };
    const owner = { ...CAPI_CLUSTER, name: CLUSTER, uid: cluster.metadata.uid };
    for (const name of MACHINES) {
      const metadata = { ...named(name), labels, ownerReferences: [owner] };
      await terminating({ ...kindOf("NutanixMachine"), metadata, spec: { ...MACHINE_SPEC, bootType: "legacy" } });
    }
  }

  async function terminating<T extends ObjectReference>(object: T): Promise<KubernetesObject> {
    const finalizers = ["example.com/held"];
    const made = await client.apply({ ...object, metadata: { ...object.metadata, finalizers } });
    await client.delete(made);
    return made;
  }

  const recover = (...words: string[]) =>
    execa(
      process.execPath,
      [join(PROJECT, "cli/main.ts"), "recover", "--cluster", CLUSTER, "--kubeconfig", kubeconfig, ...words],
      { cwd: PROJECT, reject: false },
    );
  const find = (kind: keyof typeof KINDS, name: string) => client.get({ ...kindOf(kind), metadata: named(name) });

  it("changes nothing without the CA certificates of the trust bundle", async () => {
    const { exitCode, stdout } = await recover("--yes");
    assert.equal(exitCode, 3, stdout);
    assert.match(stdout, /nutanix-cluster-missing/);
    assert.match(
      stdout,
      /^skipped: create the NutanixCluster edge-cluster, .*: requires the CA certificates of its trust bundle; name their PEM file with --trust-bundle$/m,
    );
    assert.equal(await find("Secret", "edge-capx-credentials"), undefined);
    assert.equal(await find("NutanixCluster", OLD_NAME), undefined);
  });

  it("brings back what CAPX needs, until it has deleted the machines, and then lets go of it", async () => {
    const seen: KubernetesObject[] = [];
    const end = new AbortController();
    const capx = playCapx(seen, end.signal);
    const { exitCode, stdout, stderr } = await recover("--yes", "--trust-bundle", bundle, "--timeout", "1");
    end.abort();
    await capx;
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /^done: create the NutanixCluster edge-cluster, the Secret edge-capx-credentials/m);
    assert.ok(!(stdout + stderr).includes(PASSWORD));
    const cluster = await client.get({ ...CAPI_CLUSTER, metadata: named(CLUSTER) });
    const [nutanixCluster] = seen;
    assert.deepEqual(
      nutanixCluster?.metadata.ownerReferences?.map(({ kind, name, uid }) => [kind, name, uid]),
      [["Cluster", CLUSTER, cluster?.metadata.uid]],
    );
    for (const name of MACHINES) assert.equal(await find("NutanixMachine", name), undefined);
    assert.equal(await find("NutanixCluster", OLD_NAME), undefined);
    const [copy, identity] = [
      await find("Secret", "edge-capx-credentials"),
      await find("Secret", "edge-nutanix-identity"),
    ];
    assert.equal(copy?.data?.["credentials"], identity?.data?.["credentials"]);
    assert.equal((await find("ConfigMap", "edge-pc-ca"))?.data?.["ca.crt"], PEM);
  });

  /** As measured with CAPX 1.7.0 and 1.10.3: a machine is deleted when it changes while its NutanixCluster can be used, and else never. */
  async function playCapx(seen: KubernetesObject[], signal: AbortSignal): Promise<void> {
    const versions = new Map<string, string | undefined>();
    for (; !signal.aborted; await sleep(50)) {
      for (const machine of await client.list({ ...kindOf("NutanixMachine"), namespace: NAMESPACE })) {
        const { name, resourceVersion } = machine.metadata;
        const before = versions.get(name);
        versions.set(name, resourceVersion);
        const cluster = await find("NutanixCluster", OLD_NAME);
        const { credentialRef, additionalTrustBundle } = (cluster?.spec?.["prismCentral"] ?? {}) as Record<
          string,
          unknown
        >;
        const secret = await find("Secret", textAt(credentialRef, "name") ?? "-");
        const ca = await find("ConfigMap", textAt(additionalTrustBundle, "name") ?? "-");
        if (before === undefined || before === resourceVersion || !cluster) continue;
        if (!secret?.data?.["credentials"] || !ca?.data?.["ca.crt"]) continue;
        seen.push(cluster);
        await client.merge(machine, { metadata: { finalizers: null } });
      }
    }
  }
});

const CAPI_CLUSTER = { apiVersion: "cluster.x-k8s.io/v1beta1", kind: "Cluster" };

function kindOf(name: keyof typeof KINDS): { apiVersion: string; kind: string } {
  const { apiVersion, kind } = KINDS[name];
  return { apiVersion, kind };
}
