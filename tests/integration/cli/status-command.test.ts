import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { explain, isExplained } from "../../../cli/output/failure.ts";
import { openTarget, readTarget } from "../../../cli/stack/target.ts";
import { healthy } from "../../unit/operations/snapshots.ts";
import { type Answers, type StandInApi, startStandIn } from "./stand-in-api.ts";
import { many, refused } from "./status-fixture.ts";

const MAIN = join(import.meta.dirname, "../../../cli/main.ts");

describe("npm run status", function () {
  this.timeout(60_000);
  const open: StandInApi[] = [];
  const standIn = async (answers: Answers) => {
    const api = await startStandIn(answers);
    open.push(api);
    return api;
  };
  const status = (kubeconfig: string, ...words: string[]) =>
    execa(process.execPath, [MAIN, "status", "--kubeconfig", kubeconfig, ...words], {
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

  it("shows 500 clusters with one list request for each kind", async () => {
    const objects = refused(many(500), "c1123");
    const { kubeconfig, asked } = await standIn({ objects });
    const { stdout, exitCode } = await status(kubeconfig);
    assert.equal(exitCode, 3);
    assert.equal(stdout.split("\n").at(-1), "500 clusters: 499 Current, 1 Degraded");
    assert.match(stdout, /^! c1123 {2}Degraded/m);
    // A list each, for the kinds of core and control planes a second one in their older version, and the texts to mask.
    assert.equal(asked.length, 28);
    assert.equal(new Set(asked).size, asked.length);
    assert.ok(objects.length > 9_000, `${objects.length} objects`);
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

  it("rejects a kubeconfig that is not there, one that is none, and a context that is not in it", async () => {
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
