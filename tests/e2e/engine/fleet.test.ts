import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { type FleetOptions, runFleet, type StackRun } from "../../../cli/engine/fleet.ts";
import { fleetConflicts } from "../../../cli/stack/fleet-conflicts.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { TOOL_NAMES } from "../../../sandbox/ensure-tools.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools } from "../../support/skip.ts";

/** Previews work without a cluster: none is needed here. */
describe("a fleet of stacks", () => {
  const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-fleet-"));
  const file = join(folder, "result.json");
  let options: FleetOptions;

  function writeStack(name: string, host: string, change: (config: Record<string, any>) => void = () => undefined) {
    const settings = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8"));
    const { config } = settings;
    config["k0rdent-nutanix:management"] = { kubeconfig: "nowhere", adopt: true, kcm: { version: "1.2.0" } };
    config["k0rdent-nutanix:capx"] = { managedExternally: true };
    const { demo } = config["k0rdent-nutanix:clusters"];
    demo.nutanix.controlPlaneEndpoint.host = host;
    config["k0rdent-nutanix:clusters"] = { [`${name}-demo`]: demo };
    delete config["k0rdent-nutanix:credentials"].edge;
    change(settings);
    writeFileSync(join(folder, `Pulumi.${name}.yaml`), stringify(settings));
  }

  before(async function () {
    const tools = await requireTools(this, TOOL_NAMES);
    const project = readFileSync(join(PROJECT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, "");
    writeFileSync(join(folder, "Pulumi.yaml"), project);
    const signal = new AbortController().signal;
    options = {
      ...{ verb: "preview", workDir: folder, local: join(folder, "local"), file, tools, signal },
      ...{ stacks: [], rejected: {}, concurrency: 2, isResumed: false, onChange: () => undefined },
    };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (names: readonly string[], more: Partial<FleetOptions> = {}) => {
    const stacks = names.map((name) => ({ name, backend: "project" as const }));
    return runFleet({ ...options, stacks, ...more });
  };
  const states = (runs: readonly StackRun[]) => Object.fromEntries(runs.map(({ stack, state }) => [stack, state]));

  it("previews what can be previewed, whatever happens to the others, and is resumed", async () => {
    writeStack("one", "10.1.1.1");
    writeStack("killed", "10.1.1.2");
    writeStack("locked", "10.1.1.3", (settings) => {
      settings["encryptionsalt"] = "v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    });
    const worker = 'fleet-worker.ts .*"stack":"killed"';
    const isKilled = async () => (await execa("pkill", ["-9", "-f", worker], { reject: false })).exitCode === 0;
    const kill = (_: unknown, { stack, state }: StackRun) => {
      if (stack === "killed" && state === "running") void eventually("its process", isKilled);
    };
    const first = await run(["killed", "locked", "one"], { onChange: kill });
    assert.deepEqual(states(first), { killed: "failed", locked: "failed", one: "succeeded" }, JSON.stringify(first));
    assert.match(String(first[0]?.reasons), /SIGKILL/);
    assert.match(String(first[1]?.reasons), /passphrase/);
    assert.ok((first[2]?.changes?.["create"] ?? 0) > 5);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")).runs, first);

    const started: string[] = [];
    const onChange = (_: unknown, { stack, state }: StackRun) => state === "running" && started.push(stack);
    const second = await run(["killed", "one"], { isResumed: true, onChange });
    assert.deepEqual(states(second), { killed: "succeeded", one: "succeeded" });
    assert.deepEqual([...new Set(started)], ["killed"]);
  });

  it("does not run a stack with an endpoint or a cluster of another one, nor one that cannot be read", async () => {
    writeStack("taken", "10.1.1.1");
    writeStack("named", "10.1.1.9", ({ config }) => {
      const clusters = config["k0rdent-nutanix:clusters"];
      config["k0rdent-nutanix:clusters"] = { "one-demo": clusters["named-demo"] };
    });
    writeFileSync(join(folder, "Pulumi.torn.yaml"), "config: [");
    const conflicts = await fleetConflicts(["named", "one", "taken", "torn"], folder);
    assert.deepEqual(Object.keys(conflicts).sort(), ["one", "taken", "torn"]);
    assert.match(
      String(conflicts["one"]),
      /^one:clusters\.one-demo: has the name of named:clusters\.one-demo .*\(cluster-names-are-unique\)/,
    );
    assert.match(
      String(conflicts["taken"]),
      /^taken:clusters\.taken-demo\.nutanix\..*host: "10\.1\.1\.1" .*\(endpoints-are-unique\)/,
    );
    assert.match(String(conflicts["torn"]), /Pulumi\.torn\.yaml/);
    const runs = await run(["taken", "torn"], { rejected: conflicts });
    assert.deepEqual(states(runs), { taken: "failed", torn: "failed" });
  });

  it("leaves out what a signal leaves no time for", async () => {
    const signal = AbortSignal.abort();
    assert.deepEqual(states(await run(["one", "killed"], { signal })), { one: "pending", killed: "pending" });
  });
});
