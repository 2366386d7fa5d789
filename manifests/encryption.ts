import { createHash } from "node:crypto";
import { yamlText } from "../kubernetes/yaml-text.ts";

/** The key of the Secret, and the file in the control plane, that holds the encryption configuration. */
export const ENCRYPTION_KEY = "encryption-config.yaml";

/**
 * The API server's encryption configuration for Secrets: AES-CBC with one key of 32 bytes, derived from `seed`; what was
 * written in clear before stays readable.
 */
export function encryptionConfig(seed: string): string {
  const key = createHash("sha256").update(seed).digest("base64");
  return yamlText({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: [{ aescbc: { keys: [{ name: "key1", secret: key }] } }, { identity: {} }],
      },
    ],
  });
}
