import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { explain, isExplained } from "../../../cli/output/failure.ts";
import { type StatusView, statusJson, statusText } from "../../../cli/output/status-view.ts";
import { openTarget, readTarget } from "../../../cli/stack/target.ts";
import type { KubernetesEvent, KubernetesObject } from "../../../kubernetes/object.ts";
import { clusterTrees } from "../../../operations/resource-tree.ts";
import type { Gap } from "../../../operations/snapshot.ts";
import { changed, condition, healthy, object, snapshotOf } from "../../unit/operations/snapshots.ts";
import { type Answers, type StandInApi, startStandIn } from "./stand-in-api.ts";

const MAIN = join(import.meta.dirname, "../../../cli/main.ts");

function viewOf(objects: readonly KubernetesObject[], more: { gaps?: Gap[]; absent?: string[] } = {}): StatusView {
  const snapshot = snapshotOf(objects, more.gaps);
  return { snapshot, chains: clusterTrees(snapshot), absent: more.absent ?? [], stack: "k0rdent-nutanix.mine" };
}

/** The objects of `healthy` again and again, with `edge` called otherwise in all names and references. */
function many(count: number): KubernetesObject[] {
  const text = JSON.stringify(
    healthy("v1beta1").filter(({ kind }) => !/^(Management|\w+Template|InfrastructureProvider)$/.test(kind)),
  );
  const shared = healthy("v1beta1").filter(({ kind }) =>
    /^(Management|\w+Template|InfrastructureProvider)$/.test(kind),
  );
  const copies = Array.from({ length: count }, (_, index) => JSON.parse(text.replaceAll("edge", `c${1000 + index}`)));
  return [...shared, ...copies.flat()];
}

const refused = (objects: readonly KubernetesObject[], name: string) =>
  changed(objects, `Credential/${name}-nutanix`, {
    status: { conditions: [condition("CredentialReady", "False", { message: "ClusterIdentity object not found" })] },
  });

describe("the status", () => {
  it("is a tree for each cluster, with ages, and without colours where there is no terminal", () => {
    assert.deepEqual(statusText(viewOf(healthy("v1beta1")), "auto").split("\n"), [
      "Clusters of stack k0rdent-nutanix.mine, https://10.0.0.1:6443",
      "",
      "✔ edge  Current  nutanix-k0s-standalone-1-0-0, 2h",
      "  ✔ ClusterDeployment edge  nutanix-k0s-standalone-1-0-0, 2h",
      "  ├─ ✔ Credential edge-nutanix  2h",
      "  │  └─ ✔ Secret edge-nutanix-identity  2h",
      "  ├─ ✔ ClusterTemplate nutanix-k0s-standalone-1-0-0  1.0.0, 2h",
      "  ├─ ✔ HelmRelease edge  1.0.0+abc, 2h",
      "  │  └─ ✔ HelmChart edge  1.0.0, 2h",
      "  └─ ✔ Cluster edge  provisioned, 2h",
      "     ├─ ✔ NutanixCluster edge  10.1.1.201:6443, 2h",
      "     │  └─ ✔ Secret edge-capx-credentials  2h",
      "     ├─ ✔ K0sControlPlane edge-standalone-cp  1/1 machines, v1.32.6+k0s.0, 2h",
      "     │  └─ ✔ Machine edge-standalone-cp-0  running, v1.32.6, 2h",
      "     │     ├─ ✔ NutanixMachine edge-standalone-cp-0  10.1.1.31, VM 7d2f0c3e-0000-4000-8000-000000000001, 2h",
      "     │     └─ ✔ Node edge-standalone-cp-0-node  v1.32.6+k0s",
      "     ├─ ✔ MachineDeployment edge-md  2/2 machines, 2h",
      "     │  └─ ✔ MachineSet edge-md-x1  2/2 machines, 2h",
      "     │     ├─ ✔ Machine edge-md-x1-a  running, v1.32.6, 2h",
      "     │     │  ├─ ✔ NutanixMachine edge-md-x1-a  10.1.1.31, VM 7d2f0c3e-0000-4000-8000-000000000001, 2h",
      "     │     │  └─ ✔ Node edge-md-x1-a-node  v1.32.6+k0s",
      "     │     └─ ✔ Machine edge-md-x1-b  running, v1.32.6, 2h",
      "     │        ├─ ✔ NutanixMachine edge-md-x1-b  10.1.1.31, VM 7d2f0c3e-0000-4000-8000-000000000001, 2h",
      "     │        └─ ✔ Node edge-md-x1-b-node  v1.32.6+k0s",
      "     ├─ ✔ MachineHealthCheck edge-md  2/2 healthy, 2h",
      "     └─ ✔ Secret edge-kubeconfig  2h",
      "",
      "✔ Management kcm  kcm-1-2-0, 2h",
      "",
      "1 cluster: 1 Current",
    ]);
  });

  it("shows of many clusters one line each, and of those that are not ready the branch to the cause", () => {
    const lines = statusText(viewOf(refused(many(12), "c1003")), "auto").split("\n");
    assert.equal(lines.filter((line) => line.startsWith("✔ c")).length, 11);
    const from = lines.findIndex((line) => line.startsWith("! c1003"));
    const why = "CredentialReady (Failed) for 3m: ClusterIdentity object not found";
    assert.deepEqual(lines.slice(from, from + 3), [
      `! c1003  Degraded  nutanix-k0s-standalone-1-0-0, 2h  Credential c1003-nutanix: ${why}`,
      "  ✔ ClusterDeployment c1003  nutanix-k0s-standalone-1-0-0, 2h",
      `  └─ ✖ Credential c1003-nutanix  2h  Failed, ${why}`,
    ]);
    assert.equal(lines.at(-1), "12 clusters: 11 Current, 1 Degraded");
  });

  it("names what is not shown, and what is not deployed", () => {
    const gaps: Gap[] = [
      { kind: "Machine", why: "forbidden", message: "no" },
      { kind: "Secret", why: "forbidden", message: "no" },
      { kind: "HelmRelease", why: "not served", message: "no" },
    ];
    const text = statusText(viewOf(healthy("v1beta1"), { gaps, absent: ["demo"] }), "brief");
    assert.match(text, /^not shown, forbidden: Machine, Secret$/m);
    assert.match(text, /^\? demo {2}not deployed$/m);
    assert.ok(!text.includes("HelmRelease"));
    assert.match(text, /^2 clusters: 1 Current, 1 not deployed$/m);
  });

  it("is the same as JSON, with the object that is to blame", () => {
    const json = statusJson(viewOf(refused(healthy("v1beta2"), "edge"))) as any;
    assert.deepEqual(
      json.clusters.map(({ name, state, blockedBy }: any) => ({ name, state, blockedBy })),
      [
        {
          name: "edge",
          state: "Degraded",
          blockedBy: {
            kind: "Credential",
            name: "edge-nutanix",
            state: "Failed",
            type: "CredentialReady",
            reason: "Failed",
            message: "ClusterIdentity object not found",
            since: "2026-11-24T11:57:00Z",
            for: "3m",
            lastWarning: null,
          },
        },
      ],
    );
    assert.equal(json.clusters[0].root.children[0].kind, "Credential");
    assert.equal(json.platform.state, "Current");
  });
});

