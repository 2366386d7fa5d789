import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  detailedDiff,
  mergePatch,
  prune,
  threeWayPatch,
  withoutIgnored,
} from "../../../sandbox/plugins/kubernetes/diff.ts";
import { runHelm } from "../../../sandbox/plugins/kubernetes/helm-cli.ts";
import { compilePath } from "../../../sandbox/plugins/kubernetes/jsonpath.ts";
import { isLoopback } from "../../../sandbox/plugins/kubernetes/kubeconfig.ts";
import { diffSettings } from "../../../sandbox/plugins/kubernetes/settings.ts";
import { requestedCondition } from "../../../sandbox/plugins/kubernetes/wait-for.ts";
import { markSecrets, reveal, secret, UNKNOWN, type ValueMap } from "../../../sandbox/plugins/property-values.ts";

describe("parts of the stand-in plugins", () => {
  it("paths select by name, quoted name, index, wildcard and filter", () => {
    const root = {
      a: {
        "b-c": [
          { t: "x", n: 1 },
          { t: "y", n: 2 },
        ],
      },
    };
    const cases: [string, unknown[]][] = [
      ["$.a['b-c'][0].n", [1]],
      ['.a["b-c"][*].t', ["x", "y"]],
      [".a['b-c'][?(@.t=='y')].n", [2]],
      [".a['b-c'][?@.t!='y'].n", [1]],
      [".a['b-c'][-1].n", [2]],
      [".a.none.deeper", []],
    ];
    for (const [path, found] of cases) {
      assert.deepEqual(compilePath(path)(root), found, path);
    }
    for (const path of [".a.b-c", ".a[", "..a", ".a[?(@.t=~'y')]"]) {
      assert.throws(() => compilePath(path), /unexpected text at/, path);
    }
  });

  it("waits are read from text or list, and refused with the reason", () => {
    const object = (waitFor: string, status: ValueMap = {}): ValueMap => ({
      metadata: { generation: 2, annotations: { "pulumi.com/waitFor": waitFor } },
      status,
    });
    const met = (waitFor: string, status: ValueMap) =>
      requestedCondition(object(waitFor))?.(object(waitFor, status)).met;
    const conditions = (status: string, more: ValueMap = {}) => ({ conditions: [{ type: "Ready", status, ...more }] });
    assert.equal(requestedCondition({ metadata: {} }), undefined);
    assert.equal(met("condition=Ready", conditions("True")), true);
    assert.equal(met("condition=ready", conditions("true")), true);
    assert.equal(met("condition=Ready=False", conditions("False")), true);
    assert.equal(met("condition=Ready", conditions("True", { observedGeneration: 1 })), false);
    assert.equal(met("condition=Ready", { ...conditions("True"), observedGeneration: 1 }), false);
    assert.equal(met("jsonpath={.status.valid}=true", { valid: true }), true);
    assert.equal(met("jsonpath={.status.valid}", { valid: false }), true);
    assert.equal(met("jsonpath={.status.valid}=true", { valid: true, observedGeneration: 1 }), false);
    assert.equal(
      met('["condition=Ready","jsonpath={.status.valid}=true"]', { ...conditions("True"), valid: false }),
      false,
    );
    const refused: [string, RegExp][] = [
      ["Ready", /expected a "jsonpath=" or "condition=" prefix, got "Ready"/],
      ["[]", /at least one condition/],
      ["jsonpath=.status", /should be wrapped in brackets/],
      ["jsonpath={.status}=", /requires a value/],
      ["jsonpath={.a}=b=c", /format should be/],
    ];
    for (const [waitFor, reason] of refused) {
      assert.throws(() => requestedCondition(object(waitFor)), reason, waitFor);
    }
  });

  it("differences are those of the fields that were set", () => {
    const live = { spec: { a: 1, b: 2, list: [{ x: 1, y: 2 }] }, status: { c: 3 } };
    const old = prune(live, { spec: { a: 1, list: [{ x: 1 }] } }) as ValueMap;
    assert.deepEqual(old, { spec: { a: 1, list: [{ x: 1 }] } });
    const inputs = { spec: { a: 2, list: [{ x: 1 }, { x: 2 }] }, metadata: { name: "n" } };
    const changes = detailedDiff(mergePatch(old, inputs), { old, newInputs: inputs, oldInputs: old }, [
      ".metadata.name",
    ]);
    assert.deepEqual(Object.fromEntries(Object.entries(changes).map(([path, { kind }]) => [path, kind])), {
      metadata: "add-replace",
      "spec.a": "update",
      "spec.list[1]": "add",
    });
    assert.deepEqual(Object.keys(withoutIgnored(changes, ["spec"])), ["metadata"]);
    assert.deepEqual(threeWayPatch({ a: 1, gone: 1 }, { a: 1, b: 1 }, { a: 2, gone: 1, kept: 1 }), {
      a: 1,
      gone: undefined,
      b: 1,
    });
  });

  it("secrets stay marked, and only what was one is", () => {
    const marked = markSecrets(
      { spec: { open: "a", shut: "b" }, list: ["c"] },
      { spec: { shut: secret("b") }, list: [secret("c")] },
    );
    assert.deepEqual(marked, { spec: { open: "a", shut: secret("b") }, list: secret(["c"]) });
    assert.deepEqual(reveal(marked), { spec: { open: "a", shut: "b" }, list: ["c"] });
    assert.deepEqual(markSecrets({ kind: "Secret", data: { a: "b" } }, {}), {
      kind: "Secret",
      data: secret({ a: "b" }),
    });
  });

  it("only servers of this machine are loopback", () => {
    const yes = ["https://127.0.0.1:6443", "https://localhost:1", "https://[::1]:6443", "https://127.9.9.9"];
    const no = ["https://10.0.0.1", "https://127.0.0.1.example.com", "https://localhost.example.com", "https://[::2]"];
    assert.deepEqual([...yes, ...no].map(isLoopback), [true, true, true, true, false, false, false, false]);
  });

  it("an unknown kubeconfig replaces, unless the cluster is named", () => {
    const olds = { kubeconfig: "a: b" };
    assert.deepEqual(diffSettings({ olds, news: { kubeconfig: UNKNOWN } }).replaces, ["kubeconfig"]);
    const named = { olds: { ...olds, clusterIdentifier: "c" }, news: { kubeconfig: UNKNOWN, clusterIdentifier: "c" } };
    assert.deepEqual(diffSettings(named), { changes: ["kubeconfig"], replaces: [] });
    const renamed = { olds: { clusterIdentifier: "c" }, news: { clusterIdentifier: "d" } };
    assert.deepEqual(diffSettings(renamed).replaces, ["clusterIdentifier"]);
  });

  it("helm gets values by stdin and the kubeconfig by a file of the user's, which goes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "helm-stub-"));
    const helm = join(folder, "helm");
    writeFileSync(
      helm,
      `#!/bin/sh\necho "$@" > ${folder}/arguments\ncat > ${folder}/stdin\nfor last; do :; done\nls -ln "$last" | cut -c1-10\n`,
    );
    chmodSync(helm, 0o755);
    const before = process.env["K0RDENT_NUTANIX_HELM"];
    process.env["K0RDENT_NUTANIX_HELM"] = helm;
    try {
      const call = {
        arguments: ["install"],
        values: { password: "hunter2" },
        context: undefined,
        signal: new AbortController().signal,
      };
      assert.equal((await runHelm({ ...call, kubeconfig: "clusters: []\n" })).trim(), "-rw-------");
      const words = readFileSync(join(folder, "arguments"), "utf8").trim().split(" ");
      assert.deepEqual(words.slice(0, 2), ["install", "--kubeconfig"]);
      assert.equal(words.length, 3);
      assert.throws(() => readFileSync(words[2] ?? "", "utf8"), /ENOENT/);
      assert.equal(readFileSync(join(folder, "stdin"), "utf8"), '{"password":"hunter2"}');
    } finally {
      if (before === undefined) {
        delete process.env["K0RDENT_NUTANIX_HELM"];
      } else {
        process.env["K0RDENT_NUTANIX_HELM"] = before;
      }
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
