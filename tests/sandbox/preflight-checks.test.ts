import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { chartRenderer } from "../../cli/stack/chart-renderer.ts";
import { PROJECT } from "../../cli/stack/paths.ts";
import { connectKubernetes, type KubernetesClient } from "../../kubernetes/client.ts";
import { objectPath } from "../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import type { KubernetesObject, ObjectReference } from "../../kubernetes/object.ts";
import { type Manifest, STACK_LABEL } from "../../manifests/manifest.ts";
import { clusterManifests, sharedManifests } from "../../manifests/stack-manifests.ts";
import { clearFailures, injectFailures } from "../../sandbox/controllers/failures.ts";
import { SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox } from "../../sandbox/sandbox-cluster.ts";
import type { Stack } from "../../schema/stack.ts";
import { IDENTITY, type StackSettings } from "../preflight/check-context.ts";
import { ALL, devStack, type ManagementRun, runManagementChecks } from "../preflight/management/management-scenario.ts";
import { requireTools } from "../support/skip.ts";

const run = promisify(execFile);
type Live = KubernetesObject<any, any>;
const K0RDENT = "/apis/k0rdent.mirantis.com/v1beta1";
const TEMPLATES = `${K0RDENT}/namespaces/kcm-system/clustertemplates`;
const WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
/** What a preflight could have changed. */
const WATCHED = [
  ...["secrets", "configmaps"].map((plural) => `/api/v1/namespaces/kcm-system/${plural}`),
  ...["credentials", "clusterdeployments"].map((plural) => `${K0RDENT}/namespaces/kcm-system/${plural}`),
  `${K0RDENT}/managements`,
].map((path) => `${path}?labelSelector=${encodeURIComponent(`${STACK_LABEL}=${IDENTITY}`)}`);
const CLUSTER_CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/clusterdeployments.k0rdent.mirantis.com";

/** What a user who may read everything lacks. */
const LACKING = [
  "create, patch, update, delete secrets in kcm-system",
  "create, patch configmaps in kcm-system",
  "create, patch namespaces",
  "create, patch managements.k0rdent.mirantis.com",
  "create, patch credentials.k0rdent.mirantis.com in kcm-system",
  "create, patch clusterdeployments.k0rdent.mirantis.com in kcm-system",
  "create, patch clustertemplates.k0rdent.mirantis.com in kcm-system",
  "create, patch, escalate, bind clusterroles.rbac.authorization.k8s.io",
  "create, patch clusterrolebindings.rbac.authorization.k8s.io",
  "create, patch deployments.apps in kcm-system",
  "create, patch services in kcm-system",
  "create, patch networkpolicies.networking.k8s.io in kcm-system",
  "create, patch helmrepositories.source.toolkit.fluxcd.io in kcm-system",
  "create, patch providertemplates.k0rdent.mirantis.com",
  "create, patch clustertemplatechains.k0rdent.mirantis.com in kcm-system",
  "create, patch customresourcedefinitions.apiextensions.k8s.io",
  "create, patch roles.rbac.authorization.k8s.io in kcm-system",
  "create, patch rolebindings.rbac.authorization.k8s.io in kcm-system",
  "create, patch serviceaccounts in kcm-system",
];

