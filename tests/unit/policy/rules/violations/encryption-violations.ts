import { configOf } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

export const ENCRYPTION: readonly ViolationCase[] = [
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
];
