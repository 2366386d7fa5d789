import assert from "node:assert/strict";
import { type ApiServerFault, kubeconfigOf, startApiServer } from "./api-server-stand-in.ts";
import { describeCheck, live, runManagementChecks } from "./management-scenario.ts";

const REACHABLE = "management-cluster-is-reachable";
const AUTHENTICATION = "management-cluster-authentication-succeeds";
const VERSION = "kcm-version-matches";
const LATER = [
  `${AUTHENTICATION}: inconclusive: no connection; see ${REACHABLE}`,
  `${VERSION}: inconclusive: no connection to the management cluster; see ${REACHABLE}`,
];

async function linesWith(fault?: ApiServerFault): Promise<string[]> {
  const { kubeconfig, close } = await startApiServer(fault === undefined ? {} : { fault });
  try {
    const port = /127\.0\.0\.1:(\d+)/.exec(kubeconfig)?.[1] ?? "";
    const lines = await runManagementChecks([REACHABLE, AUTHENTICATION, VERSION], { kubeconfig });
    // No line shows the token.
    assert.ok(!lines.join().includes("token-of-the-stand-in"));
    return lines.map((line) => line.replaceAll(port, "6443"));
  } finally {
    await close();
  }
}

describe("the connection to the management cluster", function () {
  this.timeout(30_000);

  it("passes with version and user", async () => {
    assert.deepEqual((await linesWith()).slice(0, 2), [
      `${REACHABLE}: pass: http://127.0.0.1:6443 answers: Kubernetes v1.33.0`,
      `${AUTHENTICATION}: pass: logged in as jane`,
    ]);
  });

  it("fails at a rejected login", async () => {
    assert.deepEqual(await linesWith("unauthorized"), [
      `${REACHABLE}: pass: http://127.0.0.1:6443 answers`,
      `${AUTHENTICATION}: fail: http://127.0.0.1:6443 rejects the login: its token or certificate has expired, or is for another cluster; get a new kubeconfig, or log in again, and check the context`,
      `${VERSION}: inconclusive: no connection to the management cluster; see ${AUTHENTICATION}`,
    ]);
  });

  const faults: [title: string, fault: ApiServerFault, line: string][] = [
    [
      "a closed connection",
      "reset",
      "127.0.0.1:6443 closes the connection (ECONNRESET); check the server, and the network in between",
    ],
    [
      "an internal error",
      "failing",
      "http://127.0.0.1:6443 responds with 500; check the logs of the API server and of etcd",
    ],
    [
      "a server that never responds, after one timeout for all checks",
      "slow",
      "http://127.0.0.1:6443 does not respond within 10 s; open the firewall, VPN or proxy",
    ],
  ];
  for (const [title, fault, line] of faults) {
    it(`fails at ${title}`, async () => {
      const start = Date.now();
      assert.deepEqual(await linesWith(fault), [`${REACHABLE}: fail: ${line}`, ...LATER]);
      assert.ok(Date.now() - start < 15_000);
    });
  }

  it("fails at a name that does not resolve", async () => {
    const kubeconfig = kubeconfigOf("https://no-such-host.invalid:6443");
    const [line = ""] = await runManagementChecks([REACHABLE], { kubeconfig });
    assert.match(
      line,
      /fail: no-such-host\.invalid does not resolve \(\w+\); correct the name, or the DNS of this machine$/,
    );
  });

  const kubeconfigs: [title: string, kubeconfig: string, line: string][] = [
    ["an invalid kubeconfig", "clusters: [", "the kubeconfig is not valid; set a kubeconfig in management.kubeconfig"],
    ["a missing kubeconfig", "", "the file of management.kubeconfig does not exist; set an existing kubeconfig"],
    [
      "an unknown context",
      kubeconfigOf("https://127.0.0.1:9"),
      'the kubeconfig has no context "unknown"; set another one in management.context',
    ],
  ];
  for (const [title, kubeconfig, line] of kubeconfigs) {
    it(`fails at ${title}`, async () => {
      const lines = await runManagementChecks([REACHABLE], { kubeconfig, context: "unknown" });
      assert.deepEqual(lines, [`${REACHABLE}: fail: ${line}`]);
    });
  }
});

const UID = "11111111-2222-3333-4444-555555555555";
const OTHER_UID = "99999999-2222-3333-4444-555555555555";
const kubeSystem = live("v1 Namespace kube-system", { metadata: { name: "kube-system", uid: UID } });
const name = "demo-nutanix-identity-resource-template";
const own = live(`v1 ConfigMap kcm-system/${name}`, {
  metadata: { name, labels: { "k0rdent-nutanix/stack": "k0rdent-nutanix.dev" } },
});

describeCheck("management-cluster-is-unchanged", {
  "passes on the recorded UID": [
    { objects: [kubeSystem], recorded: { uid: UID } },
    ": pass: kube-system has the UID recorded in the stack, 11111111-2222-3333-4444-555555555555",
  ],
  "fails on another UID": [
    { objects: [kubeSystem], recorded: { uid: OTHER_UID } },
    ": fail: kube-system has UID 11111111-2222-3333-4444-555555555555, and this stack was applied to 99999999-2222-3333-4444-555555555555; set the kubeconfig and context of that cluster, or use another stack for this one",
  ],
  "passes where the stack's own objects exist": [
    { objects: [kubeSystem, own] },
    ": pass: objects of k0rdent-nutanix.dev exist here; kube-system has UID 11111111-2222-3333-4444-555555555555",
  ],
  "passes where the state records no cluster": [
    { objects: [kubeSystem], recorded: { uid: undefined } },
    ": pass: the stack was applied to no cluster yet; kube-system has UID 11111111-2222-3333-4444-555555555555",
  ],
  "is inconclusive without either": [
    { objects: [kubeSystem] },
    ": inconclusive: no object of k0rdent-nutanix.dev exists here, and the stack's state was not read; kube-system has UID 11111111-2222-3333-4444-555555555555; run pulumi up, which compares the UID with its state before it writes",
  ],
});
