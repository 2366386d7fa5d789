import assert from "node:assert/strict";
import { notReadyText } from "../../../components/internal/readiness-error-hook.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";

describe("why a wait has failed", () => {
  const reference = { apiVersion: "k0rdent.mirantis.com/v1beta1", kind: "Credential", metadata: { name: "edge" } };
  const withMessage = (message: string): KubernetesObject => ({
    ...reference,
    status: { conditions: [{ type: "Ready", status: "False", reason: "Failed", message }] },
  });
  const login = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "edge-nutanix-identity", namespace: "kcm-system" },
    data: { password: Buffer.from("s3cret\nof two lines").toString("base64") },
  };

  it("is said in the words of the controller, without the secrets of the namespace", async () => {
    for (const secret of [
      "s3cret\nof two lines",
      "s3cret of two lines",
      "s3cret\\nof two lines",
      "czNjcmV0Cm9mIHR3byBsaW5lcw",
    ]) {
      const client = { get: async () => withMessage(`login ${secret} is rejected`), list: async () => [login] };
      const text = await notReadyText(client as unknown as Parameters<typeof notReadyText>[0], reference);
      assert.match(text ?? "", /^Credential edge is \w+: .*login \[redacted\]\S* is rejected/s);
      assert.doesNotMatch(text ?? "", /s3cret|czNj/);
    }
  });
});
