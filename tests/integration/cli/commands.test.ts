import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { explain, Failure } from "../../../cli/output/failure.ts";

const PROJECT = join(import.meta.dirname, "../../..");

const run = (folder: string, words: readonly string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [join(folder, "cli/main.ts"), ...words], { cwd: folder, env, all: true, reject: false });

describe("commands", function () {
  this.timeout(60_000);

  const COMMANDS = [
    "start",
    "down",
    "preflight",
    "status",
    "kubeconfig",
    "doctor",
    "recover",
    "orphans",
    "graph",
    "report",
    "render",
    "review",
    "fleet",
    "sandbox",
    "tools",
    "charts",
    "generate",
  ];
  for (const command of [...COMMANDS, "completion"]) {
    it(`${command} has a help with an example and its exit codes`, async () => {
      const { exitCode, stdout } = await run(PROJECT, [command, "--help"]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /Examples?:\n +\$ (npm|npx|source) /);
      assert.match(stdout, /\nExit codes: 0 /);
      assert.ok(!stdout.includes("\u001b"));
    });
  }

  it("are all named by the help, and are npm scripts too", async () => {
    const { stdout } = await run(PROJECT, ["--help"]);
    const named = [...stdout.matchAll(/^ {2}([a-z]+) .*\S$/gm)].map((match) => match[1]);
    assert.deepEqual(named, [...COMMANDS, "completion", "help"]);
    const { scripts, bin } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));
    for (const command of COMMANDS) assert.equal(scripts[command], `node cli/bootstrap.mjs ${command}`);
    assert.deepEqual(bin, { "k0rdent-nutanix": "cli/bootstrap.mjs" });
    assert.ok(statSync(join(PROJECT, "cli/bootstrap.mjs")).mode & 0o100, "npx runs it as it is");
  });

  it("are completed by the shell: commands, options, and what an option takes", async () => {
    const completed = async (...words: string[]) => {
      const { stdout } = await run(PROJECT, ["complete", "--", ...words]);
      return stdout.split("\n").map((line) => line.split("\t")[0]);
    };
    assert.deepEqual((await completed("sta")).slice(0, -1), ["start", "status"]);
    assert.deepEqual((await completed("status", "--w")).slice(0, -1), ["--watch"]);
    assert.deepEqual((await completed("graph", "--format", "")).slice(0, -1), ["svg", "mermaid"]);
    const { stdout } = await run(PROJECT, ["completion", "bash"]);
    assert.match(stdout, /complete -o default -F \w+ k0rdent-nutanix/);
    assert.ok(stdout.includes(join(PROJECT, "cli", "main.ts")));
  });

  it("are completed without evaluating what was typed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-completion-"));
    try {
      for (const shell of ["bash", "zsh", "fish"])
        assert.doesNotMatch((await run(PROJECT, ["completion", shell])).stdout, /\beval\b/, shell);
      const { stdout: script } = await run(PROJECT, ["completion", "bash"]);
      const marker = join(folder, "evaluated");
      const complete = (...words: readonly string[]) => {
        const body = `COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _k0rdent_nutanix; printf '%s\\n' "\${COMPREPLY[@]}"`;
        return execa("bash", ["-c", `${script}\n${body}`, "bash", "k0rdent-nutanix", ...words], { reject: false });
      };
      assert.equal((await complete("status", "--w")).stdout, "--watch");
      for (const word of [`$(touch ${marker})`, `\`touch ${marker}\``, `'; touch ${marker}; '`, `x|touch ${marker}`])
        await complete("status", word, "");
      assert.ok(!existsSync(marker));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("end with 2 when they are used wrongly", async () => {
    for (const words of [
      ["nonsense"],
      ["constructor"],
      ["__proto__"],
      ["completion", "powershell"],
      ["render", "--nonsense"],
      ["sandbox", "nonsense"],
      ["start", "--stack", "nonsense"],
      ["sandbox", "inject", "nonsense"],
      ["sandbox", "inject"],
    ]) {
      const { exitCode, all } = await run(PROJECT, words);
      assert.equal(exitCode, 2, all);
      assert.doesNotMatch(all, /\n {4}at /);
    }
  });
});

describe("errors", () => {
  it("are sentences with an exit code, where they were foreseen", () => {
    assert.deepEqual(explain(new Failure("no", 2)), { message: "no", exitCode: 2 });
    assert.deepEqual(explain(Object.assign(new Error("bad"), { __pulumiRunError: true })), {
      message: "bad",
      exitCode: 2,
    });
    assert.equal(explain(Object.assign(new Error("bad"), { name: "SandboxError" })).message, "bad");
    assert.equal(explain(Object.assign(new Error("x"), { name: "AbortError" })).exitCode, 130);
  });

  it("of the machine say what to do", () => {
    const of = (code: string) => explain(Object.assign(new Error("x"), { code, path: "/p" })).message;
    assert.equal(of("ENOSPC"), "the disk is full; free some space and run the command again");
    assert.equal(
      of("EACCES"),
      "/p is not accessible (EACCES); make it readable and writable for you and run the command again",
    );
    assert.match(of("EADDRINUSE"), /^another program uses a port/);
    for (const code of ["EEXIST", "ENAMETOOLONG", "ENXIO", "ENOTEMPTY"])
      assert.match(of(code), /^\/p is not a file or/);
    assert.match(of("EDQUOT"), /^the disk is full; /);
  });

  it("that were not foreseen are one sentence; their stack is printed on request", () => {
    const error = new TypeError("odd\nsecond line");
    assert.equal(
      explain(error).message,
      "defect of this program (TypeError: odd); run the command again with K0RDENT_NUTANIX_DEBUG=1 and report what it prints",
    );
    process.env["K0RDENT_NUTANIX_DEBUG"] = "1";
    try {
      assert.match(explain(error).message, /Error: odd\nsecond line\n +at /);
    } finally {
      delete process.env["K0RDENT_NUTANIX_DEBUG"];
    }
  });
});
