import assert from "node:assert/strict";
import type { EngineEvent } from "../../../cli/engine/events.ts";
import { EngineError, EventLog, nameOf } from "../../../cli/engine/events.ts";
import { crashReason } from "../../../cli/engine/fleet.ts";
import { changesLine, Progress } from "../../../cli/output/progress.ts";

const URN = "urn:pulumi:dev::demo::k0rdent-nutanix:index:Kcm$kubernetes:helm.sh/v3:Release::kcm";
const ROOT = "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev";

const event = (timestamp: number, content: object) => ({ sequence: 0, timestamp, ...content }) as EngineEvent;
const metadata = (op: string, urn = URN, type = "kubernetes:helm.sh/v3:Release") => ({ op, urn, type });
const said = (severity: string, message: string, urn = "") => event(0, { diagnosticEvent: { severity, message, urn } });

describe("events of the engine", () => {
  it("are gathered as errors and warnings, each once, with the resource's name and without marks of colour", () => {
    const log = new EventLog();
    for (const content of [
      said("error", "<{%reset%}>it is gone<{%reset%}>\n", URN),
      said("error", "it is gone", URN),
      said("error", "no such stack", ROOT),
      said("error", "update failed", ROOT),
      said("warning", "odd"),
      said("info", "never mind"),
    ]) {
      log.add(content);
    }
    assert.deepEqual(log.errors, ["kubernetes:helm.sh/v3:Release kcm: it is gone", "no such stack"]);
    assert.deepEqual(log.warnings, ["odd"]);
  });

  it("have no stack of an error of the program", () => {
    const log = new EventLog();
    const stack =
      "    at Kcm.run (file:///p/kcm.ts:12:3)\n    at async file:///p/index.ts:1:1\n    at new Promise (<anonymous>)";
    log.add(said("error", `Error: the chart is missing at kcm\n${stack}\nsee the docs`));
    assert.deepEqual(log.errors, ["Error: the chart is missing at kcm\nsee the docs"]);
    assert.deepEqual(EngineError.from(new Error(`odd\n${stack}`), new EventLog()).reasons, ["odd"]);
  });

  it("distinguish violations of a policy pack by their level", () => {
    const log = new EventLog();
    const violation = { policyName: "odd-count", message: "two is even", resourceUrn: URN };
    log.add(event(0, { policyEvent: { ...violation, enforcementLevel: "mandatory" } }));
    log.add(event(0, { policyEvent: { ...violation, enforcementLevel: "warning" } }));
    assert.deepEqual(log.errors, ["kubernetes:helm.sh/v3:Release kcm: odd-count: two is even"]);
    assert.deepEqual(log.warnings, log.errors);
  });

  it("bring the outputs as the engine shows them, and the counts", () => {
    const log = new EventLog();
    const root = { ...metadata("create", ROOT, "pulumi:pulumi:Stack"), new: { outputs: { kubeconfig: "[secret]" } } };
    log.add(event(0, { resOutputsEvent: { metadata: root } }));
    log.add(event(0, { summaryEvent: { resourceChanges: { create: 3 } } }));
    assert.deepEqual(log.outputs, { kubeconfig: "[secret]" });
    assert.deepEqual(log.changes, { create: 3 });
  });

  it("become an error in the program's words, or in the CLI's where there are none", () => {
    const log = new EventLog();
    const command =
      "code: -2\n stdout: \n stderr: Command failed with exit code 1: pulumi up\nerror: incorrect passphrase\n err?: Error: x";
    assert.deepEqual(EngineError.from(new Error(command), log).reasons, [
      "incorrect passphrase\nthe passphrase in PULUMI_CONFIG_PASSPHRASE is not this stack's; unset it for the stack dev, or set the stack's own",
    ]);
    log.add(said("error", "clusters.edge: is wrong", ROOT));
    assert.deepEqual(EngineError.from(new Error(command), log).reasons, ["clusters.edge: is wrong"]);
  });

  it("name a resource by its own type, not by its parents'", () => {
    assert.equal(nameOf(URN), "kubernetes:helm.sh/v3:Release kcm");
  });
});

describe("a process of a fleet that crashed", () => {
  it("is one sentence, without a stack or a secret", () => {
    const said =
      "file:///p/index.ts:3\n  throw x;\n  ^\n\nError: no login, password: s3cret-canary\n    at run (file:///p/a.ts:1:2)\n\nNode.js v24\n";
    assert.equal(crashReason(said, 1), "its process ended with 1: Error: no login, password: [redacted]");
    assert.equal(crashReason("", "SIGKILL"), "its process ended with SIGKILL");
    const memory = "<--- Last few GCs --->\n\nFATAL ERROR: Reached heap limit\n 1: 0xb7 node::Abort() [node]\n";
    assert.equal(crashReason(memory, "SIGABRT"), "its process ended with SIGABRT: FATAL ERROR: Reached heap limit");
  });
});

describe("progress", () => {
  it("says a line for each object that changed, with the seconds that it took", () => {
    const lines: string[] = [];
    const progress = new Progress({ say: (line) => lines.push(line), title: () => undefined }, "stack dev", false);
    progress.add(event(10, { resourcePreEvent: { metadata: metadata("create") } }));
    progress.add(event(14, { resOutputsEvent: { metadata: metadata("create") } }));
    progress.add(event(15, { resOutputsEvent: { metadata: metadata("same") } }));
    progress.add(event(15, { resOutputsEvent: { metadata: metadata("create", ROOT, "pulumi:pulumi:Stack") } }));
    progress.add(event(16, { resOpFailedEvent: { metadata: metadata("update") } }));
    progress.end();
    assert.deepEqual(lines, ["created Release kcm in 4 s", "failed: Release kcm"]);
  });

  it("counts changes in one line", () => {
    assert.equal(changesLine({ same: 25 }), "0 to create, 0 to update, 25 unchanged");
    assert.equal(
      changesLine({ create: 2, update: 1, delete: 3 }),
      "2 to create, 1 to update, 3 to delete, 0 unchanged",
    );
  });
});
