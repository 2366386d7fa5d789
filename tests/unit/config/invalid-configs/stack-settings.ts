import { all, type InvalidConfig, nothing, set, without } from "./invalid-config.ts";

const LONG = "x".repeat(100_000);

/** Management cluster, secrets outside credentials, and stack files that are written to do harm. */
export const STACK_SETTINGS: readonly InvalidConfig[] = [
  {
    name: "neither kubeconfig nor inCluster",
    change: all(without("management.kubeconfig"), without("management.context")),
    lines: [
      "management.kubeconfig: is missing, while inCluster is false; set the kubeconfig of the management cluster, or inCluster: true",
    ],
  },
  {
    name: "kubeconfig and inCluster",
    change: set("management.inCluster", true),
    lines: [
      'management.kubeconfig: "kubeconfig" conflicts with inCluster: true; set the kubeconfig of the management cluster, or inCluster: true',
    ],
  },
  {
    name: "a kubeconfig that is not valid YAML",
    change: nothing,
    files: { kubeconfig: "users: [{token: canary-token" },
    lines: [
      'management.context: "management" is not a context of the kubeconfig; set another file in management.kubeconfig',
    ],
  },
  {
    name: "a secret outside credentials",
    change: nothing,
    secretKeys: ["credentials", "management"],
    lines: [
      "management: contains a secret, and only credentials are kept secret; move the secret to credentials, or store the value in plain text if it is not a secret",
    ],
  },
  {
    name: "a cluster named __proto__",
    change: set("clusters.__proto__", { mode: "hcp" }),
    lines: ["clusters.__proto__: is a reserved key; use another"],
  },
  {
    name: "__proto__ among Helm values",
    change: set("management.kcm.values.__proto__", { polluted: true }),
    lines: ["management.kcm.values.__proto__: is a reserved key; use another"],
  },
  {
    name: "__proto__ among credentials",
    change: set("credentials.__proto__", { username: "a", password: "canary" }),
    lines: ["credentials.__proto__: is a reserved key; use another"],
  },
  {
    name: "a text of 100 KB in place of a map",
    change: set("clusters.demo", LONG),
    lines: [
      'clusters.demo: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is a string, not a map; use a map',
    ],
  },
  {
    name: "an address of 100 KB",
    change: set("prismCentral.address", LONG),
    lines: [
      'prismCentral.address: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is longer than 253 characters; use a DNS name or an IP address',
    ],
  },
  {
    name: "a label of 100 KB",
    change: set("clusters.demo.labels", { a: LONG }),
    lines: [
      "clusters.demo.labels.a: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is not a valid label value; use 63 letters, digits, '-', '_' and '.' at most",
    ],
  },
  {
    name: "an amount of 100 KB",
    change: set("clusters.demo.worker.memorySize", "9".repeat(100_000)),
    lines: [
      'clusters.demo.worker.memorySize: "9999999999999999999999999999999999999999999999999999999999999999999999999999999… is not a quantity; use an integer and a unit, such as "4Gi"',
    ],
  },
];
