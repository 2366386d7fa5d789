import assert from "node:assert/strict";
import { objectsTable, outputsText } from "../../cli/output/print.ts";
import { readinessOf, readObjects } from "../../cli/stack/stack-objects.ts";

const metadata = { name: "edge", namespace: "kcm-system" };
const ready = (status: object | undefined) =>
  readinessOf({ metadata, ...(status === undefined ? {} : { status: { ...status } }) });

describe("readiness of an object", () => {
  it("is what its Ready condition says, with the reason where it is not", () => {
    assert.deepEqual(ready({ conditions: [{ type: "Ready", status: "True" }] }), { isReady: true, text: "ready" });
    assert.deepEqual(
      ready({ conditions: [{ type: "Ready", status: "False", reason: "Failed", message: "no quota" }] }),
      {
        isReady: false,
        text: "not ready: no quota",
      },
    );
    assert.equal(
      ready({ conditions: [{ type: "Ready", status: "Unknown", reason: "Waiting" }] }).text,
      "not ready: Waiting",
    );
  });

  it("is availability for Deployments, validity for templates, presence for the rest", () => {
    assert.equal(
      ready({
        conditions: [
          { type: "Progressing", status: "True" },
          { type: "Available", status: "True" },
        ],
      }).text,
      "available",
    );
    assert.deepEqual(ready({ valid: false, validationError: "provider is not there" }), {
      isReady: false,
      text: "not valid: provider is not there",
    });
    assert.equal(ready({ valid: true }).text, "valid");
    assert.equal(ready({ phase: "Active" }).text, "active");
    assert.deepEqual(ready(undefined), { isReady: true, text: "present" });
  });

  it("names the finalizers of what is being deleted", () => {
    const leaving = { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b"] };
    assert.deepEqual(readinessOf({ metadata: leaving }), { isReady: false, text: "being deleted, held by a/b" });
  });
});

describe("the table of objects", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "mine", namespace: "kcm-system" } };
  const helm = { "meta.helm.sh/release-name": "foreign", "meta.helm.sh/release-namespace": "kcm-system" };
  const server = {
    ask: async () => assert.fail("nobody asks"),
    address: "https://127.0.0.1:1",
    get: async (path: string) => ({
      items:
        path === "/api"
          ? [
              {
                metadata: {},
                versions: [
                  {
                    version: "v1",
                    resources: [{ resource: "secrets", responseKind: { kind: "Secret" }, verbs: ["list"] }],
                  },
                ],
              },
            ]
          : [],
    }),
    list: async (_: string, selector: string) => {
      if (selector.startsWith("k0rdent-nutanix/stack=")) return [secret];
      if (selector === "owner=helm") return [];
      return [{ ...secret, metadata: { name: "theirs", namespace: "kcm-system", annotations: helm } }];
    },
    remove: async () => undefined,
    merge: async () => undefined,
    text: async () => ({ code: 404, body: "" }),
  };

  it("has what bears the stack's label, and nothing of others' releases", async () => {
    const rows = await readObjects(server, "demo.dev", "kcm-system");
    assert.deepEqual(rows, [
      { kind: "Secret", name: "mine", namespace: "kcm-system", readiness: { isReady: true, text: "present" } },
    ]);
  });

  it("has a column each, no colour without a terminal, and a line that counts", () => {
    const rows = [
      { kind: "Secret", name: "mine", namespace: "", readiness: { isReady: true, text: "present" } },
      { kind: "Management", name: "kcm", namespace: "", readiness: { isReady: false, text: "not ready: x" } },
    ];
    const text = objectsTable(rows);
    assert.match(text, /KIND +NAME +NAMESPACE +READINESS/);
    assert.match(text, /Secret +mine +- +present/);
    assert.match(text, /2 objects, 1 not ready$/);
    assert.ok(!text.includes("\u001b"));
  });

  it("is followed by outputs as YAML", () => {
    assert.equal(outputsText({ edge: { kubeconfig: "[secret]" } }), '  edge:\n    kubeconfig: "[secret]"');
  });
});
