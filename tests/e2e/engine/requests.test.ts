import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { useHarness } from "./harness.ts";

/** An event of an audit log, as far as it is read. */
interface AuditEvent {
  readonly verb: string;
  readonly userAgent?: string;
  readonly requestURI: string;
  readonly objectRef?: { readonly resource: string; readonly name?: string; readonly apiGroup?: string };
}

/** Who else writes to a sandbox: Kubernetes, kwok, and the simulated controllers. */
const OTHERS = /^(kube-|kwok|k0rdent-nutanix-sandbox)/;
/** Questions that are asked by a POST. */
const REVIEW = /reviews$/;

describe("what a stack writes to the API server", () => {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-audit-"));
  const auditPolicy = join(folder, "policy.yaml");
  writeFileSync(
    auditPolicy,
    JSON.stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      rules: [{ level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] }],
    }),
  );
  const harness = useHarness("requests", { auditPolicy });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const log = () => readFileSync(join(harness.sandbox.directory, "kwok/clusters/sandbox/logs/audit.log"), "utf8");
  /** Writes of the program, the engine's plugin and Helm while something runs, as `patch clusterdeployments demo`. */
  async function writes(run: () => Promise<unknown>): Promise<string[]> {
    const before = log().length;
    await run();
    return log()
      .slice(before)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ userAgent = "", objectRef }) => !OTHERS.test(userAgent) && !REVIEW.test(objectRef?.resource ?? ""))
      .filter(({ requestURI }) => !/[?&]dryRun=All/.test(requestURI))
      .map(({ verb, objectRef, userAgent }) => `${verb} ${objectRef?.resource} ${objectRef?.name} by ${userAgent}`);
  }

  const policyPacks = [join(PROJECT, "policy")];

  it("is what it consists of, in its first run", async () => {
    const first = await writes(() => harness.engine.up({ policyPacks }));
    for (const kind of ["secrets", "configmaps", "managements", "credentials", "clusterdeployments"])
      assert.ok(
        first.some((write) => write.includes(` ${kind} `)),
        `${kind}: ${first.join("\n")}`,
      );
  });

  it("is nothing where nothing has changed: neither in an up, nor in a preview, nor in a refresh", async () => {
    for (const run of ["up", "preview", "refresh"] as const)
      assert.deepEqual(await writes(() => harness.engine[run]()), [], run);
  });

  it("is the one object that has changed", async () => {
    harness.changeSettings("dev", ({ clusters }) => {
      clusters.demo.workersNumber += 1;
    });
    const changed = await writes(() => harness.engine.up({ policyPacks }));
    // Its fields of the creation become those of an apply first: two requests.
    assert.deepEqual(
      [...new Set(changed.map((write) => write.replace(/ by .*/, "")))],
      ["patch clusterdeployments demo"],
    );
  });
});