describe("the last warning", () => {
  const event = (name: string, more: object): KubernetesEvent =>
    ({
      ...object("Event", `${name}.1`),
      involvedObject: { kind: "Credential", name },
      type: "Warning",
      reason: "Refused",
      ...more,
    }) as KubernetesEvent;
  const warned = (...events: KubernetesEvent[]): StatusView => {
    const view = viewOf(refused(healthy("v1beta1"), "edge"));
    return { ...view, snapshot: { ...view.snapshot, events } };
  };

  it("about the object that holds a cluster up stands below its line, and in the JSON: the latest, not another's", () => {
    const view = warned(
      event("edge-nutanix", { message: "an older one", lastTimestamp: "2026-11-24T11:50:00Z" }),
      event("edge-nutanix", { message: "no\n  such Secret", eventTime: "2026-11-24T11:58:00.000000Z", count: 4 }),
      event("demo-nutanix", { message: "another's", lastTimestamp: "2026-11-24T11:59:00Z" }),
    );
    const line = "  last warning, 2m ago, seen 4 times: Refused: no such Secret";
    const lines = statusText(view, "auto").split("\n");
    assert.equal(lines[lines.findIndex((one) => one.startsWith("! edge")) + 1], line);
    assert.ok(!statusText(view, "brief").includes("last warning"));
    const { lastWarning } = (statusJson(view) as any).clusters[0].blockedBy;
    assert.deepEqual(lastWarning, {
      reason: "Refused",
      message: "no such Secret",
      count: 4,
      last: "2026-11-24T11:58:00.000000Z",
    });
  });
});

