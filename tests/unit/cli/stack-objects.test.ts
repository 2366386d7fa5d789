import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { objectsTable, outputsText, startSummary } from "../../../cli/output/start-summary.ts";
import { readObjects } from "../../../cli/stack/stack-objects.ts";
import { connectKubernetes } from "../../../kubernetes/client.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import { startStandIn } from "../../integration/cli/stand-in-api.ts";

describe("the table of objects", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "mine", namespace: "kcm-system" } };
  const helm = { "meta.helm.sh/release-name": "foreign", "meta.helm.sh/release-namespace": "kcm-system" };
  const foreign = { ...secret, metadata: { name: "theirs", namespace: "kcm-system", annotations: helm } };
  const resources = [{ resource: "secrets", responseKind: { kind: "Secret" }, verbs: ["list"] }];
  const others = {
    "/api": [200, { items: [{ metadata: {}, versions: [{ version: "v1", resources }] }] }],
    "/apis": [200, { items: [] }],
    "/api/v1/secrets?labelSelector=k0rdent-nutanix/stack=demo.dev": [200, { items: [secret] }],
    "/api/v1/secrets?labelSelector=app.kubernetes.io/managed-by=Helm": [200, { items: [foreign] }],
    "/api/v1/namespaces/kcm-system/secrets?labelSelector=owner=helm": [200, { items: [] }],
  } as const;

  it("has what bears the stack's label, and nothing of others' releases", async () => {
    const api = await startStandIn({ others });
    try {
      const client = await connectKubernetes({ kubeconfig: readKubeconfig(api.kubeconfig) });
      assert.deepEqual(await readObjects(client, "demo.dev", "kcm-system"), [
        { kind: "Secret", name: "mine", namespace: "kcm-system", isReady: true, text: "Exists" },
      ]);
    } finally {
      await api.close();
    }
  });

  it("has a column each, no colour without a terminal, and a line that counts", () => {
    const rows = [
      { kind: "Secret", name: "mine", namespace: "", isReady: true, text: "Exists" },
      { kind: "Management", name: "kcm", namespace: "", isReady: false, text: "Failed, Ready: x" },
    ];
    const text = objectsTable(rows);
    assert.match(text, /KIND +NAME +NAMESPACE +READINESS/);
    assert.match(text, /Secret +mine +- +Exists/);
    assert.match(text, /2 objects, 1 not ready$/);
    assert.ok(!text.includes("\u001b"));
  });

  it("is followed by outputs as YAML", () => {
    assert.equal(outputsText({ edge: { kubeconfig: "[secret]" } }), '  edge:\n    kubeconfig: "[secret]"');
  });

  it("is followed, at the end of the text, by what is not ready", () => {
    const row = (isReady: boolean) => ({ kind: "Cluster", name: "a", namespace: "x", isReady, text: "" });
    const summary = (rows: ReturnType<typeof row>[]) =>
      stripVTControlCharacters(
        startSummary({
          ...{ stack: "dev", sandbox: "dev", server: "https://x", rows, report: undefined, outputs: {}, notes: [] },
          ...{ changes: "none", seconds: 1 },
        }),
      );
    assert.match(
      summary([row(true), row(false)]),
      /\nDone in 1 s\..*\n1 of 2 objects is not ready: npm run doctor says why\n\nNext steps/,
    );
    assert.doesNotMatch(summary([row(true)]), /not ready/);
  });
});
