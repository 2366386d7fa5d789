import assert from "node:assert/strict";
import { kubeconfigOf, standIn } from "./api-stand-in.ts";
import { describeCheck, live } from "./failing-management-checks.ts";
import { ask } from "./run-check.ts";

const IDS = ["management-cluster-is-reachable", "management-cluster-authentication-succeeds", "kcm-version-matches"];
const NOT_ASKED =
  "kcm-version-matches: not known: the management cluster cannot be asked; management-cluster-is-reachable says why";
const NO_LOGIN =
  "management-cluster-authentication-succeeds: not known: it is not reached; management-cluster-is-reachable says why";

async function lines(fault?: "cut" | "slow" | "unauthorized" | "failing"): Promise<string[]> {
  const api = await standIn(fault === undefined ? {} : { fault });
  try {
    const port = /127\.0\.0\.1:(\d+)/.exec(api.kubeconfig)?.[1] ?? "";
    return (await ask(IDS, { kubeconfig: api.kubeconfig })).map((line) => line.replaceAll(port, "6443"));
  } finally {
    await api.close();
  }
}

describe("the way to the management cluster", function () {
  this.timeout(30_000);

  it("is told with version and user where it answers", async () => {
    assert.deepEqual((await lines()).slice(0, 2), [
      "management-cluster-is-reachable: pass: http://127.0.0.1:6443 answers: Kubernetes v1.33.0",
      "management-cluster-authentication-succeeds: pass: logged in as jane",
    ]);
  });

  it("ends at a login that is not known", async () => {
    assert.deepEqual(await lines("unauthorized"), [
      "management-cluster-is-reachable: pass: http://127.0.0.1:6443 answers",
      "management-cluster-authentication-succeeds: fail: http://127.0.0.1:6443 does not know the login: its token or certificate has expired or is of another cluster; get a new kubeconfig, or log in again, and check that context and file are the right ones",
      "kcm-version-matches: not known: the management cluster cannot be asked; management-cluster-authentication-succeeds says why",
    ]);
  });

  it("ends at a connection that is cut", async () => {
    assert.deepEqual(await lines("cut"), [
      "management-cluster-is-reachable: fail: 127.0.0.1:6443 cuts the connection (ECONNRESET); look at the server, and at what is between here and there",
      NO_LOGIN,
      NOT_ASKED,
    ]);
  });

  it("ends at a server that fails", async () => {
    assert.deepEqual(await lines("failing"), [
      "management-cluster-is-reachable: fail: http://127.0.0.1:6443 answered 500; look at the API server's log, and at what it stores in",
      NO_LOGIN,
      NOT_ASKED,
    ]);
  });

  it("ends at a server that never answers, which costs one deadline for all checks", async () => {
    const begin = Date.now();
    assert.deepEqual(await lines("slow"), [
      "management-cluster-is-reachable: fail: http://127.0.0.1:6443 does not answer within 10 s; open a way from this machine: VPN, firewall, proxy",
      NO_LOGIN,
      NOT_ASKED,
    ]);
    assert.ok(Date.now() - begin < 15_000);
  });

  it("ends at a name that does not resolve", async () => {
    const kubeconfig = kubeconfigOf("https://no-such-host.invalid:6443");
    const [reachable] = await ask(["management-cluster-is-reachable"], { kubeconfig });
    assert.match(
      reachable ?? "",
      /^management-cluster-is-reachable: fail: no-such-host\.invalid does not resolve \((ENOTFOUND|EAI_AGAIN)\); correct the name, or the DNS of this machine$/,
    );
  });

  it("ends at a kubeconfig that is none, and at a context that is not in it", async () => {
    assert.deepEqual(await ask(["management-cluster-is-reachable"], { kubeconfig: "clusters: [" }), [
      "management-cluster-is-reachable: fail: the kubeconfig cannot be read; name a kubeconfig in management.kubeconfig",
    ]);
    assert.deepEqual(await ask(["management-cluster-is-reachable"], { kubeconfig: "" }), [
      "management-cluster-is-reachable: fail: there is no kubeconfig where management.kubeconfig says; name a file that is there",
    ]);
    assert.deepEqual(
      await ask(["management-cluster-is-reachable"], {
        kubeconfig: kubeconfigOf("https://127.0.0.1:9"),
        context: "gone",
      }),
      [
        'management-cluster-is-reachable: fail: the kubeconfig\'s context "gone" names no cluster; name another one in management.context',
      ],
    );
  });

  it("is asked once, whatever the number of checks", async () => {
    const api = await standIn({ kinds: ["v1 Service"] });
    try {
      await ask(
        [
          "management-cluster-is-reachable",
          "management-cluster-authentication-succeeds",
          "load-balancer-serves-endpoint",
          "namespace-exists",
          "kcm-version-matches",
          "k0smotron-is-compatible",
        ],
        {
          kubeconfig: api.kubeconfig,
        },
      );
      assert.deepEqual(new Set(api.calls).size, api.calls.length, api.calls.join("\n"));
    } finally {
      await api.close();
    }
  });

  it("is kept out of what is told: no token stands in any answer", async () => {
    for (const fault of [undefined, "cut", "unauthorized", "failing"] as const) {
      assert.ok(!(await lines(fault)).join().includes("token-of-the-stand-in"));
    }
  });
});

const UID = "11111111-2222-3333-4444-555555555555";
const kubeSystem = live("v1 Namespace kube-system", { metadata: { name: "kube-system", uid: UID } });
const own = live("v1 ConfigMap kcm-system/demo-nutanix-identity-resource-template", {
  metadata: {
    name: "demo-nutanix-identity-resource-template",
    labels: { "k0rdent-nutanix/stack": "k0rdent-nutanix.dev" },
  },
});

describeCheck("management-cluster-is-unchanged", {
  "passes on the UID that the stack remembers": {
    objects: [kubeSystem],
    remembered: { uid: UID },
    says: [`: pass: kube-system has the UID that the stack remembers, ${UID}`],
  },
  "fails on another": {
    objects: [kubeSystem],
    remembered: { uid: "99999999-2222-3333-4444-555555555555" },
    says: [
      `: fail: kube-system has UID ${UID} here, and this stack was applied to 99999999-2222-3333-4444-555555555555; name the kubeconfig and context of that cluster, or use another stack for this one`,
    ],
  },
  "passes where the stack's own objects are": {
    objects: [kubeSystem, own],
    says: [`: pass: objects of k0rdent-nutanix.dev are here; kube-system has UID ${UID}`],
  },
  "passes where the state was read, and remembers no cluster yet": {
    objects: [kubeSystem],
    remembered: { uid: undefined },
    says: [`: pass: the stack was applied to no cluster yet; kube-system has UID ${UID}`],
  },
  "does not know without either": {
    objects: [kubeSystem],
    says: [
      `: not known: no object of k0rdent-nutanix.dev is here, and the stack's state was not read; kube-system has UID ${UID}; pulumi up compares the UID with its state before it writes anything`,
    ],
  },
});
