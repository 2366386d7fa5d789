import assert from "node:assert/strict";
import { join } from "node:path";
import { orphansAmong } from "../../../cli/engine/orphan-processes.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";

const HOME = "/somewhere/.local/pulumi";
const real = `${HOME}/plugins/resource-kubernetes-v4.32.0/pulumi-resource-kubernetes 127.0.0.1:1`;
const standIn = `node ${join(PROJECT, "sandbox", "plugins", "kubernetes.ts")} 127.0.0.1:1`;

describe("plugins that a killed engine left behind", () => {
  it("are those whose parent is no engine, with all that they started", () => {
    const all = [
      { pid: 1, parent: 0, command: "init" },
      { pid: 10, parent: 1, command: real },
      { pid: 11, parent: 1, command: standIn },
      { pid: 12, parent: 11, command: "helm install kcm" },
      { pid: 13, parent: 12, command: "helm-plugin" },
    ];
    assert.deepEqual(orphansAmong(all, HOME), [10, 11, 12, 13]);
  });

  it("are not those of a living engine, nor anybody else's", () => {
    const all = [
      { pid: 1, parent: 0, command: "init" },
      { pid: 20, parent: 5, command: "/usr/bin/pulumi up --yes" },
      { pid: 21, parent: 20, command: real },
      { pid: 22, parent: 20, command: standIn },
      {
        pid: 23,
        parent: 1,
        command: "/home/x/.pulumi/plugins/resource-kubernetes-v4.32.0/pulumi-resource-kubernetes 127.0.0.1:2",
      },
    ];
    assert.deepEqual(orphansAmong(all, HOME), []);
  });
});
