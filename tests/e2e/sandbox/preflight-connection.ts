import assert from "node:assert/strict";
import { MISSING_PERMISSIONS, type PreflightSandbox, statuses } from "./preflight-sandbox.ts";

export const ADMITTED = "cluster-is-admitted";
export const DEMO = { clusters: ["demo"] };

/** What the preflight says of a management cluster that it cannot reach, read or write. */
export function itChecksTheConnection(sandbox: () => PreflightSandbox): void {
  it("fails at an API server that is not reachable, not trusted, or rejects the token", async () => {
    const checked = async (change: (config: any) => void) => {
      const ids = ["management-cluster-is-reachable", "management-cluster-authentication-succeeds", ADMITTED];
      return sandbox().check(ids, { ...DEMO, kubeconfig: sandbox().edit(change) });
    };
    const unreachable = await checked(({ clusters }) => (clusters[0].cluster.server = "https://127.0.0.1:9"));
    const untrusted = await checked((config) => {
      const { ca } = sandbox().certificates();
      config.clusters[0].cluster["certificate-authority-data"] = Buffer.from(ca).toString("base64");
    });
    const unauthenticated = await checked(({ users }) => (users[0].user = { token: "expired" }));
    assert.match(unreachable[0] ?? "", /: fail: the connection to 127\.0\.0\.1:9 is refused \(ECONNREFUSED\)/);
    assert.match(
      untrusted[0] ?? "",
      /: fail: the certificate of \S+ is signed by a CA that is neither in its chain nor in the kubeconfig \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\); set the CA that issued it as certificate-authority-data in the kubeconfig$/,
    );
    for (const lines of [unreachable, untrusted])
      assert.deepEqual(statuses(lines).slice(1), [
        "management-cluster-authentication-succeeds: inconclusive",
        `${ADMITTED} [demo]: inconclusive`,
      ]);
    assert.deepEqual(statuses(unauthenticated), [
      "management-cluster-is-reachable: pass",
      "management-cluster-authentication-succeeds: fail",
      `${ADMITTED} [demo]: inconclusive`,
    ]);
  });

  it("fails for a user who may only read", async () => {
    const ids = ["management-permissions-are-sufficient", ADMITTED];
    assert.deepEqual(await sandbox().check(ids, { ...DEMO, kubeconfig: await sandbox().readOnlyKubeconfig() }), [
      `${ids[0]}: fail: system:serviceaccount:default:reader may not ${MISSING_PERMISSIONS}; bind a role with these permissions to the user, or use a kubeconfig of a cluster administrator`,
      `${ADMITTED} [demo]: inconclusive: no dry run of Secret/demo-nutanix-identity, Credential/demo-nutanix, Secret/demo-encryption-at-rest, ClusterDeployment/demo: the user may not write them`,
    ]);
  });
}
