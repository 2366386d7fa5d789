import { stringify } from "yaml";

/** The key of the Secret, and the file in the control plane, that holds the encryption configuration. */
export const ENCRYPTION_KEY = "encryption-config.yaml";

/** The API server's encryption configuration for Secrets: AES-CBC with one key; what was written in clear before stays readable. */
export function encryptionConfig(keyBase64: string): string {
  return stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: [{ aescbc: { keys: [{ name: "key1", secret: keyBase64 }] } }, { identity: {} }],
      },
    ],
  });
}
