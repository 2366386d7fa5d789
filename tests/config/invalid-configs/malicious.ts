import { set, type WrongFile } from "./invalid-config.ts";

const LONG = "x".repeat(10_000_000);

/** Stack files that somebody wrote to do harm. */
export const MALICIOUS: readonly WrongFile[] = [
  {
    name: "a cluster named __proto__",
    change: set("clusters.__proto__", { mode: "hcp" }),
    lines: ["clusters.__proto__: is a key that cannot be kept; choose another"],
  },
  {
    name: "__proto__ among Helm values",
    change: set("management.kcm.values.__proto__", { polluted: true }),
    lines: ["management.kcm.values.__proto__: is a key that cannot be kept; choose another"],
  },
  {
    name: "__proto__ among credentials",
    change: set("credentials.__proto__", { username: "a", password: "canary" }),
    lines: ["credentials.__proto__: is a key that cannot be kept; choose another"],
  },
  {
    name: "a cluster named constructor",
    change: set("clusters.constructor", { prototype: {} }),
    lines: ["clusters.constructor.mode: is missing; write mode: hcp or mode: standalone"],
  },
  {
    name: "a key named constructor",
    change: set("prismCentral.constructor", "x"),
    lines: ["prismCentral.constructor: is not a key that is known here; take it out"],
  },
  {
    name: "a key named toString",
    change: set("clusters.demo.toString", "x"),
    lines: ["clusters.demo.toString: is not a key that is known here; take it out"],
  },
  {
    name: "a mode named toString",
    change: set("clusters.demo.mode", "toString"),
    lines: ['clusters.demo.mode: "toString" is no mode of a cluster; write mode: hcp or mode: standalone'],
  },
  {
    name: "a credential named constructor",
    change: set("clusters.edge.credential", "constructor"),
    lines: [
      "clusters.edge.credential: \"constructor\" is no entry of credentials; add credentials.constructor, its password with pulumi config set --secret --path 'credentials.constructor.password'",
    ],
  },
  {
    name: "a text of 10 MB in place of a map",
    change: set("clusters.demo", LONG),
    lines: [
      'clusters.demo: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is text, not a map; write a map',
    ],
  },
  {
    name: "an address of 10 MB",
    change: set("prismCentral.address", LONG),
    lines: [
      'prismCentral.address: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is longer than the 256 characters that CAPX takes; write a DNS name or an IP address',
    ],
  },
  {
    name: "a label of 10 MB",
    change: set("clusters.demo.labels", { a: LONG }),
    lines: [
      "clusters.demo.labels.a: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is not a label's value; write 63 letters, digits, '-', '_' and '.' at most",
    ],
  },
  {
    name: "an amount of 10 MB",
    change: set("clusters.demo.worker.memorySize", "9".repeat(10_000_000)),
    lines: [
      'clusters.demo.worker.memorySize: "9999999999999999999999999999999999999999999999999999999999999999999999999999999… is not an amount; write a whole number and a unit, such as "4Gi"',
    ],
  },
];
