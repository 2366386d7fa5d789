import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { nodesText } from "../../../cli/stack/cluster-nodes.ts";
import { changed, condition, healthy } from "../../unit/operations/snapshots.ts";
import { kubeconfigTo, type StandInApi, startStandIn } from "./stand-in-api.ts";

const MAIN = join(import.meta.dirname, "../../../cli/main.ts");
const SECRET = "/api/v1/namespaces/kcm-system/secrets/edge-kubeconfig";
const certificate = readFileSync(join(import.meta.dirname, "../../certificates/server.pem")).toString("base64");
const KUBECONFIG = kubeconfigTo("https://10.1.1.201:6443", { "client-certificate-data": certificate }, {});

describe("npm run kubeconfig", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-kubeconfig-"));
  const open: StandInApi[] = [];
  const run = async (others: Record<string, [number, unknown]>, words: string[], objects = healthy("v1beta1")) => {
    const api = await startStandIn({ objects, others });
    open.push(api);
    const given = ["kubeconfig", "--kubeconfig", api.kubeconfig, ...words];
    return execa(process.execPath, [MAIN, ...given], { reject: false });
  };
  const there = {
    [SECRET]: [200, { data: { value: Buffer.from(KUBECONFIG).toString("base64") } }] as [number, unknown],
  };

  after(async () => {
    await Promise.all(open.map((api) => api.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  it("prints the kubeconfig alone on stdout, and until when it works on stderr", async () => {
    const { stdout, stderr, exitCode } = await run(there, ["edge"]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(parse(stdout)["current-context"], "edge.mine");
    assert.match(
      stderr,
      /^edge\.mine {2}https:\/\/10\.1\.1\.201:6443 {2}client certificate expires \d{4}-\d\d-\d\d \(in .+\)$/,
    );
  });

  it("writes a file that only its owner can read, whole, and leaves nothing beside it", async () => {
    const file = join(folder, "config");
    writeFileSync(file, kubeconfigTo("https://mine"));
    chmodSync(file, 0o644);
    const { exitCode, stdout, stderr } = await run(there, ["--out", file]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout, "");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ["config"]);
    assert.deepEqual(
      parse(readFileSync(file, "utf8")).contexts.map(({ name }: { name: string }) => name),
      ["k", "edge.mine"],
    );
    assert.match(stderr, /\n1 context in \S+config$/);
  });

  it("rejects what does not exist yet, with what blocks the cluster, and ends with 3", async () => {
    const early = changed(healthy("v1beta1"), "NutanixCluster/edge", {
      status: {
        ready: false,
        conditions: [condition("PrismClientInit", "False", { message: "x509: unknown authority", severity: "Error" })],
      },
    });
    const { exitCode, stdout, stderr } = await run({ [SECRET]: [404, {}] }, ["edge"], early);
    assert.equal(exitCode, 3);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^edge: no kubeconfig yet, blocked by NutanixCluster edge: PrismClientInit \(Failed\) for .+: x509: unknown authority$/,
    );
  });

  it("says that it may not read the Secret, or that the Secret holds no kubeconfig, and shows nothing of it", async () => {
    const refused = await run({ [SECRET]: [403, { message: 'secrets "edge-kubeconfig" is forbidden' }] }, ["edge"]);
    assert.equal(refused.stderr, 'edge: kubeconfig not readable: secrets "edge-kubeconfig" is forbidden');
    const odd = Buffer.from("hunter2: {").toString("base64");
    const none = await run({ [SECRET]: [200, { data: { value: odd } }] }, ["edge"]);
    assert.equal(
      none.stderr,
      "edge: kubeconfig not readable: Secret kcm-system/edge-kubeconfig has no valid kubeconfig in its key value; find out what writes it",
    );
    assert.deepEqual([refused.exitCode, none.exitCode], [3, 3]);
  });

  it("runs nothing, reads nothing and writes nothing that a kubeconfig out of the cluster names", async () => {
    const marker = join(folder, "executed");
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "touch", args: [marker] };
    const attack = kubeconfigTo("https://127.0.0.1:1", { exec, tokenFile: "/etc/hostname" }, {});
    const answer = { [SECRET]: [200, { data: { value: Buffer.from(attack).toString("base64") } }] } as typeof there;
    for (const words of [["--check"], ["--out", join(folder, "attacked")], ["edge"]]) {
      const { exitCode, stdout, stderr } = await run(answer, words);
      assert.equal(exitCode, 3);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /^edge: kubeconfig not readable: Secret \S+ has user\.exec, user\.tokenFile, which may not come/,
      );
    }
    assert.deepEqual(readdirSync(folder), ["config"]);
  });

  it("checks: prints the nodes of a cluster that answers, and why one does not", async () => {
    const nodes = [
      {
        metadata: { name: "edge-md-1" },
        status: {
          nodeInfo: { kubeletVersion: "v1.32.6+k0s" },
          conditions: [condition("MemoryPressure", "False"), condition("Ready", "True")],
        },
      },
      {
        metadata: { name: "edge-md-2" },
        status: {
          conditions: [
            condition("Ready", "Unknown", {
              reason: "NodeStatusUnknown",
              message: "Kubelet stopped posting node status.",
            }),
          ],
        },
      },
    ];
    const api = await startStandIn({ others: { "/api/v1/nodes": [200, { items: nodes }] } });
    open.push(api);
    const login = { server: api.address, cluster: { server: api.address }, user: {} };
    assert.deepEqual(await nodesText(login, "2026-11-24T12:00:00Z"), {
      isReachable: true,
      text:
        "  edge-md-1  Current  v1.32.6+k0s\n" +
        "  edge-md-2  InProgress, Ready (NodeStatusUnknown) for 3m: Kubelet stopped posting node status.",
    });
    await api.off();
    const dead = await nodesText(login, "2026-11-24T12:00:00Z");
    assert.equal(dead.isReachable, false);
    assert.match(dead.text, /^ {2}the API server at http:\S+ does not answer \(/);
  });
});
