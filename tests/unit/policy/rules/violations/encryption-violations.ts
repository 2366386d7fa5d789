import { configOf } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

export const ENCRYPTION: readonly ViolationCase[] = [
  {
    rule: "encryption-keys-are-not-shared",
    change: (all) => {
      configOf(all, "demo")["encryptionAtRest"] = { secretName: "edge-encryption-at-rest" };
      configOf(all, "edge")["encryptionAtRest"] = { secretName: "edge-encryption-at-rest" };
    },
  },
  ...["far-encryption-at-rest", "demo-kubeconfig", "nutanix-creds"].map(
    (secretName): ViolationCase => ({
      rule: "encryption-keys-are-not-shared",
      name: `of ${secretName}`,
      change: (all) => {
        configOf(all, "demo")["encryptionAtRest"] = { secretName };
      },
      expected: [
        `clusters.demo.encryptionAtRest.secretName: "${secretName}" is not a key of this cluster alone; remove it, so that the cluster has a key of its own`,
      ],
    }),
  ),
  {
    rule: "encryption-keys-are-not-shared",
    name: "unless it is one of the user's, and of one cluster",
    change: (all) => {
      configOf(all, "demo")["encryptionAtRest"] = { secretName: "own-key" };
      configOf(all, "edge")["encryptionAtRest"] = { secretName: "edge-encryption-at-rest" };
    },
    expected: [],
  },
];
