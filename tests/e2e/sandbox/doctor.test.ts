import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { blockedDeletions } from "../../../cli/engine/blocked-deletions.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import { waitFor } from "../../../kubernetes/wait.ts";
import { NAMESPACE } from "../../../manifests/names.ts";
import { clearFailures, type InjectedFailure, injectFailures } from "../../../sandbox/controllers/failures.ts";
import { SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox, sandboxStatus } from "../../../sandbox/sandbox-cluster.ts";
import { requireTools } from "../../support/skip.ts";
import { encodings } from "../engine/secret-canaries.ts";
import { bringCluster, bringManagement, CLUSTER, firstFinding } from "./setup.ts";

const CANARY = 'canary "of" Pa55\\word';
const K0RDENT = "/apis/k0rdent.mirantis.com/v1beta1";
const INFRASTRUCTURE = `/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}`;
const core = (plural: string, name: string) => `/api/v1/namespaces/${NAMESPACE}/${plural}/${name}`;

describe("the doctor on a sandbox", function () {
  this.timeout(240_000);
  const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-doctor-"));
  let sandbox: Sandbox;
  let client: KubernetesClient;
  let tools: ToolPaths<SandboxTool>;

  before(async function () {
    tools = await requireTools(this, SANDBOX_TOOLS);
    sandbox = await createSandbox({ name: "doctor", directory, tools });
    client = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) }, "k0rdent-nutanix-sandbox");
  });
  after(async () => {
    await deleteSandbox(directory);
    rmSync(directory, { recursive: true, force: true });
  });

  const first = (id: string | undefined) => firstFinding(client, id);

  const run = (words: readonly string[], kubeconfig = sandbox.kubeconfig, options: readonly string[] = []) =>
    execa(process.execPath, [...options, join(PROJECT, "cli/main.ts"), ...words, "--kubeconfig", kubeconfig], {
      cwd: PROJECT,
      reject: false,
    });
  /** Six minutes ahead: a deletion counts as stuck after five. */
  const AHEAD =
    "data:text/javascript,const D=Date;globalThis.Date=class extends D{constructor(...a){a.length?super(...a):super(D.now()+36e4)}static now(){return D.now()+36e4}}";
  const later = (words: readonly string[]) => run(words, sandbox.kubeconfig, ["--import", AHEAD]);

  it("says that kcm is not there, where it is not", async () => {
    assert.equal(await first("management-missing"), "kcm is not installed: its kinds are not served");
    assert.equal((await run(["doctor"])).exitCode, 3);
  });

  it("says that CAPX has no variables, where Management comes before their Secret", async () => {
    await bringManagement(client, tools, sandbox);
    assert.match(
      await first("provider-variables-missing"),
      /^CAPX has no variables: the Secret nutanix-creds does not exist/,
    );
  });

  it("finds nothing once all is there", async () => {
    await bringCluster(client, CANARY);
    await first(undefined);
    const { exitCode, stdout } = await run(["doctor"]);
    assert.deepEqual([exitCode, stdout.split("\n").at(-1)], [0, "no findings"]);
  });

  it("rejects the name of a cluster that does not exist", async () => {
    const { exitCode, stderr } = await run(["doctor", "--cluster", "nosuch"]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^cluster: "nosuch" is neither in https:\/\/\S+ nor in the stack file/);
    assert.equal((await run(["doctor", "--cluster", CLUSTER])).exitCode, 0);
  });

  it("says of a sandbox whose controllers have ended that it is degraded, and restarts them", async () => {
    const { components } = await sandboxStatus(directory);
    process.kill(components.find(({ name }) => name === "controllers")?.pid ?? 0, "SIGKILL");
    assert.ok(await waitFor(async () => (await sandboxStatus(directory)).state === "degraded", { timeout: 10_000 }));
    const said: string[] = [];
    await createSandbox({ name: "doctor", directory, tools, report: (line) => said.push(line) });
    assert.ok(said.includes("restarting in sandbox doctor: controllers"), said.join("\n"));
    assert.equal((await sandboxStatus(directory)).state, "running");
  });

  const FAILURES: readonly (readonly [InjectedFailure, string])[] = [
    ["management-never-ready", "component-failed"],
    ["credential-rejected", "credential-not-ready"],
    ["cluster-deployment-failed", "helm-release-failed"],
    ["prism-central-login-rejected", "prism-central-login-rejected"],
    ["prism-central-not-trusted", "prism-central-not-trusted"],
    ["prism-central-unreachable", "prism-central-unreachable"],
    ["control-plane-unreachable", "endpoint-unreachable"],
    ["image-not-found", "image-not-found"],
    ["subnet-not-found", "subnet-not-found"],
    ["out-of-resources", "out-of-resources"],
    ["vm-without-address", "vm-without-address"],
    ["node-does-not-join", "node-does-not-join"],
  ];
  for (const [failure, id] of FAILURES) {
    it(`says first ${id} with the failure ${failure}, and nothing when it is over`, async () => {
      injectFailures(directory, [failure]);
      await first(id);
      clearFailures(directory);
      await first(undefined);
    });
  }

  /** What people do by hand: a change, what the doctor says, and the change undone. */
  const CHANGES: readonly (readonly [string, string, object, object])[] = [
    [
      "capx-version-incompatible",
      `/apis/operator.cluster.x-k8s.io/v1alpha2/namespaces/${NAMESPACE}/infrastructureproviders/nutanix`,
      { spec: { version: "v1.10.3" } },
      { spec: { version: "v1.7.0" } },
    ],
    [
      "trust-bundle-without-ca",
      core("configmaps", `${CLUSTER}-pc-ca`),
      { data: { "ca.crt": null, "ca-bundle.crt": "text" } },
      { data: { "ca.crt": "text", "ca-bundle.crt": null } },
    ],
  ];
  for (const [id, path, change, back] of CHANGES) {
    it(`says first ${id} after that change`, async () => {
      await client.merge(path, change);
      await first(id);
      await client.merge(path, back);
      await first(undefined);
    });
  }

  it("says first credentials-missing after the removal of the Secret of the login", async () => {
    const path = core("secrets", `${CLUSTER}-capx-credentials`);
    await client.merge(path, { metadata: { finalizers: null } });
    await client.delete(path);
    assert.match(await first("credentials-missing"), /with the credentials of demo does not exist$/);
    await bringCluster(client, CANARY);
    await first(undefined);
  });

  it("writes an archive of what it read without secrets, wherever they are", async () => {
    await client.merge(`${K0RDENT}/namespaces/${NAMESPACE}/clusterdeployments/${CLUSTER}`, {
      metadata: {
        annotations: {
          "example.com/note": `login ${CANARY}`,
          "kubectl.kubernetes.io/last-applied-configuration": CANARY,
        },
      },
    });
    await client.merge(`${INFRASTRUCTURE}/nutanixclusters/${CLUSTER}`, {
      metadata: { labels: { canary: "stays" } },
    });
    await client.post(`/api/v1/namespaces/${NAMESPACE}/events`, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "canary", namespace: NAMESPACE },
      involvedObject: { kind: "ClusterDeployment", name: CLUSTER, namespace: NAMESPACE },
      type: "Warning",
      reason: "LoginFailed",
      message: `login failed with ${JSON.stringify({ username: "svc", password: CANARY })} and ${CANARY}`,
    });
    const file = join(directory, "doctor.tar.gz");
    const { stderr } = await run(["doctor", "--bundle", file]);
    assert.match(stderr, /^\d+ files in .*doctor\.tar\.gz, secrets redacted/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const text = gunzipSync(readFileSync(file)).toString("latin1");
    for (const shown of [
      "LoginFailed",
      "objects/NutanixCluster/demo.json",
      '"canary": "stays"',
      "objects/Secret/demo-capx-credentials.json",
    ])
      assert.ok(text.includes(shown), shown);
    assert.deepEqual(
      encodings(CANARY).filter((form) => text.includes(form)),
      [],
    );
    assert.ok(!text.includes("managedFields"));
  });

  it("says why a machine is not deleted, and a recovery that is not forced leaves its finalizer alone", async () => {
    injectFailures(directory, ["vm-not-deleted"]);
    const machine = `${INFRASTRUCTURE}/nutanixmachines/${CLUSTER}-md-sandbox`;
    const end = Date.now() + 20_000;
    while ((await client.get(machine)) === undefined && Date.now() < end) await sleep(100);
    await client.delete(machine);
    assert.match(await first("vm-not-deleted"), /VM is protected by a protection policy$/);
    const { exitCode, stdout } = await run(["recover", "--cluster", CLUSTER]);
    assert.equal(exitCode, 0, stdout);
    assert.ok((await client.get(machine))?.metadata.finalizers?.length);
    const [held = ""] = await blockedDeletions(sandbox.kubeconfig);
    assert.match(held, /^NutanixMachine demo-md-sandbox: being deleted for \d+.*, blocked by \S+ \(CAPX.*\)$/);
  });

  it("removes a finalizer only with both flags, after naming the virtual machine that stays", async () => {
    const machine = `${INFRASTRUCTURE}/nutanixmachines/${CLUSTER}-md-sandbox`;
    const path = `${INFRASTRUCTURE}/nutanixmachines/${CLUSTER}-md-sandbox/status`;
    await client.merge(path, { status: { vmUUID: "7d2f0c3e-0000-4000-8000-000000000001" } });
    const names =
      /the virtual machine demo-md-sandbox \(UUID 7d2f0c3e-0000-4000-8000-000000000001\) stays in Prism Central/;
    const there = async () => (await client.get(machine))?.metadata.finalizers?.length;

    const unforced = await later(["recover", "--cluster", CLUSTER, "--yes"]);
    assert.match(unforced.stdout, /^skipped: .*from NutanixMachine demo-md-sandbox: .*: only with --force$/m);
    assert.match(unforced.stdout, names);
    assert.deepEqual([unforced.exitCode, await there()], [3, 1], unforced.stdout);

    const alone = await later(["recover", "--cluster", CLUSTER, "--force"]);
    assert.match(alone.stdout, names);
    assert.match(alone.stderr, /aborted: not a terminal; pass --yes to confirm/);
    assert.deepEqual([alone.exitCode, await there()], [2, 1]);

    const forced = await later(["recover", "--cluster", CLUSTER, "--force", "--yes"]);
    assert.match(forced.stdout, /^Plan:\n {2}1\. /m);
    assert.match(forced.stdout, /^done: .*from NutanixMachine demo-md-sandbox/m);
    assert.deepEqual([forced.exitCode, await there()], [0, undefined], forced.stdout);
    clearFailures(directory);
  });

  it("resets no cluster of a kubeconfig that names no stack", async () => {
    const { exitCode, stderr } = await run(["recover", "--cluster", CLUSTER, "--reset", "--yes"]);
    assert.match(stderr, /--reset: requires the stack that deploys the cluster/);
    assert.equal(exitCode, 2);
    const deployment = await client.get(`${K0RDENT}/namespaces/${NAMESPACE}/clusterdeployments/${CLUSTER}`);
    assert.ok(deployment !== undefined && deployment.metadata.deletionTimestamp === undefined);
  });

  it("is a finding of its own where nothing answers, and says what it may not see", async () => {
    const dead = join(directory, "dead-kubeconfig");
    writeFileSync(
      dead,
      readFileSync(sandbox.kubeconfig, "utf8").replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:1"),
    );
    const { exitCode, stdout } = await run(["doctor", "--json"], dead);
    assert.deepEqual([exitCode, JSON.parse(stdout).findings[0].id], [3, "management-cluster-unreachable"]);
    const guest = join(directory, "guest-kubeconfig");
    const document = parse(readFileSync(sandbox.kubeconfig, "utf8"));
    for (const one of document.users) one.user = { token: "nobody" };
    writeFileSync(guest, stringify(document));
    const blind = await run(["doctor", "--json"], guest);
    assert.deepEqual([blind.exitCode, JSON.parse(blind.stdout).findings[0]?.id], [4, "cannot-read"]);
  });
});