describe("npm run status", function () {
  this.timeout(60_000);
  const open: StandInApi[] = [];
  const standIn = async (answers: Answers) => {
    const api = await startStandIn(answers);
    open.push(api);
    return api;
  };
  /** Tells at the end how long it computed, in microseconds: what it waited for a busy machine is not its own. */
  const CLOCK = `data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write("\\ncomputed "+(user+system))})`;
  const status = (kubeconfig: string, ...words: string[]) =>
    execa(process.execPath, ["--import", CLOCK, MAIN, "status", "--kubeconfig", kubeconfig, ...words], {
      reject: false,
    });
  const place = (kubeconfig: string) => openTarget({ kubeconfig });
  const told = (message: RegExp, exitCode: number) => (error: unknown) => {
    assert.ok(isExplained(error));
    assert.match(error.message, message);
    assert.equal(explain(error).exitCode, exitCode);
    return true;
  };

  after(() => Promise.all(open.map((api) => api.close())));

  it("shows 500 clusters in less than three seconds, asking once for each kind", async () => {
    const objects = refused(many(500), "c1123");
    const { kubeconfig, asked } = await standIn({ objects });
    const { stdout, stderr, exitCode } = await status(kubeconfig);
    assert.equal(exitCode, 3);
    assert.equal(stdout.split("\n").at(-1), "500 clusters: 499 Current, 1 Degraded");
    assert.match(stdout, /^! c1123 {2}Degraded/m);
    // A list each, for the kinds of core and control planes a second one in their older version, and the texts to mask.
    assert.equal(asked.length, 28);
    assert.equal(new Set(asked).size, asked.length);
    assert.ok(objects.length > 9_000, `${objects.length} objects`);
    const seconds = Number(/computed (\d+)$/.exec(stderr)?.[1]) / 1e6;
    assert.ok(seconds > 0 && seconds < 3, `${seconds} s`);
  });

  it("ends a long answer, whatever reads it", async () => {
    const { kubeconfig } = await standIn({ objects: many(500) });
    const { stdout } = await status(kubeconfig, "--tree");
    assert.ok(stdout.length > 500_000, `${stdout.length} letters`);
    assert.equal(stdout.split("\n").at(-1), "500 clusters: 500 Current");
  });

  it("ends with 0 where all is ready", async () => {
    const { kubeconfig } = await standIn({ objects: healthy("v1beta1") });
    const { exitCode, stdout } = await status(kubeconfig, "edge", "--brief");
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /^Clusters of every stack, http:/);
  });

  it("says what a kubeconfig that may do nothing would have to be allowed, and ends with 1", async () => {
    const { kubeconfig, address } = await standIn({ isForbidden: true });
    const { exitCode, stderr } = await status(kubeconfig);
    assert.equal(exitCode, 1);
    assert.equal(
      stderr.split("\n")[0],
      `${address}: does not list ClusterDeployments in kcm-system (user "nobody" cannot list /apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clusterdeployments); ` +
        "use a kubeconfig whose user may get and list them",
    );
  });

  it("keeps no text of a Secret, even of a server that sends it", async () => {
    const secret = { ...healthy("v1beta1").find(({ kind }) => kind === "Secret")!, data: { value: "c2VjcmV0" } };
    const { kubeconfig } = await standIn({ objects: [secret] });
    const snapshot = await readTarget(await place(kubeconfig));
    assert.equal(snapshot.objects.Secret.length, 1);
    assert.ok(!JSON.stringify(snapshot).includes("c2VjcmV0"));
  });

  it("says that a management cluster without kcm has no clusters, and that one which is off does not answer", async () => {
    const path = "/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clusterdeployments";
    const { kubeconfig, off } = await standIn({ others: { [path]: [404, { message: "not found" }] } });
    await assert.rejects(
      readTarget(await place(kubeconfig)),
      told(/has no ClusterDeployments because kcm is not installed there; deploy the stack first/, 1),
    );
    await off();
    await assert.rejects(
      readTarget(await place(kubeconfig)),
      told(/^the API server at http:\S+ does not answer \(.*ECONNREFUSED.*\)$/, 1),
    );
  });

  it("refuses a kubeconfig that is not there, one that is none, and a context that is not in it", async () => {
    const { kubeconfig } = await standIn({});
    await assert.rejects(
      place("nonsense.yaml"),
      told(/nonsense\.yaml" cannot be read \(ENOENT\); set an existing file/, 2),
    );
    await assert.rejects(place(import.meta.filename), told(/^kubeconfig: is not valid YAML/, 2));
    await assert.rejects(
      openTarget({ kubeconfig, context: "nonsense" }),
      told(/^kubeconfig: has no context "nonsense"; set one of the contexts k$/, 2),
    );
  });

  it("watches: prints again only when something has changed, and ends with 130 when it is interrupted", async () => {
    const api = await standIn({ objects: healthy("v1beta1") });
    const run = status(api.kubeconfig, "--watch", "--interval", "0.2", "--brief");
    for (let tries = 0; api.asked.length < 60 && tries < 600; tries += 1) await sleep(50);
    run.kill("SIGINT");
    const { exitCode, stdout } = await run;
    assert.equal(exitCode, 130);
    assert.equal(stdout.match(/1 cluster: 1 Current/g)?.length, 1, stdout);
    assert.ok(!stdout.includes("\u001b"));
  });
});
