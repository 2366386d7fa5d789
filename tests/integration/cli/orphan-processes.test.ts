import assert from "node:assert/strict";
import { orphanEngines, orphanPlugins } from "../../../cli/engine/orphan-processes.ts";
import { POLICY_SCRIPT } from "../../../cli/engine/policy-host.ts";

const HOME = "/somewhere/.local/pulumi";
const plugin = (home: string) => `${home}/plugins/resource-kubernetes-v4.32.0/pulumi-resource-kubernetes 127.0.0.1:1`;
const pack = `node ${POLICY_SCRIPT} 127.0.0.1:1 .`;

describe("processes that a killed engine left", () => {
  it("are engines of this project whose command has ended, and no others", () => {
    const engine = "/somewhere/.local/engine/bin/pulumi up --yes";
    const all = [
      { pid: 1, parent: 0, command: "init" },
      { pid: 2, parent: 1, command: "node /somewhere/cli/main.ts start" },
      { pid: 10, parent: 1, command: engine },
      { pid: 11, parent: 2, command: engine },
      { pid: 12, parent: 1, command: "/usr/bin/pulumi up --yes" },
    ];
    assert.deepEqual(orphanEngines(all, HOME), [10]);
  });

  it("are plugins and policy packs whose parent is not an engine", () => {
    const all = [
      { pid: 1, parent: 0, command: "init" },
      { pid: 10, parent: 1, command: plugin(HOME) },
      { pid: 11, parent: 1, command: pack },
    ];
    assert.deepEqual(orphanPlugins(all, HOME), [10, 11]);
  });

  it("are not those of a running engine, nor of another PULUMI_HOME", () => {
    const all = [
      { pid: 1, parent: 0, command: "init" },
      { pid: 20, parent: 5, command: "/usr/bin/pulumi up --yes" },
      { pid: 21, parent: 20, command: plugin(HOME) },
      { pid: 22, parent: 20, command: pack },
      { pid: 23, parent: 1, command: plugin("/home/x/.pulumi") },
      { pid: 24, parent: 1, command: `less ${plugin(HOME)}` },
      { pid: 25, parent: 1, command: `vim ${POLICY_SCRIPT}` },
    ];
    assert.deepEqual(orphanPlugins(all, HOME), []);
  });
});
