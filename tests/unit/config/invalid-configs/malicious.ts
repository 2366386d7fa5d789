import { type InvalidConfig, set } from "./invalid-config.ts";

const LONG = "x".repeat(100_000);

/** Stack files that somebody wrote to do harm. */
export const MALICIOUS: readonly InvalidConfig[] = [
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
    name: "a cluster named constructor",
    change: set("clusters.constructor", { prototype: {} }),
    lines: [
      "clusters.constructor.mode: is missing; set mode: hcp or mode: standalone",
      "clusters.constructor.nutanix: is missing; add it",
      "clusters.constructor.machineDefaults: is missing; add it",
      "clusters.constructor.prototype: is an unknown key; remove it",
    ],
  },
  {
    name: "a key named constructor",
    change: set("prismCentral.constructor", "x"),
    lines: ["prismCentral.constructor: is an unknown key; remove it"],
  },
  {
    name: "a key named toString",
    change: set("clusters.demo.toString", "x"),
    lines: ["clusters.demo.toString: is an unknown key; remove it"],
  },
  {
    name: "a mode named toString",
    change: set("clusters.demo.mode", "toString"),
    lines: ['clusters.demo.mode: "toString" is not a cluster mode; set mode: hcp or mode: standalone'],
  },
  {
    name: "a credential named constructor",
    change: set("clusters.edge.credential", "constructor"),
    lines: [
      "clusters.edge.credential: \"constructor\" is not an entry of credentials; add credentials.constructor, its password with pulumi config set --secret --path 'credentials.constructor.password'",
    ],
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
