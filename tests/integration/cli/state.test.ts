import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { interruptedRun, readState, removeState, stacksOf } from "../../../cli/engine/state.ts";
import { recordedClusterOf } from "../../../cli/stack/recorded-cluster.ts";

describe("the state of a stack", () => {
  let state: string;
  let folder: string;
  const location = () => ({ state, project: "demo", stack: "dev" });
  const children: ChildProcess[] = [];

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-state-"));
    folder = join(state, ".pulumi/locks/organization/demo/dev");
    mkdirSync(folder, { recursive: true });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(state, { recursive: true, force: true });
  });

  const lock = (pid: number, host = hostname()) => {
    const file = join(folder, `${pid}.json`);
    writeFileSync(file, JSON.stringify({ pid, username: "me", hostname: host, timestamp: "2026-01-01T00:00:00Z" }));
    writeFileSync(`${file}.attrs`, "{}");
    return file;
  };
  const running = (program: string, ...words: readonly string[]) => {
    const child = spawn(program, words.length === 0 ? ["60"] : words);
    children.push(child);
    return child.pid ?? 0;
  };

  const write = (name: string, text: string) => {
    const file = join(state, ".pulumi/stacks/demo", name);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  };
  const latest = { resources: [{ urn: "urn:pulumi:dev::demo::a:b:C::one", type: "a:b:C" }] };

  it("is empty where no run ever was", async () => {
    rmSync(join(state, ".pulumi"), { recursive: true });
    assert.equal(await interruptedRun(location()), undefined);
    assert.deepEqual(await readState(location()), {});
    assert.deepEqual(await stacksOf(location()), []);
  });

  it("is read without the engine", async () => {
    write("dev.json", JSON.stringify({ checkpoint: { latest } }));
    assert.deepEqual(await readState(location()), latest);
    assert.deepEqual(await stacksOf(location()), ["dev"]);
    assert.equal(await interruptedRun(location()), undefined);
  });

  const states = ["null", "[]", '"s3cret"', '{"checkpoint":{"latest":{"resources":{}}}}', "s3cret"];
  for (const text of states)
    it(`has no resources where its file is ${text}, and is not quoted`, async () => {
      write("dev.json", text);
      const found = await readState(location()).then(recordedClusterOf, (error: Error) => error.message);
      assert.doesNotMatch(JSON.stringify(found), /s3cret/);
      if (text !== "s3cret") assert.deepEqual(found, { uid: undefined });
    });

  const interruptions: Record<string, [() => void, string]> = {
    "the draft of a lock": [
      () => writeFileSync(join(folder, "x.json.18ec54d6.tmp"), ""),
      "a run ended while it took its lock",
    ],
    "a lock of a dead process": [() => lock(999_999_999), "process 999999999 was killed during a run"],
    "a lock whose process id another program has": [() => lock(running("sleep")), "was killed during a run"],
    "a lock whose process id a program with Pulumi in its arguments has": [
      () => lock(running("/bin/sh", "-c", "sleep 60; : pulumi")),
      "was killed during a run",
    ],
    ...Object.fromEntries(
      ['{"pid":', "", "null", "[]", "{}", '{"pid":"1"}'].map((text) => [
        `a lock that is ${JSON.stringify(text)}`,
        [() => writeFileSync(join(folder, "torn.json"), text), "a run ended while it took its lock"],
      ]),
    ),
    "a state that was cut off": [() => write("dev.json", '{"checkpoint"'), "the state is not valid JSON"],
    "an operation that has not ended": [
      () => {
        const pending = [{ type: "creating", resource: latest.resources[0] }];
        write("dev.json", JSON.stringify({ checkpoint: { latest: { ...latest, pending_operations: pending } } }));
      },
      "a run was killed while creating one",
    ],
  };
  for (const [what, [prepare, reason]] of Object.entries(interruptions)) {
    it(`reports an interrupted run by ${what}`, async () => {
      prepare();
      assert.ok((await interruptedRun(location()))?.includes(reason));
    });
  }

  it("is left alone while a Pulumi runs", async () => {
    const program = join(state, "pulumi");
    symlinkSync("/bin/sleep", program);
    const pid = running(program);
    lock(pid);
    await assert.rejects(interruptedRun(location()), {
      message: `stack dev: locked by process ${pid}; wait until it has finished, or end it`,
    });
  });

  it("is left alone while a run on another machine has it", async () => {
    lock(1, "elsewhere");
    await assert.rejects(interruptedRun(location()), {
      message:
        "stack dev: locked by a run on the machine elsewhere; end it there; if it has ended, run npm run down -- --force",
    });
  });

  it("is removed with its locks, and no other stack's", async () => {
    lock(1);
    for (const name of ["dev.json", "dev.json.attrs", "dev.json.bak", "other.json"]) write(name, "{}");
    await removeState(location());
    assert.deepEqual(readdirSync(join(state, ".pulumi/stacks/demo")), ["other.json"]);
    assert.deepEqual(readdirSync(join(folder, "..")), []);
  });
});
