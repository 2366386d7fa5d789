import assert from "node:assert/strict";
import type { HelmRecord } from "../../../cli/engine/helm-records.ts";
import { planRepair, repairedState, type State, type StateResource } from "../../../cli/engine/repair.ts";

const IDENTITY = "k0rdent-nutanix.dev";
const RELEASE = "kubernetes:helm.sh/v3:Release";

const urn = (type: string, name: string) => `urn:pulumi:dev::k0rdent-nutanix::${type}::${name}`;

const release = (name = "kcm"): StateResource => ({
  urn: urn(RELEASE, name),
  type: RELEASE,
  inputs: { name, namespace: "kcm-system" },
});

const record = (changes: Partial<HelmRecord> = {}): HelmRecord => ({
  namespace: "kcm-system",
  name: "kcm",
  revision: 1,
  status: "deployed",
  description: `k0rdent-nutanix ${IDENTITY}`,
  chart: "kcm-1.2.0",
  secret: `sh.helm.release.v1.kcm.v${changes.revision ?? 1}`,
  ...changes,
});

const secretsOf = (records: readonly HelmRecord[]) => records.map(({ secret }) => secret);

describe("repair of what an interrupted run left", () => {
  const plan = (state: State, records: readonly HelmRecord[] = []) =>
    planRepair({ identity: IDENTITY, state, records });

  it("finds nothing in a whole state", () => {
    assert.deepEqual(plan({ resources: [release()] }, [record()]), {
      operations: [],
      resources: [],
      records: [],
      sentences: [],
    });
  });

  it("drops unfinished operations and names each", () => {
    const secret = { urn: urn("kubernetes:core/v1:Secret", "edge-identity"), type: "kubernetes:core/v1:Secret" };
    const state = { resources: [release()], pending_operations: [{ type: "creating", resource: secret }] };
    const repair = plan(state, [record()]);
    assert.deepEqual(repair.operations, [secret.urn]);
    assert.deepEqual(repair.sentences, [
      "Secret edge-identity: creating when a run was ended; this run goes on with it",
    ]);
    assert.deepEqual(repairedState(state, repair), { resources: [release()] });
  });

  it("removes Helm's record of a release with our description that the state does not know", () => {
    const repair = plan({ resources: [] }, [record({ status: "superseded" }), record({ revision: 2 })]);
    assert.deepEqual(secretsOf(repair.records), ["sh.helm.release.v1.kcm.v1", "sh.helm.release.v1.kcm.v2"]);
    assert.match(repair.sentences.join(), /^Helm release kcm-system\/kcm: installed by a run that was ended/);
  });

  it("removes the record of a release that was being installed, known by the unfinished operation", () => {
    const pending = record({ status: "pending-install", description: "Initial install underway" });
    const repair = plan({ pending_operations: [{ type: "creating", resource: release() }] }, [pending]);
    assert.deepEqual(secretsOf(repair.records), ["sh.helm.release.v1.kcm.v1"]);
  });

  it("leaves releases of others alone, stuck or not", () => {
    const theirs = [
      record({ description: "Install complete" }),
      record({ name: "other", status: "pending-install", description: "Initial install underway" }),
      record({ name: "second", description: "k0rdent-nutanix k0rdent-nutanix.prod" }),
    ];
    assert.deepEqual(plan({ resources: [] }, theirs).records, []);
  });

  it("removes only the stuck revision where an earlier one is deployed", () => {
    const repair = plan({ resources: [release()] }, [record(), record({ revision: 2, status: "pending-upgrade" })]);
    assert.deepEqual(secretsOf(repair.records), ["sh.helm.release.v1.kcm.v2"]);
    assert.deepEqual(repair.resources, []);
  });

  it("installs anew what never got deployed, and forgets it in the state when nothing needs it", () => {
    const stuck = record({ status: "pending-install" });
    const alone = { resources: [release()] };
    const repair = plan(alone, [stuck]);
    assert.deepEqual(repair.resources, [release().urn]);
    assert.deepEqual(repairedState(alone, repair).resources, []);
    for (const need of [
      { parent: release().urn },
      { dependencies: [release().urn] },
      { propertyDependencies: { x: [release().urn] } },
    ]) {
      const child = { urn: urn("a:b:C", "child"), type: "a:b:C", ...need };
      assert.deepEqual(plan({ resources: [release(), child] }, [stuck]).resources, []);
    }
  });

  it("tells releases of the same name in other namespaces apart", () => {
    assert.deepEqual(
      plan({ resources: [release()] }, [record({ namespace: "elsewhere", description: "x" })]).records,
      [],
    );
  });
});