describe("the preflight on a management cluster", function () {
  this.timeout(240_000);
  const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-preflight-"));
  let tools: ToolPaths<SandboxTool>;
  let sandbox: Sandbox;
  let client: KubernetesClient;
  let kubeconfig: string;
  let stack: Stack;
  const changed = (change: (settings: StackSettings) => void) =>
    devStack((settings) => {
      settings["management"].kcm.chart = sandbox.kcmChart;
      change(settings);
    });
  let pulumi: KubernetesClient;
  const adopting = () =>
    changed((settings) => {
      settings["management"].adopt = true;
    });

  before(async function () {
    tools = await requireTools(this, SANDBOX_TOOLS);
    sandbox = await createSandbox({ name: "preflight", directory, tools });
    client = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) }, "k0rdent-nutanix-sandbox");
    kubeconfig = readFileSync(sandbox.kubeconfig, "utf8");
    stack = changed(() => undefined);
    const access = { kubeconfig: readKubeconfig(sandbox.kubeconfig) };
    pulumi = await connectKubernetes(access, "pulumi-kubernetes-0a1b2c3d");
  });

  after(async () => {
    await deleteSandbox(directory);
    rmSync(directory, { recursive: true, force: true });
  });

  async function until(path: string, isSo: (object: Live) => boolean, limit = 60_000): Promise<void> {
    const end = Date.now() + limit;
    for (;;) {
      const last = await client.get<Live>(path).catch(() => undefined);
      if (last && isSo(last)) return;
      if (Date.now() > end) throw new Error(`${path} did not become so: ${JSON.stringify(last?.status)}`);
      await sleep(50);
    }
  }

  const about = (lines: readonly string[], ...ids: string[]) =>
    lines.filter((line) => ids.some((id) => line.startsWith(`${id}:`) || line.startsWith(`${id} [`)));
  const faults = (lines: readonly string[]) => lines.filter((line) => line.includes(": fail:"));
  /** Writes objects as Pulumi's provider does: server-side apply under a manager of its own, with the stack's label. */
  async function written(manifests: readonly Manifest[], identity = IDENTITY): Promise<void> {
    for (const manifest of manifests) {
      const { labels } = manifest.metadata;
      const metadata = { ...manifest.metadata, labels: { ...labels, [STACK_LABEL]: identity } };
      const secret = manifest.kind === "Secret" ? { stringData: { credentials: "[]" } } : {};
      await pulumi.apply({ ...manifest, ...secret, metadata });
    }
  }

  const helm = (name: string, chart: string, ...more: string[]) => {
    const place = ["--namespace", "kcm-system", "--kubeconfig", sandbox.kubeconfig];
    return run(tools.helm, ["install", name, chart, ...place, ...more]);
  };

  /** The sandbox's kubeconfig, changed. */
  function edited(change: (config: any) => void): string {
    const config = parse(kubeconfig);
    change(config);
    return stringify(config);
  }

  /** A user who may look at everything and change nothing. */
  async function readOnly(undo: Undo): Promise<string> {
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    const name = "reader";
    const account = `/api/v1/namespaces/default/serviceaccounts/${name}`;
    const objects: [string, object][] = [
      [account, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "default" } }],
      [
        `${rbac}/clusterroles/${name}`,
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRole",
          metadata: { name },
          rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] }],
        },
      ],
      [
        `${rbac}/clusterrolebindings/${name}`,
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRoleBinding",
          metadata: { name },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
          subjects: [{ kind: "ServiceAccount", name, namespace: "default" }],
        },
      ],
    ];
    for (const [path, object] of objects) {
      await client.apply(object as ObjectReference, { path });
      undo(() => client.delete(path));
    }
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const { text } = await pulumi.request({ method: "POST", path: `${account}/token`, body });
    const { token } = (JSON.parse(text) as { status: { token: string } }).status;
    return edited((config) => {
      config.users[0].user = { token };
    });
  }

  /** A webhook that takes no Credential, with code 422; returns its port. */
  async function refusing(undo: Undo): Promise<number> {
    const { cert, key } = certificates();
    const server = createServer({ cert, key }, async (request, response) => {
      let text = "";
      for await (const part of request.setEncoding("utf8")) text += part;
      const { uid } = (JSON.parse(text) as { request: { uid: string } }).request;
      const status = { code: 422, reason: "Invalid", message: "spec.description: Invalid value: too plain" };
      const answer = {
        apiVersion: "admission.k8s.io/v1",
        kind: "AdmissionReview",
        response: { uid, allowed: false, status },
      };
      response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    undo(async () => {
      server.close();
      server.closeAllConnections();
    });
    return (server.address() as AddressInfo).port;
  }

  function certificates(): { ca: string; cert: string; key: string } {
    return JSON.parse(readFileSync(join(directory, "controllers", "certificates.json"), "utf8"));
  }

  /** Makes the API server ask a webhook at a port of this machine about every Credential. */
  async function registered(undo: Undo, port: number): Promise<void> {
    const path = `${WEBHOOKS}/test`;
    await client.apply(
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        metadata: { name: "test" },
        webhooks: [
          {
            name: "credentials.example.com",
            admissionReviewVersions: ["v1"],
            sideEffects: "None",
            clientConfig: {
              url: `https://127.0.0.1:${port}/`,
              caBundle: Buffer.from(certificates().ca).toString("base64"),
            },
            rules: [
              {
                apiGroups: ["k0rdent.mirantis.com"],
                apiVersions: ["v1beta1"],
                operations: ["CREATE", "UPDATE"],
                resources: ["credentials"],
              },
            ],
          },
        ],
      },
      { path: path },
    );
    undo(() => client.delete(path));
    await sleep(1_500);
  }

  it("finds no fault before kcm is there: what is missing comes with this up", async () => {
    await until("/api/v1/nodes/sandbox", ({ status }) => status?.conditions?.[0]?.status === "True");
    const lines = await runManagementChecks(ALL, { kubeconfig, stack });
    assert.deepEqual(faults(lines), []);
    const later = (words: string) => `this up installs what ${words} need`;
    assert.deepEqual(
      about(
        lines,
        "kcm-version-matches",
        "namespace-exists",
        "kinds-are-served",
        "shared-objects-are-admitted",
        "cluster-is-admitted",
      ),
      [
        "kcm-version-matches: pass: kcm is not installed: this up installs 1.2.0",
        "namespace-exists: pass: this up creates the namespace kcm-system",
        "kinds-are-served: pass: this up installs Management (k0rdent.mirantis.com/v1beta1), Credential (k0rdent.mirantis.com/v1beta1), ClusterDeployment (k0rdent.mirantis.com/v1beta1)",
        `shared-objects-are-admitted: pass: 1 of 4 objects are accepted in a dry run; ${later("Secret/nutanix-creds, ConfigMap/nutanix-charts, Management/kcm")}`,
        `cluster-is-admitted [demo]: pass: 0 of 5 objects are accepted in a dry run; ${later("Secret/demo-nutanix-identity, ConfigMap/demo-nutanix-identity-resource-template, Credential/demo-nutanix, Secret/demo-encryption-at-rest, ClusterDeployment/demo")}`,
        `cluster-is-admitted [edge]: pass: 0 of 7 objects are accepted in a dry run; ${later("Secret/edge-nutanix-identity, ConfigMap/edge-nutanix-identity-resource-template, Credential/edge-nutanix, Secret/edge-capx-credentials, ConfigMap/edge-pc-ca, Secret/edge-encryption-at-rest, ClusterDeployment/edge")}`,
      ],
    );
  });

  it("names what is missing where this up brings no kcm", async () => {
    const lines = await runManagementChecks(ALL, { kubeconfig, stack: adopting() });
    const bring = "set management.adopt: false to install kcm, or the kubeconfig of the cluster that has one";
    assert.deepEqual(faults(lines), [
      `kcm-version-matches: fail: kcm is not installed, and management.adopt is true; ${bring}`,
      `management-is-healthy: fail: Management kcm does not exist, and management.adopt is true; ${bring}`,
      "cert-manager-is-ready: fail: cert-manager is not installed: the webhooks of kcm, CAPX and k0smotron get no certificates; install cert-manager, or let kcm install it",
      `namespace-exists: fail: the namespace kcm-system does not exist, and management.adopt is true; ${bring}`,
      "kinds-are-served: fail: Credential (k0rdent.mirantis.com/v1beta1), ClusterDeployment (k0rdent.mirantis.com/v1beta1) are not served, and this up does not install their definitions; restore kcm's definitions with helm upgrade of its release, or set management.adopt: false where kcm is not installed",
    ]);
  });

  interface Question extends Partial<ManagementRun> {
    readonly ids: readonly string[];
  }
  type Undo = (step: () => Promise<unknown>) => void;

  /** How something is brought about, and what the preflight says of it. */
  interface Case {
    bring(undo: Undo): Promise<Question>;
    says(): string[];
  }
  /** What makes an up fail, and a preview say nothing, too little or too much. */
  interface Condition {
    /** What the management cluster has: nothing, kcm without templates, or a kcm that is ready. */
    readonly at: "nothing" | "kcm" | "ready";
    readonly faults: readonly Case[];
    /** The same on the day on which this very up brings what is missing: no fault. */
    readonly dayZero?: Case;
  }
  const asking = (ids: readonly string[], more: () => Partial<ManagementRun> = () => ({})) => ({
    bring: async () => ({ ids, ...more() }),
  });
  const installed = () =>
    changed((settings) => {
      settings["capx"] = { managedExternally: true };
    });
  const BRING = "set management.adopt: false to install kcm, or the kubeconfig of the cluster that has one";

  const CONDITIONS: Readonly<Record<string, Condition>> = {
    "API server unreachable": {
      at: "ready",
      faults: [
        {
          bring: async () => ({
            ids: [
              "management-cluster-is-reachable",
              "management-cluster-authentication-succeeds",
              "cluster-is-admitted",
            ],
            kubeconfig: edited((config) => {
              config.clusters[0].cluster.server = "https://127.0.0.1:9";
            }),
          }),
          says: () => [
            "management-cluster-is-reachable: fail: the connection to 127.0.0.1:9 is refused (ECONNREFUSED); start the server, correct address and port, or open the firewall, VPN or proxy",
            "management-cluster-authentication-succeeds: inconclusive: no connection; see management-cluster-is-reachable",
            "cluster-is-admitted [demo]: inconclusive: no connection to the management cluster; see management-cluster-is-reachable",
          ],
        },
      ],
    },
    "token expired or wrong": {
      at: "ready",
      faults: [
        {
          bring: async () => ({
            ids: [
              "management-cluster-is-reachable",
              "management-cluster-authentication-succeeds",
              "cluster-is-admitted",
            ],
            kubeconfig: edited((config) => {
              config.users[0].user = { token: "of-yesterday" };
            }),
          }),
          says: () => [
            `management-cluster-is-reachable: pass: ${sandbox.server} answers`,
            `management-cluster-authentication-succeeds: fail: ${sandbox.server} rejects the login: its token or certificate has expired, or is for another cluster; get a new kubeconfig, or log in again, and check the context`,
            "cluster-is-admitted [demo]: inconclusive: no connection to the management cluster; see management-cluster-authentication-succeeds",
          ],
        },
      ],
    },
    "user who may only read": {
      at: "ready",
      faults: [
        {
          bring: async (undo) => ({
            ids: ["management-permissions-are-sufficient", "cluster-is-admitted"],
            kubeconfig: await readOnly(undo),
          }),
          says: () => [
            `management-permissions-are-sufficient: fail: system:serviceaccount:default:reader may not ${LACKING.join("; ")}; bind a role with these permissions to the user, or use a kubeconfig of a cluster administrator`,
            "cluster-is-admitted [demo]: inconclusive: no dry run of Secret/demo-nutanix-identity, ConfigMap/demo-nutanix-identity-resource-template, Credential/demo-nutanix, Secret/demo-encryption-at-rest, ClusterDeployment/demo: the user may not write them",
          ],
        },
      ],
    },
    "object of somebody else": {
      at: "ready",
      faults: [
        {
          bring: async (undo) => {
            const [secret, configMap] = clusterManifests("demo", stack);
            await written([secret as Manifest], "k0rdent-nutanix.other");
            undo(() => client.delete(objectPath(secret as Manifest)));
            await client.apply(configMap as Manifest);
            undo(() => client.delete(objectPath(configMap as Manifest)));
            return { ids: ["objects-do-not-conflict"] };
          },
          says: () => [
            "objects-do-not-conflict: fail: kcm-system/Secret/demo-nutanix-identity is managed by the stack k0rdent-nutanix.other; use another name in the stack file, or delete the object if it is unused",
            "objects-do-not-conflict: fail: kcm-system/ConfigMap/demo-nutanix-identity-resource-template exists and is not managed by this stack; use another name in the stack file, or delete the object if it is unused",
          ],
        },
      ],
    },
    "kind not served": {
      at: "nothing",
      faults: [
        {
          ...asking(["kinds-are-served"], () => ({ stack: adopting() })),
          says: () => [
            "kinds-are-served: fail: Credential (k0rdent.mirantis.com/v1beta1), ClusterDeployment (k0rdent.mirantis.com/v1beta1) are not served, and this up does not install their definitions; restore kcm's definitions with helm upgrade of its release, or set management.adopt: false where kcm is not installed",
          ],
        },
      ],
      dayZero: {
        ...asking(["kinds-are-served", "cluster-is-admitted"]),
        says: () => [
          "kinds-are-served: pass: this up installs Management (k0rdent.mirantis.com/v1beta1), Credential (k0rdent.mirantis.com/v1beta1), ClusterDeployment (k0rdent.mirantis.com/v1beta1)",
          "cluster-is-admitted [demo]: pass: 0 of 5 objects are accepted in a dry run; this up installs what Secret/demo-nutanix-identity, ConfigMap/demo-nutanix-identity-resource-template, Credential/demo-nutanix, Secret/demo-encryption-at-rest, ClusterDeployment/demo need",
        ],
      },
    },
    "namespace missing": {
      at: "nothing",
      faults: [
        {
          ...asking(["namespace-exists"], () => ({ stack: adopting() })),
          says: () => [
            `namespace-exists: fail: the namespace kcm-system does not exist, and management.adopt is true; ${BRING}`,
          ],
        },
      ],
      dayZero: {
        ...asking(["namespace-exists"]),
        says: () => ["namespace-exists: pass: this up creates the namespace kcm-system"],
      },
    },
    "webhook denies with 403": {
      at: "ready",
      faults: [
        {
          bring: async (undo) => {
            injectFailures(directory, ["credential-rejected"]);
            undo(async () => clearFailures(directory));
            await sleep(1_000);
            const manifests = clusterManifests("demo", stack).slice(0, 3);
            await written(manifests);
            for (const manifest of manifests) undo(() => client.delete(objectPath(manifest)));
            await until(
              objectPath(manifests[2] as Manifest),
              ({ status }) => status?.ready === false && status.conditions,
            );
            return { ids: ["cluster-is-admitted"] };
          },
          says: () => [
            "cluster-is-admitted [demo]: fail: ClusterDeployment/demo is denied by the webhook validation.clusterdeployment.k0rdent.mirantis.com (403): the ClusterDeployment is invalid: the Credential kcm-system/demo-nutanix is not Ready; fix this; the up would fail at once",
          ],
        },
      ],
    },
    "webhook denies with 404": {
      at: "kcm",
      faults: [
        {
          ...asking(["cluster-is-admitted"], () => ({ stack: installed() })),
          says: () => [
            'cluster-is-admitted [demo]: fail: ClusterDeployment/demo is denied by the webhook validation.clusterdeployment.k0rdent.mirantis.com (404): the ClusterDeployment is invalid: ClusterTemplate.k0rdent.mirantis.com "nutanix-k0s-hcp-1-0-0" not found; create what it refers to first, or correct the name',
          ],
        },
      ],
      dayZero: {
        ...asking(["cluster-is-admitted"]),
        says: () => [
          "cluster-is-admitted [demo]: pass: 4 of 5 objects are accepted in a dry run; this up installs what ClusterDeployment/demo need",
        ],
      },
    },
    "webhook denies with 422, schema does not take it, webhook down": {
      at: "ready",
      faults: [
        {
          bring: async (undo) => {
            await registered(undo, await refusing(undo));
            return { ids: ["cluster-is-admitted"] };
          },
          says: () => [
            "cluster-is-admitted [demo]: fail: Credential/demo-nutanix is denied by the webhook credentials.example.com (422): spec.description: Invalid value: too plain; fix this; the up would fail at once",
          ],
        },
        {
          bring: async (undo) => {
            const definition = (await client.get<Live>(CLUSTER_CRD))!;
            const { versions } = structuredClone(definition.spec);
            undo(() => client.merge(CLUSTER_CRD, { spec: { versions: definition.spec.versions } }));
            for (const one of versions)
              delete one.schema.openAPIV3Schema.properties.spec.properties.propagateCredentials;
            await client.merge(CLUSTER_CRD, { spec: { versions } });
            for (const end = Date.now() + 20_000; Date.now() < end; await sleep(200)) {
              if (
                faults(await runManagementChecks(["cluster-is-admitted"], { kubeconfig, stack, clusters: ["demo"] }))
                  .length > 0
              )
                break;
            }
            return { ids: ["cluster-is-admitted"] };
          },
          says: () => [
            "cluster-is-admitted [demo]: fail: ClusterDeployment/demo does not match its schema (500): failed to create typed patch object (kcm-system/demo; k0rdent.mirantis.com/v1beta1, Kind=ClusterDeployment): .spec.propagateCredentials: field not declared in schema; use a kcm version whose definitions have these fields, or correct the value in the stack file",
          ],
        },
        {
          bring: async (undo) => {
            await registered(undo, 9);
            return { ids: ["cluster-is-admitted"] };
          },
          says: () => [
            "cluster-is-admitted [demo]: fail: Credential/demo-nutanix cannot be written: the webhook credentials.example.com does not answer (dial tcp 127.0.0.1:9: connect: connection refused); start the pods of the webhook, or delete its configuration if they are uninstalled: kubectl get validatingwebhookconfigurations",
          ],
        },
      ],
    },
    "chart registry down": {
      at: "ready",
      faults: [
        {
          bring: async () => ({
            ids: ["kcm-chart-exists"],
            stack: changed((settings) => {
              settings["management"].kcm.chart = "oci://127.0.0.1:9/charts/kcm";
            }),
          }),
          says: () => [
            "kcm-chart-exists: fail: the connection to 127.0.0.1:9 is refused (ECONNREFUSED); start the server, correct address and port, or open the firewall, VPN or proxy; or set another chart source",
          ],
        },
      ],
    },
    "Credential and ClusterDeployment new together": {
      at: "ready",
      // kcm's webhook says 404 for the Credential, and so a preview fails on what the up does well.
      faults: [],
      dayZero: {
        ...asking(["cluster-is-admitted"]),
        says: () => [
          "cluster-is-admitted [demo]: pass: 4 of 5 objects are accepted in a dry run; this up installs what ClusterDeployment/demo need",
        ],
      },
    },
  };

  it("has eleven conditions to find, each by a fault, its day zero, or both", () => {
    const all = Object.values(CONDITIONS);
    assert.equal(all.length, 11);
    assert.ok(all.every(({ faults, dayZero }) => faults.length > 0 || dayZero !== undefined));
  });

  async function meets({ bring, says }: Case): Promise<void> {
    const steps: (() => Promise<unknown>)[] = [];
    try {
      const { ids, ...more } = await bring((step) => steps.push(step));
      assert.deepEqual(await runManagementChecks(ids, { kubeconfig, stack, clusters: ["demo"], ...more }), says());
    } finally {
      for (const step of steps.reverse()) await step();
    }
  }

  function conditionsAt(stage: Condition["at"]): void {
    for (const [condition, { at, faults, dayZero }] of Object.entries(CONDITIONS)) {
      if (at !== stage) continue;
      if (faults.length > 0) {
        it(`finds: ${condition}`, async () => {
          for (const fault of faults) await meets(fault);
        });
      }
      if (dayZero !== undefined) it(`finds no fault on day zero: ${condition}`, () => meets(dayZero));
    }
  }

  /** What is said of the contents of the Helm release of the provider, or of another chart of one template. */
  async function contents(template?: string): Promise<string[]> {
    const chart = join(directory, "other-chart");
    if (template !== undefined) {
      mkdirSync(join(chart, "templates"), { recursive: true });
      writeFileSync(join(chart, "Chart.yaml"), "{apiVersion: v2, name: other, version: 1.0.0}\n");
      writeFileSync(join(chart, "templates", "other.yaml"), template);
    }
    const other = changed((settings) => {
      settings["capx"] = { chart };
    });
    const renderChart = chartRenderer(tools.helm);
    return runManagementChecks(["release-contents-are-admitted"], {
      kubeconfig,
      renderChart,
      stack: template === undefined ? stack : other,
    });
  }

  describe("with nothing on it", () => {
    conditionsAt("nothing");

    it("finds no fault in what a Helm release contains: its namespace and kinds come with this up", async () => {
      const [line] = await contents();
      assert.match(
        line ?? "",
        /^release-contents-are-admitted: pass: 2 of 12 objects are accepted in a dry run; this up installs what .*ProviderTemplate\/.* need$/,
      );
    });
  });

  describe("with kcm on it, and none of its templates", () => {
    before(async () => {
      await written(sharedManifests(stack).slice(2, 3));
      await helm("kcm", sandbox.kcmChart, "--set", "controller.createManagement=false");
      await until(`${K0RDENT}/releases/kcm-1-2-0`, ({ status }) => status?.ready === true);
      await written(sharedManifests(stack));
      await until(`${WEBHOOKS}/kcm-validating-webhook-configuration`, () => true);
    });

    conditionsAt("kcm");

    it("accepts what the Helm release of the provider contains, before it is there", async () => {
      assert.deepEqual(await contents(), [
        "release-contents-are-admitted: pass: 12 of 12 objects are accepted in a dry run",
      ]);
    });

    it("finds what the API server would not take of a Helm release, and a chart that Helm does not render", async () => {
      const map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: kcm-system}\n";
      assert.deepEqual(await contents(`${map}data: [no, map]\n`), [
        "release-contents-are-admitted: fail: ConfigMap/other does not match its schema (500): failed to create typed patch object (kcm-system/other; /v1, Kind=ConfigMap): .data: expected map, got &{[no map]}; use a kcm version whose definitions have these fields, or correct the value in the stack file",
      ]);
      assert.deepEqual(await contents(`${map}data: {{ fail "no values" }}\n`), [
        "release-contents-are-admitted: inconclusive: Helm fails to render nutanix-capx: execution error at (other/templates/other.yaml:4:9): no values",
      ]);
    });
  });

  describe("with a kcm that is ready", () => {
    before(async () => {
      await helm("nutanix-capx", join(PROJECT, "charts", "nutanix-capx"));
      await until(`${TEMPLATES}/nutanix-k0s-standalone-1-0-0`, ({ status }) => status?.valid === true);
      await until(`${TEMPLATES}/nutanix-k0s-hcp-1-0-0`, ({ status }) => status?.valid === true);
    });

    it("finds no fault on a kcm that is ready, and none in a cluster that comes with its Credential", async () => {
      const lines = await runManagementChecks(ALL, { kubeconfig, stack });
      assert.deepEqual(faults(lines), []);
      assert.deepEqual(
        about(lines, "kcm-version-matches", "management-is-healthy", "cluster-charts-exist", "cluster-is-admitted"),
        [
          "kcm-version-matches: pass: kcm 1.2.0 runs",
          "management-is-healthy: pass: Management kcm is ready, with 5 components",
          "cluster-charts-exist: pass: HelmRepository nutanix-charts is ready",
          "cluster-is-admitted [demo]: pass: 4 of 5 objects are accepted in a dry run; this up installs what ClusterDeployment/demo need",
          "cluster-is-admitted [edge]: pass: 6 of 7 objects are accepted in a dry run; this up installs what ClusterDeployment/edge need",
        ],
      );
    });

    conditionsAt("ready");

    it("accepts every object of a cluster that is there", async () => {
      const manifests = clusterManifests("demo", stack);
      await written(manifests.slice(0, -1));
      await until(objectPath(manifests[2] as Manifest), ({ status }) => status?.ready === true);
      await written(manifests.slice(-1));
      const lines = await runManagementChecks(["cluster-is-admitted", "objects-do-not-conflict"], {
        kubeconfig,
        stack,
        clusters: ["demo"],
      });
      assert.deepEqual(lines, [
        "cluster-is-admitted [demo]: pass: 5 of 5 objects are accepted in a dry run",
        "objects-do-not-conflict: pass: none of 16 objects conflicts with an existing one",
      ]);
    });

    it("finds a field that somebody else writes too", async () => {
      const { apiVersion, kind, spec } = clusterManifests("demo", stack).at(-1) as Manifest;
      const { template } = spec as { template: string };
      const metadata = { name: "demo", namespace: "kcm-system" };
      // The sandbox's own client takes the field by force.
      await client.apply({ apiVersion, kind, metadata, spec: { template, propagateCredentials: false } });
      assert.deepEqual(await runManagementChecks(["cluster-is-admitted"], { kubeconfig, stack, clusters: ["demo"] }), [
        'cluster-is-admitted [demo]: fail: another field manager owns fields of ClusterDeployment/demo: Apply failed with 1 conflict: conflict with "k0rdent-nutanix-sandbox": .spec.propagateCredentials; remove the field from that manager\'s object, or from the stack file',
      ]);
    });

    it("says that a certificate is not trusted", async () => {
      const other = edited((config) => {
        config.clusters[0].cluster["certificate-authority-data"] = Buffer.from(certificates().ca).toString("base64");
      });
      const [line] = await runManagementChecks(["management-cluster-is-reachable"], { kubeconfig: other, stack });
      assert.equal(
        line?.replace(/:\d+ is/, " is"),
        "management-cluster-is-reachable: fail: the certificate of 127.0.0.1 is signed by a CA that is neither in its chain nor in the kubeconfig (UNABLE_TO_VERIFY_LEAF_SIGNATURE); set the CA that issued it as certificate-authority-data in the kubeconfig",
      );
    });

    it("asks a registry for a chart as Helm does: with a token that anybody gets", async () => {
      const asked: string[] = [];
      const { ca, cert, key } = certificates();
      const registry = createServer({ cert, key }, (request, response) => {
        const { pathname, search } = new URL(request.url ?? "", "https://registry");
        asked.push(`${request.method} ${pathname}${search}`);
        if (pathname === "/token") return void response.end(JSON.stringify({ token: "for-anybody" }));
        if (pathname.includes("/private/")) return void response.writeHead(403).end();
        if (request.headers.authorization !== "Bearer for-anybody") {
          const challenge = `Bearer realm="https://${request.headers.host}/token",service="registry",scope="pull"`;
          return void response.writeHead(401, { "www-authenticate": challenge }).end();
        }
        response.writeHead(pathname.endsWith("/charts/kcm/manifests/1.2.0") ? 200 : 404).end();
      });
      await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
      const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
      const line = async (chart: string) => {
        const named = changed((settings) => {
          settings["management"].kcm.chart = `oci://${host}/${chart}`;
        });
        return (await runManagementChecks(["kcm-chart-exists"], { kubeconfig, stack: named }))[0]?.replaceAll(
          host,
          "registry",
        );
      };
      const trusted = getCACertificates("default");
      try {
        assert.equal(
          await line("charts/kcm"),
          "kcm-chart-exists: fail: the certificate of registry is signed by a CA that is neither in its chain nor in what this machine trusts (UNABLE_TO_VERIFY_LEAF_SIGNATURE); add the CA to this machine's: NODE_EXTRA_CA_CERTS for this program, SSL_CERT_FILE for Helm; or set another chart source",
        );
        setDefaultCACertificates([...trusted, ca]);
        assert.equal(await line("charts/kcm"), "kcm-chart-exists: pass: registry has oci://registry/charts/kcm 1.2.0");
        assert.deepEqual(asked, [
          "HEAD /v2/charts/kcm/manifests/1.2.0",
          "GET /token?service=registry&scope=pull",
          "HEAD /v2/charts/kcm/manifests/1.2.0",
        ]);
        assert.equal(
          await line("charts/gone"),
          "kcm-chart-exists: fail: registry has no oci://registry/charts/gone 1.2.0; correct the address or the version",
        );
        assert.equal(
          await line("private/kcm"),
          "kcm-chart-exists: inconclusive: registry requires a login for oci://registry/private/kcm, which the stack file cannot hold; run helm registry login registry, and check it: helm show chart oci://registry/private/kcm --version 1.2.0",
        );
      } finally {
        setDefaultCACertificates(trusted);
        registry.close();
        registry.closeAllConnections();
      }
    });

    it("changes nothing, whatever it asks", async () => {
      const before = await Promise.all(WATCHED.map((path) => client.get<Live>(path)));
      await runManagementChecks(ALL, { kubeconfig, stack });
      const after = await Promise.all(WATCHED.map((path) => client.get<Live>(path)));
      // The generation of what has one: its controllers may write its status meanwhile.
      const versions = (lists: (Live | undefined)[]) =>
        lists.flatMap((list) =>
          (list as any).items.map(({ metadata }: Live) => [
            metadata.name,
            metadata.generation ?? metadata.resourceVersion,
          ]),
        );
      assert.deepEqual(versions(after), versions(before));
    });
  });
});
