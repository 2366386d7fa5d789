import assert from "node:assert/strict";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { readiness } from "../../../kubernetes/readiness.ts";

const object = (kind: string, status?: object, more: object = {}, spec?: object): KubernetesObject =>
  ({
    apiVersion: "v1",
    kind,
    metadata: { name: "edge", ...more },
    ...(spec && { spec }),
    ...(status && { status }),
  }) as never;
const condition = (type: string, status: string, reason?: string, message?: string) => ({
  type,
  status,
  ...(reason && { reason }),
  ...(message && { message }),
});
const conditions = (...list: object[]) => ({ conditions: list });

/** What is judged, and the status and message of the judgement. */
const CASES: readonly (readonly [string, KubernetesObject | undefined, string, string])[] = [
  ["nothing", undefined, "NotFound", "does not exist"],
  ["Ready", object("Credential", conditions(condition("Ready", "True"))), "Current", "Ready"],
  [
    "a fault",
    object("HelmRelease", conditions(condition("Ready", "False", "Failed", "no quota"))),
    "Failed",
    "Ready (Failed): no quota",
  ],
  [
    "a wait",
    object("HelmRelease", conditions(condition("Ready", "Unknown", "Waiting"))),
    "InProgress",
    "Ready: Waiting",
  ],
  [
    "availability",
    object("Deployment", conditions(condition("Progressing", "True"), condition("Available", "True"))),
    "Current",
    "Available",
  ],
  [
    "negative polarity",
    object(
      "Node",
      conditions(condition("MemoryPressure", "False"), condition("DiskPressure", "True", "KubeletHasDiskPressure")),
    ),
    "Failed",
    "DiskPressure: KubeletHasDiskPressure",
  ],
  [
    "the cause before the summary",
    object(
      "ClusterDeployment",
      conditions(condition("Ready", "False"), condition("CredentialReady", "False", "NotFound", "no Secret")),
    ),
    "Failed",
    "CredentialReady (NotFound): no Secret",
  ],
  [
    "Cluster API's newer conditions",
    object("Machine", {
      ...conditions(condition("Ready", "True")),
      v1beta2: conditions(condition("Ready", "False", "NotReady")),
    }),
    "InProgress",
    "Ready: NotReady",
  ],
  ["validity", object("ClusterTemplate", { valid: true }), "Current", "Valid"],
  ["invalidity", object("ClusterTemplate", { valid: false, validationError: "no chart" }), "Failed", "valid: no chart"],
  [
    "a flag",
    object("K0sControlPlane", { ready: false }),
    "InProgress",
    "ready: status.ready is false, with no reason given",
  ],
  ["no status yet", object("Credential"), "InProgress", "status: its controller has written no status yet"],
  ["a kind without a status", object("Secret"), "Current", "Exists"],
  ["a phase", object("Namespace", { phase: "Active" }), "Current", "Active"],
  [
    "an older generation",
    object("HelmRelease", { ...conditions(condition("Ready", "True")), observedGeneration: 1 }, { generation: 2 }),
    "InProgress",
    "observedGeneration: its controller has seen generation 1 of 2",
  ],
  [
    "a permanent failure",
    object("NutanixMachine", { failureReason: "CreateError", failureMessage: "no image" }),
    "Failed",
    "failureReason (CreateError): no image",
  ],
  [
    "a component that fails under a Ready Management",
    object("Management", { ...conditions(condition("Ready", "True")), components: { capx: { error: "no pods" } } }),
    "Failed",
    "component capx: no pods",
  ],
  [
    "a provider that Management does not report",
    object("Management", conditions(condition("Ready", "True")), {}, { providers: [{ name: "capx" }] }),
    "InProgress",
    "components: not reported yet: capx",
  ],
  [
    "a deletion",
    object("Cluster", undefined, { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b"] }),
    "Terminating",
    "Terminating: waits for the finalizers a/b",
  ],
];

describe("readiness", () => {
  for (const [name, judged, status, message] of CASES) {
    it(`judges ${name}`, () => {
      const found = readiness(judged);
      assert.deepEqual([found.status, found.message], [status, message]);
    });
  }

  it("names every cause, each with the time since when it is known", () => {
    const management = object(
      "Management",
      {
        ...conditions(condition("Ready", "False", "NotHealthy")),
        observedGeneration: 1,
        components: { a: { error: "x" } },
      },
      { generation: 2, creationTimestamp: "2026-01-01T00:00:00Z" },
    );
    assert.deepEqual(
      readiness(management).causes.map(({ type, since }) => [type, since]),
      ["component a", "observedGeneration", "Ready"].map((type) => [type, "2026-01-01T00:00:00Z"]),
    );
  });
});
