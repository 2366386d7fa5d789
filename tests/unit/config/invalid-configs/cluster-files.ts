import { stringify } from "yaml";
import { validStack } from "../../../support/stack-fixture.ts";
import { all, type InvalidConfig, nothing, set, without } from "./invalid-config.ts";

const cluster = (name: string) => stringify(validStack()["clusters"][name]);

/** Files of clusters beside the stack file. */
export const CLUSTER_FILES: readonly InvalidConfig[] = [
  {
    name: "a cluster in the stack file and in a file",
    change: nothing,
    files: { "clusters/dev/demo.yaml": cluster("demo") },
    lines: ["clusters/dev/demo.yaml: is also defined in the stack file; remove one of the two"],
  },
  {
    name: "a cluster in two files",
    change: without("clusters.demo"),
    files: { "clusters/dev/demo.yaml": cluster("demo"), "clusters/dev/demo.yml": cluster("demo") },
    lines: ["clusters/dev/demo.yml: is also defined in clusters/dev/demo.yaml; remove one of the two"],
  },
  {
    name: "a file of a cluster that is not valid YAML",
    change: nothing,
    files: { "clusters/dev/far.yaml": "mode: [hcp\nsecret: canary" },
    lines: [
      "clusters/dev/far.yaml: is not valid YAML: line 2: Flow sequence in block collection must be sufficiently indented and end with a ]; fix the file",
    ],
  },
  {
    name: "a file of a cluster with a key twice",
    change: nothing,
    files: { "clusters/dev/far.yaml": "mode: hcp\nmode: standalone\n" },
    lines: [
      'clusters/dev/far.yaml: is not valid YAML: line 2: the key "mode" is already defined at line 1; fix the file',
    ],
  },
  {
    name: "a file of a cluster that grows without end",
    change: nothing,
    files: {
      "clusters/dev/far.yaml": `a: &a [x, x]\n${[..."bcdefghij"].map((key, index) => `${key}: &${key} [*${"abcdefghi"[index]}, *${"abcdefghi"[index]}]\n`).join("")}`,
    },
    lines: ["clusters/dev/far.yaml: is not valid YAML: line 1: its aliases expand to too much; fix the file"],
  },
  {
    name: "an empty file of a cluster",
    change: nothing,
    files: { "clusters/dev/far.yaml": "" },
    lines: ["clusters.far: is empty, not a map; use a map"],
  },
  {
    name: "a file of a cluster that is a list",
    change: nothing,
    files: { "clusters/dev/far.yaml": "- mode: hcp\n" },
    lines: ["clusters.far: is a list, not a map; use a map"],
  },
  {
    name: "a file whose name is no cluster's",
    change: nothing,
    files: { "clusters/dev/Far.yaml": cluster("demo") },
    lines: [
      "clusters.Far: is not a name; use lower-case letters, digits and '-', a letter first, 40 characters at most",
    ],
  },
  {
    name: "a file named as a part of JavaScript",
    change: nothing,
    files: { "clusters/dev/constructor.yaml": "mode: hcp\n" },
    lines: [
      "clusters.constructor.nutanix: is missing; add it",
      "clusters.constructor.machineDefaults: is missing; add it",
    ],
  },
  {
    name: "a file with a fault in it",
    change: nothing,
    files: {
      "clusters/dev/far.yaml": cluster("demo")
        .replace("vcpuSockets: 2", "vcpuSocket: 2")
        .replace("10.1.1.200", "10.1.1.203"),
    },
    lines: ['clusters.far.machineDefaults.vcpuSocket: is an unknown key; did you mean "vcpuSockets"?'],
  },
  {
    name: "a file of a cluster that contains itself",
    change: nothing,
    files: { "clusters/dev/far.yaml": "mode: hcp\nk0s: &k0s\n  config: *k0s\n" },
    lines: ['clusters/dev/far.yaml: is not valid YAML: line 3: the anchor "k0s" contains itself; fix the file'],
  },
  {
    name: "two clusters in one file",
    change: nothing,
    files: { "clusters/dev/far.yaml": `${cluster("demo")}---\n${cluster("edge")}` },
    lines: ["clusters/dev/far.yaml: contains 2 YAML documents, and a file is one cluster; make one file of each"],
  },
  {
    name: "a whole ClusterDeployment in a file",
    change: nothing,
    files: { "clusters/dev/far.yaml": "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nspec: {}\n" },
    lines: [
      'clusters/dev/far.yaml: "ClusterDeployment" is a whole Kubernetes object, not the settings of a cluster; keep what is below spec.config, and add mode: hcp or mode: standalone',
    ],
  },
  {
    name: "a wrong mode beside other errors",
    change: all(
      set("clusters.demo.mode", "hosted"),
      set("clusters.demo.workersNumber", "two"),
      set("clusters.demo.wrong", 1),
    ),
    lines: [
      'clusters.demo.mode: "hosted" is not a cluster mode; set mode: hcp or mode: standalone',
      'clusters.demo.workersNumber: "two" is not a count; use an integer, 0 or more',
      "clusters.demo.wrong: is an unknown key; remove it",
    ],
  },
];
