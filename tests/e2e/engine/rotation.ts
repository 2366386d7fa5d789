import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineEvent } from "../../../cli/engine/events.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { type Harness, version } from "./harness.ts";
import type { Recording } from "./secrets.ts";

const [CAPI, CAPX] = ["cluster.x-k8s.io/v1beta1", "infrastructure.cluster.x-k8s.io/v1beta1"];
/** Kinds that create machines. */
const MACHINERY = [
  ["k0rdent.mirantis.com/v1beta1", "ClusterDeployment"],
  ["k0rdent.mirantis.com/v1beta1", "Credential"],
  ["k0rdent.mirantis.com/v1beta1", "ClusterTemplate"],
  ["k0rdent.mirantis.com/v1beta1", "Management"],
  [CAPI, "Cluster"],
  [CAPI, "MachineDeployment"],
  [CAPI, "Machine"],
  [CAPX, "NutanixCluster"],
  [CAPX, "NutanixMachineTemplate"],
  [CAPX, "NutanixMachine"],
  ["controlplane.cluster.x-k8s.io/v1beta1", "K0sControlPlane"],
  ["controlplane.cluster.x-k8s.io/v1beta1", "K0smotronControlPlane"],
  ["bootstrap.cluster.x-k8s.io/v1beta1", "K0sWorkerConfigTemplate"],
].map(([apiVersion = "", kind = ""]) => ({ apiVersion, kind }));

/** When the operator that installs CAPX was last notified of new variables. */
async function operatorNotified({ api }: Harness): Promise<string | undefined> {
  const kind = { apiVersion: "operator.cluster.x-k8s.io/v1alpha2", kind: "InfrastructureProvider" };
  const [installed] = await api.list({ ...kind, namespace: "kcm-system" });
  assert.equal(installed?.metadata.name, "nutanix");
  return installed.metadata.annotations?.["k0rdent-nutanix/variables-changed"];
}

/** Rotation of the logins that the stack holds. */
export function itRotatesLogins(harness: Harness, recording: Recording): void {
  it("rotates every login in every copy, in place, and writes no object that creates a machine", async () => {
    const [global, edge] = ["new global Pa55word!", 'new "Pa55" \\ of edge'];
    recording.passwords.push(global, edge);
    /** The password of each copy. */
    const copies = {
      "nutanix-creds": global,
      "demo-nutanix-identity": global,
      "edge-nutanix-identity": edge,
      "edge-capx-credentials": edge,
    };
    const secrets = () => Promise.all(Object.keys(copies).map((name) => harness.read("Secret", name)));
    const machinery = async () => {
      const lists = await Promise.all(MACHINERY.map((kind) => harness.api.list(kind)));
      return lists.flat().map((object) => `${object.kind}/${object.metadata.name} ${version(object)}`);
    };
    const before = await secrets();
    // Controllers finish the scaling before.
    let settled = await machinery();
    for (let last: string[] = []; String(last) !== String(settled); ) {
      await sleep(1_000);
      [last, settled] = [settled, await machinery()];
    }
    const notified = () => operatorNotified(harness);
    assert.equal(await notified(), undefined);
    for (const [name, password] of Object.entries({ global, edge })) {
      await harness.command(["config", "set", "--secret", "--path", `credentials.${name}.password`, password]);
    }
    const lines: string[] = [];
    const listen = {
      onEvent: (event: EngineEvent) => {
        recording.onEvent(event);
        if (event.diagnosticEvent?.severity === "info") lines.push(event.diagnosticEvent.message);
      },
    };
    await harness.engine.preview(listen);
    const previewed = lines.splice(0).join("\n");
    const { changes, touched } = await harness.engine.up(listen);
    assert.equal(changes.update, 4, touched.join());
    assert.equal(changes.replace, undefined);

    const after = await secrets();
    for (const [index, secret] of after.entries()) {
      const { name } = secret.metadata;
      assert.equal(secret.metadata.uid, before[index]?.metadata.uid, name);
      assert.notEqual(version(secret), version(before[index] as KubernetesObject), name);
      const wanted = copies[name as keyof typeof copies];
      const read = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
      assert.equal(JSON.parse(read("credentials"))[0].data.prismCentral.password, wanted, name);
      if (name === "nutanix-creds") assert.equal(JSON.parse(`"${read("NUTANIX_PASSWORD")}"`), wanted);
      if (name === "edge-nutanix-identity")
        assert.equal(read("csi"), `prism-central.example.com:9440:svc-edge@example.com:${edge}`);
    }
    assert.ok(settled.length > 10, settled.join());
    assert.deepEqual(await machinery(), settled);
    // The operator writes CAPX's own copy, and would read the Secret every ten minutes only.
    assert.match((await notified()) ?? "", /^\d{4}-\d\d-\d\dT/);
    for (const text of [previewed, lines.join("\n")]) {
      assert.match(text, /the login in Secret nutanix-creds changes: the Cluster API operator copies it for CAPX/);
      assert.match(text, /the login of demo changes: no machine rolls; .* without a restart$/m);
      assert.match(text, /the login of edge changes: .*kubectl -n ntnx-system rollout restart deployment/);
    }
  });
}

/** Rotation of a password that the stack generates. */
export function itRotatesGeneratedPasswords(harness: Harness, recording: Recording): void {
  it("generates a password, and rotates it to the one that it published before", async () => {
    const passwords = async () => {
      const { passwords: output } = await harness.engine.outputs();
      assert.equal(output?.secret, true);
      return output.value.second as { revision: number; current: string; next: string; former?: string };
    };
    const first = await passwords();
    harness.changeSettings("dev", (settings) => {
      settings["credentials"].second.generate.revision = 2;
    });
    const { changes } = await harness.engine.up(recording);
    const second = await passwords();
    recording.passwords.push(first.current, second.current, second.next);
    assert.deepEqual([first.revision, second.revision], [1, 2]);
    assert.equal(second.current, first.next);
    assert.equal(second.former, first.current);
    assert.match(second.next, /^[A-Za-z0-9]{28}-aA1$/);
    // Both Secrets, and the next password.
    assert.deepEqual({ update: changes.update, create: changes.create }, { update: 2, create: 1 });
    for (const name of ["second-nutanix-identity", "second-capx-credentials"]) {
      const text = Buffer.from((await harness.read("Secret", name)).data?.["credentials"] ?? "", "base64");
      assert.equal(JSON.parse(text.toString("utf8"))[0].data.prismCentral.password, second.current);
    }
  });
}
