import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { removeTornAttributes } from "../../../cli/engine/attributes.ts";
import { readState, removeDeadLocks, stacksOf } from "../../../cli/engine/recover-state.ts";

describe("what a killed run leaves in the state folder", () => {
  let state: string;
  let folder: string;
  const place = () => ({ state, project: "demo", stack: "dev" });
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
  const running = (program: string) => {
    const child = spawn(program, ["60"]);
    children.push(child);
    return child.pid ?? 0;
  };

  it("is nothing where no run ever was", async () => {
    rmSync(join(state, ".pulumi"), { recursive: true });
    assert.deepEqual(await removeDeadLocks(place()), []);
    assert.deepEqual(await readState(place()), {});
    assert.deepEqual(await stacksOf(place()), []);
  });

  it("is a lock of a dead process, which goes", async () => {
    const file = lock(999_999_999);
    assert.deepEqual(await removeDeadLocks(place()), [
      "lock of the stack dev: held by process 999999999, which is dead; removed",
    ]);
    assert.ok(!existsSync(file) && !existsSync(`${file}.attrs`));
  });

  it("is a lock whose process id another program has now, which goes", async () => {
    lock(running("sleep"));
    assert.equal((await removeDeadLocks(place())).length, 1);
  });

  it("is a lock that was cut off, which goes", async () => {
    writeFileSync(join(folder, "torn.json"), '{"pid":');
    assert.equal((await removeDeadLocks(place())).length, 1);
  });

  it("is not a lock of a Pulumi that runs, which is respected", async () => {
    const program = join(state, "pulumi");
    symlinkSync("/bin/sleep", program);
    const pid = running(program);
    const file = lock(pid);
    await assert.rejects(removeDeadLocks(place()), {
      message: `another run (process ${pid}) is at work on the stack dev; wait until it is done, or end it`,
    });
    assert.ok(existsSync(file));
  });

  it("is not a lock of another machine, which is respected", async () => {
    const file = lock(1, "elsewhere");
    await assert.rejects(removeDeadLocks(place()), {
      message: `the stack dev is locked by a run on the machine elsewhere; end it there, or delete ${file} if it is over`,
    });
  });

  it("is a file of attributes that was cut off, which goes, while a whole one stays", async () => {
    const stacks = join(state, ".pulumi/stacks/demo");
    mkdirSync(stacks, { recursive: true });
    for (const [name, text] of Object.entries({ "dev.json": "", "dev.json.bak": '{"md5":"AA=="}', "other.json": "" })) {
      writeFileSync(join(stacks, `${name}.attrs`), text);
    }
    assert.deepEqual(await removeTornAttributes(place()), [
      "state of the stack dev: dev.json.attrs was cut off; removed, since the state is whole without it",
    ]);
    assert.deepEqual(readdirSync(stacks), ["dev.json.bak.attrs", "other.json.attrs"]);
  });

  it("is a state that is read without the engine", async () => {
    mkdirSync(join(state, ".pulumi/stacks/demo"), { recursive: true });
    const latest = { resources: [{ urn: "u", type: "t" }] };
    writeFileSync(join(state, ".pulumi/stacks/demo/dev.json"), JSON.stringify({ checkpoint: { latest } }));
    assert.deepEqual(await readState(place()), latest);
    assert.deepEqual(await stacksOf(place()), ["dev"]);
  });
});
