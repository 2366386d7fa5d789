import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pulumi from "@pulumi/pulumi";
import { type Engine, openEngine } from "../../../cli/engine/engine.ts";
import { clusterIdentity } from "../../../components/internal/cluster-identity.ts";
import { isKnown } from "../../../components/internal/known.ts";
import { runPreflight } from "../../../components/internal/run-preflight.ts";
import { ManagementConnection } from "../../../components/management-connection.ts";
import type { StoredCredentials } from "../../../config/credentials.ts";
import { requireTools } from "../../support/skip.ts";
import { startApiServer } from "../../unit/preflight/management/api-server-stand-in.ts";
import { live } from "../../unit/preflight/management/management-scenario.ts";
import { prismCentralStack } from "../../unit/preflight/prism-central-scenario.ts";

const ID = "management-cluster-is-unchanged";
const [UID, OTHER] = ["1", "9"].map((digit) => `${digit.repeat(8)}-2222-3333-4444-555555555555`) as [string, string];

describe("the preflight of a run of the engine", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-asked-"));
  let engine: Engine;
  let uid = UID;

  /** Asks with a kubeconfig that leads to a cluster of that UID, then does what the program does first. */
  async function program(): Promise<void> {
    const api = await startApiServer({
      objects: [live("v1 Namespace kube-system", { metadata: { name: "kube-system", uid } })],
      kinds: ["v1 ConfigMap"],
    });
    const access = { kubeconfig: api.kubeconfig, context: undefined };
    const stack = prismCentralStack((stack) => {
      stack.environment = "production";
      stack.preflight = { mode: "warn", deadline: 5 };
      stack.prismCentral.address = "127.0.0.1";
      stack.prismCentral.port = 1;
      stack.clusters = {};
      stack.management.kcm = { chart: "charts/nutanix-capx" };
    });
    const logins = pulumi.secret<StoredCredentials>({
      global: { username: "svc", password: "canary-1" },
    }) as pulumi.Output<StoredCredentials>;
    try {
      await runPreflight({ ...stack, access, bundles: {}, logins });
      if (uid === UID) await isKnown(clusterIdentity("platform", new ManagementConnection(access), {}).uid);
    } finally {
      await api.close();
    }
  }

  before(async function () {
    const tools = await requireTools(this, ["pulumi"]);
    writeFileSync(join(folder, "Pulumi.yaml"), "name: asked\nruntime: nodejs\n");
    engine = await openEngine({
      ...{ stack: "one", tools, workDir: folder, local: join(folder, "local"), program },
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What is warned about the cluster; in production what is not known is a warning too. */
  const about = (warnings: readonly string[]) => warnings.filter((line) => line.includes(ID));

  it("knows the stack's cluster by the state that the engine reads, in preview and up, and another one too", async () => {
    for (const run of [engine.preview, engine.up, engine.preview, engine.up]) {
      const { warnings } = await run();
      assert.ok(warnings.some((line) => line.includes("prism-central-port-answers: fail")));
      assert.deepEqual(about(warnings), []);
    }
    uid = OTHER;
    const wrong = [
      `preflight: ${ID}: fail: kube-system has UID ${OTHER}, and this stack was applied to ${UID}; set the kubeconfig and context of that cluster, or use another stack for this one`,
    ];
    assert.deepEqual(about((await engine.preview()).warnings), wrong);
    assert.deepEqual(about((await engine.up()).warnings), wrong);
  });
});
