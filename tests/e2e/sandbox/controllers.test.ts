import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { ApiError } from "../../../kubernetes/errors.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { layoutOf } from "../../../sandbox/cluster/layout.ts";
import { clearFailures, injectFailures } from "../../../sandbox/controllers/failures.ts";
import { findTools, SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import {
  createSandbox,
  deleteSandbox,
  type Sandbox,
  startApiServer,
  stopApiServer,
} from "../../../sandbox/sandbox-cluster.ts";

const run = promisify(execFile);
const K0RDENT = "/apis/k0rdent.mirantis.com/v1beta1";
const NAMESPACE = "kcm-system";
const MANAGEMENT = `${K0RDENT}/managements/kcm`;
const PROVIDER_TEMPLATE = `${K0RDENT}/providertemplates/cluster-api-provider-nutanix-1-0-0`;
const CLUSTER_TEMPLATE = `${K0RDENT}/namespaces/${NAMESPACE}/clustertemplates/nutanix-k0s-hcp-1-0-0`;
const credential = (name: string) => `${K0RDENT}/namespaces/${NAMESPACE}/credentials/${name}-nutanix`;
const deployment = (name: string) => `${K0RDENT}/namespaces/${NAMESPACE}/clusterdeployments/${name}`;
const core = (plural: string, name: string) => `/api/v1/namespaces/${NAMESPACE}/${plural}/${name}`;
const REPOSITORY = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${NAMESPACE}/helmrepositories/nutanix-charts`;

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}
type Live = KubernetesObject<any, any>;

/** What helm and a user bring, for each cluster named: Secrets, Credential and ClusterDeployment. */
const secret = (name: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: NAMESPACE },
  stringData: { credentials: "[]" },
});
const helmSpec = (chart: string) => ({
  chartSpec: {
    chart,
    version: "1.0.0",
    interval: "10m0s",
    sourceRef: { kind: "HelmRepository", name: "nutanix-charts" },
  },
});
const object = (kind: string, name: string, spec: object, namespaced = true) => ({
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind,
  metadata: { name, ...(namespaced ? { namespace: NAMESPACE } : {}) },
  spec,
});
const management = (extra: object[] = []) =>
  object(
    "Management",
    "kcm",
    {
      release: "kcm-1-2-0",
      core: { kcm: {}, capi: {} },
      providers: [
        { name: "cluster-api-provider-k0sproject-k0smotron" },
        { name: "projectsveltos" },
        {
          name: "cluster-api-provider-nutanix",
          template: "cluster-api-provider-nutanix-1-0-0",
          config: { version: "v1.7.0", configSecret: { name: "nutanix-creds", namespace: NAMESPACE } },
        },
        ...extra,
      ],
    },
    false,
  );
const config = (name: string, host: string) => ({
  nutanix: {
    prismCentral: {
      address: "pc.example.com",
      port: 9440,
      insecure: false,
      usePerClusterCredential: true,
      credentialSecretName: `${name}-capx-credentials`,
    },
    controlPlaneEndpoint: { host, port: 6443 },
  },
  machineDefaults: {
    image: { type: "name", name: "ubuntu" },
    cluster: { type: "name", name: "pe" },
    subnets: [{ type: "name", name: "vlan" }],
  },
  controlPlaneNumber: 3,
  workersNumber: 2,
});
const clusterDeployment = (name: string, more: object = {}) =>
  object("ClusterDeployment", name, {
    template: "nutanix-k0s-hcp-1-0-0",
    credential: `${name}-nutanix`,
    config: { ...config(name, "10.1.1.200"), ...more },
  });

describe("the sandbox's controllers", function () {
  this.timeout(240_000);
  const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-controllers-"));
  let tools: ToolPaths<SandboxTool>;
  let sandbox: Sandbox;
  let client: KubernetesClient;

  before(async function () {
    const found = await findTools(SANDBOX_TOOLS);
    if (found.missing.length > 0) {
      console.log(`      skipped: no ${found.missing.join(", ")}; npm run tools gets them`);
      this.skip();
    }
    tools = found.paths as ToolPaths<SandboxTool>;
    sandbox = await createSandbox({ name: "controllers", directory, tools });
    client = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) }, "k0rdent-nutanix-sandbox");
  });

  after(async () => {
    await deleteSandbox(directory);
    rmSync(directory, { recursive: true, force: true });
  });

  const helm = (...args: string[]) => run(tools.helm, [...args, "--kubeconfig", sandbox.kubeconfig]);

  /** Waits until the object is as it should be; fails with what it was last. */
  async function until(path: string, isSo: (object: Live) => boolean, limit = 60_000): Promise<Live> {
    const end = Date.now() + limit;
    let last: Live | undefined;
    while (Date.now() < end) {
      last = await client.get<Live>(path).catch(() => undefined);
      if (last && isSo(last)) return last;
      await sleep(25);
    }
    throw new Error(`${path} did not become so within ${limit} ms: ${JSON.stringify(last?.status ?? last)}`);
  }
  async function untilGone(path: string, limit = 60_000): Promise<void> {
    const end = Date.now() + limit;
    while (await client.get(path)) {
      if (Date.now() > end)
        throw new Error(`${path} is still there: ${JSON.stringify((await client.get(path))?.metadata)}`);
      await sleep(25);
    }
  }
  const condition = ({ status }: Live, type: string): Condition | undefined =>
    status?.conditions?.find((one: Condition) => one.type === type);
  const isReady = (live: Live) =>
    condition(live, "Ready")?.status === "True" && live.status.observedGeneration === live.metadata.generation;
  const isInstalled = (live: Live) =>
    isReady(live) &&
    live.spec.providers.every(({ name }: { name: string }) => live.status.components?.[name]?.success === true);
  async function refusal(call: Promise<unknown>): Promise<{ code: number; message: string }> {
    const error = await call.then(
      () => assert.fail("it was admitted"),
      (reason) => reason,
    );
    assert.ok(error instanceof ApiError, String(error));
    return { code: error.code, message: error.message };
  }
  async function bring(name: string): Promise<void> {
    for (const suffix of ["nutanix-identity", "capx-credentials"])
      await client.apply(secret(`${name}-${suffix}`), { path: core("secrets", `${name}-${suffix}`) });
    const identityRef = { apiVersion: "v1", kind: "Secret", name: `${name}-nutanix-identity`, namespace: NAMESPACE };
    await client.apply(object("Credential", `${name}-nutanix`, { identityRef }), { path: credential(name) });
  }
  /** Says webhook when the API server asks for admission. */
  const WEBHOOK =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kcm-validating-webhook-configuration";

  it("make kcm's Release and its templates when its chart is installed, without a Management", async () => {
    await helm(
      "install",
      "kcm",
      sandbox.kcmChart,
      "--namespace",
      NAMESPACE,
      "--create-namespace",
      "--set",
      "controller.createManagement=false",
    );
    await until(`${K0RDENT}/releases/kcm-1-2-0`, ({ status }) => status?.ready === true);
    await until(`${K0RDENT}/providertemplates/cluster-api-1-0-5`, ({ status }) => status?.valid === true);
    assert.equal(await client.get(MANAGEMENT), undefined);
    assert.equal(await client.get(WEBHOOK), undefined);
  });

  it("leave templates of others waiting for a Management", async () => {
    await client.apply(
      {
        apiVersion: "source.toolkit.fluxcd.io/v1",
        kind: "HelmRepository",
        metadata: { name: "nutanix-charts", namespace: NAMESPACE, labels: { "k0rdent.mirantis.com/managed": "true" } },
        spec: { interval: "10m0s", url: "http://nutanix-charts.kcm-system.svc:8080/" },
      },
      { path: REPOSITORY },
    );
    const provider = {
      helm: helmSpec("cluster-api-provider-nutanix"),
      providers: ["infrastructure-nutanix"],
      capiContracts: { v1beta1: "v1beta1" },
    };
    await client.apply(object("ProviderTemplate", "cluster-api-provider-nutanix-1-0-0", provider, false), {
      path: PROVIDER_TEMPLATE,
    });
    const providers = [
      "bootstrap-k0sproject-k0smotron",
      "control-plane-k0sproject-k0smotron",
      "infrastructure-nutanix",
    ];
    const spec = {
      helm: helmSpec("nutanix-k0s-hcp"),
      providers,
      providerContracts: { "infrastructure-nutanix": "v1beta1" },
    };
    await client.apply(object("ClusterTemplate", "nutanix-k0s-hcp-1-0-0", spec), { path: CLUSTER_TEMPLATE });
    for (const path of [PROVIDER_TEMPLATE, CLUSTER_TEMPLATE]) {
      const { status } = await until(path, ({ status }) => status?.valid === false);
      assert.equal(status.validationError, "Waiting for Management creation to complete validation");
    }
    await until(REPOSITORY, (live) => isReady(live));
  });

  it("never take a template whose interval is not in the controller's spelling", async () => {
    const path = `${K0RDENT}/providertemplates/misspelt`;
    const spec = { helm: { chartSpec: { ...helmSpec("x").chartSpec, interval: "1m" } } };
    await client.apply(object("ProviderTemplate", "misspelt", spec, false), { path: path });
    await sleep(500);
    assert.notEqual((await client.get<Live>(path))?.status?.valid, true);
    await client.delete(path);
  });

  it("say Ready too early when told to, then take it back, then mean it", async () => {
    injectFailures(directory, ["management-premature-ready"]);
    await sleep(1_000);
    await client.apply(secret("nutanix-creds"), { path: core("secrets", "nutanix-creds") });
    await client.apply(management(), { path: MANAGEMENT });
    const lie = await until(MANAGEMENT, (live) => condition(live, "Ready")?.status === "True");
    assert.deepEqual([lie.status.components, lie.status.observedGeneration], [undefined, undefined]);
    assert.equal(condition(lie, "Ready")?.reason, "AllComponentsHealthy");
    await until(MANAGEMENT, (live) => condition(live, "Ready")?.reason === "NotAllComponentsHealthy");
    const { status } = await until(MANAGEMENT, isInstalled);
    assert.deepEqual(Object.keys(status.components).sort(), [
      "capi",
      "cluster-api-provider-k0sproject-k0smotron",
      "cluster-api-provider-nutanix",
      "kcm",
      "projectsveltos",
    ]);
    assert.deepEqual(status.components["cluster-api-provider-nutanix"], {
      success: true,
      template: "cluster-api-provider-nutanix-1-0-0",
      exposedProviders: ["infrastructure-nutanix"],
    });
    assert.ok(status.availableProviders.includes("infrastructure-nutanix"));
    assert.equal(status.release, "kcm-1-2-0");
    clearFailures(directory);
  });

  it("make the templates valid after the Management, and serve admission from then on", async () => {
    await until(PROVIDER_TEMPLATE, ({ status }) => status?.valid === true && status.validationError === undefined);
    await until(CLUSTER_TEMPLATE, ({ status }) => status?.valid === true);
    await until(WEBHOOK, () => true);
  });

  it("show why a Management is never ready, and recover", async () => {
    injectFailures(directory, ["management-never-ready"]);
    const { status } = await until(MANAGEMENT, (live) => condition(live, "Ready")?.status === "False");
    assert.equal(status.components["cluster-api-provider-nutanix"].success, false);
    assert.match(status.components["cluster-api-provider-nutanix"].error, /context deadline exceeded$/);
    assert.equal(
      condition((await client.get<Live>(MANAGEMENT))!, "Ready")?.message,
      "Components not ready: [cluster-api-provider-nutanix]",
    );
    const template = await until(CLUSTER_TEMPLATE, (live) => live.status?.valid === false);
    assert.equal(
      template.status.validationError,
      "one or more required providers are not deployed yet: [infrastructure-nutanix]",
    );
    clearFailures(directory);
    await until(MANAGEMENT, isInstalled);
    await until(CLUSTER_TEMPLATE, (live) => live.status?.valid === true);
  });

  it("refuse a cluster whose template or credential is missing with 404, and one that is not ready with 403", async () => {
    const create = (name: string, spec: object) => {
      const wanted = clusterDeployment(name);
      return client.apply({ ...wanted, spec: { ...wanted.spec, ...spec } }, { path: deployment(name) });
    };
    assert.deepEqual(await refusal(create("a", { template: "nothing" })), {
      code: 404,
      message:
        'admission webhook "validation.clusterdeployment.k0rdent.mirantis.com" denied the request: ClusterTemplate.k0rdent.mirantis.com "nothing" not found',
    });
    const missing = await refusal(create("a", {}));
    assert.equal(missing.code, 404);
    assert.match(missing.message, /denied the request: Credential\.k0rdent\.mirantis\.com "a-nutanix" not found$/);
    injectFailures(directory, ["credential-rejected"]);
    await sleep(1_000);
    await bring("a");
    const live = await until(credential("a"), ({ status }) => status?.ready === false && status.conditions?.length > 0);
    assert.deepEqual(
      [condition(live, "CredentialReady")?.status, condition(live, "CredentialReady")?.reason],
      ["False", "Failed"],
    );
    const unready = await refusal(create("a", {}));
    assert.equal(unready.code, 403);
    assert.match(
      unready.message,
      /the ClusterDeployment is invalid: the Credential kcm-system\/a-nutanix is not Ready$/,
    );
    clearFailures(directory);
    await until(credential("a"), ({ status }) => status?.ready === true);
  });

  it("bring a cluster up, with the conditions of kcm and a kubeconfig of limited rights", async () => {
    const begin = Date.now();
    await client.apply(clusterDeployment("a"), { path: deployment("a") });
    const live = await until(deployment("a"), isReady);
    console.log(`      ready after ${Date.now() - begin} ms`);
    for (const type of [
      "TemplateReady",
      "CredentialReady",
      "HelmChartReady",
      "HelmReleaseReady",
      "CAPIClusterSummary",
      "Ready",
    ]) {
      assert.equal(condition(live, type)?.status, "True", type);
    }
    const { data } = (await client.get(core("secrets", "a-kubeconfig")))!;
    const file = join(directory, "a.kubeconfig");
    writeFileSync(file, Buffer.from(data?.["value"] ?? "", "base64"));
    const user = await connectKubernetes({ kubeconfig: readKubeconfig(file) }, "k0rdent-nutanix-sandbox");
    assert.ok((await user.list("/api/v1/nodes")).length > 0);
    assert.equal((await refusal(user.list(`/api/v1/namespaces/${NAMESPACE}/secrets`))).code, 403);
    const capx = await client.get(core("secrets", "a-capx-credentials"));
    assert.equal(capx?.metadata.ownerReferences?.[0]?.kind, "NutanixCluster");
  });

  it("scale workers in place", async () => {
    const path = `/apis/cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/machinedeployments/a-md`;
    const before = (await client.get<Live>(path))!;
    await client.apply(clusterDeployment("a", { workersNumber: 4 }), { path: deployment("a") });
    const after = await until(path, ({ spec, status }) => spec.replicas === 4 && status?.readyReplicas === 4);
    assert.equal(after.metadata.uid, before.metadata.uid);
    const live = await until(deployment("a"), isReady);
    assert.match(condition(live, "HelmReleaseReady")?.message ?? "", /a\.v2 with chart nutanix-k0s-hcp@1\.0\.0$/);
  });

  it("show what a chart refuses, and recover", async () => {
    const { machineDefaults: _, ...rest } = config("a", "10.1.1.200");
    const wanted = object("ClusterDeployment", "a", {
      template: "nutanix-k0s-hcp-1-0-0",
      credential: "a-nutanix",
      config: rest,
    });
    await client.apply(wanted, { path: deployment("a") });
    const live = await until(deployment("a"), (cluster) => condition(cluster, "HelmChartReady")?.status === "False");
    assert.match(
      condition(live, "HelmChartReady")?.message ?? "",
      /^failed to validate template with provided configuration: /,
    );
    await client.apply(clusterDeployment("a"), { path: deployment("a") });
    await until(deployment("a"), isReady);
  });

  it("fail a cluster, or leave it waiting for its machines, when told to", async () => {
    await bring("b");
    await until(credential("b"), ({ status }) => status?.ready === true);
    injectFailures(directory, ["cluster-deployment-failed"]);
    await sleep(1_000);
    await client.apply(clusterDeployment("b"), { path: deployment("b") });
    const failed = await until(deployment("b"), (live) => condition(live, "HelmReleaseReady")?.status === "False");
    assert.equal(condition(failed, "Ready")?.status, "False");
    injectFailures(directory, ["cluster-deployment-stuck"]);
    const stuck = await until(deployment("b"), (live) => condition(live, "CAPIClusterSummary")?.status === "False");
    assert.match(condition(stuck, "Ready")?.message ?? "", /machines wait for their VMs/);
    assert.equal(await client.get(core("secrets", "b-kubeconfig")), undefined);
    clearFailures(directory);
    await until(deployment("b"), isReady);
  });

  it("go on where they were when the API server was away", async () => {
    await stopApiServer(directory);
    await sleep(1_000);
    await startApiServer(directory);
    await client.apply(clusterDeployment("b", { workersNumber: 1 }), { path: deployment("b") }).catch(async () => {
      await sleep(1_500);
      await client.apply(clusterDeployment("b", { workersNumber: 1 }), { path: deployment("b") });
    });
    await until(
      `/apis/cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/machinedeployments/b-md`,
      ({ status }) => status?.readyReplicas === 1,
    );
    await until(deployment("b"), isReady);
  });

  it("refuse the wrong order of destruction", async () => {
    const used = await refusal(client.delete(MANAGEMENT));
    assert.deepEqual([used.code, used.message.split(": ").at(-1)], [403, "management deletion is forbidden"]);
    for (const path of [PROVIDER_TEMPLATE, CLUSTER_TEMPLATE, `${K0RDENT}/providertemplates/cluster-api-1-0-5`]) {
      const refused = await refusal(client.delete(path));
      assert.deepEqual(
        [refused.code, refused.message.split(": ").at(-1)],
        [403, "template deletion is forbidden"],
        path,
      );
    }
    const wanted = management();
    const providers = (wanted.spec as { providers: object[] }).providers.slice(0, 2);
    const dropped = await refusal(
      client.apply({ ...wanted, spec: { ...wanted.spec, providers } }, { path: MANAGEMENT }),
    );
    assert.equal(dropped.code, 422);
    assert.match(
      dropped.message,
      /provider infrastructure-nutanix is required by at least one ClusterDeployment and cannot be removed/,
    );
  });

  it("let a cluster hang that is deleted when kcm's controller has gone, and finish when it is back", async () => {
    const controller = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/kcm-controller-manager`;
    await client.merge(controller, { spec: { replicas: 0 } });
    await until(controller, ({ status }) => (status?.availableReplicas ?? 0) === 0);
    await untilGone(WEBHOOK);
    await client.delete(deployment("b"));
    await sleep(2_500);
    assert.ok((await client.get(deployment("b")))?.metadata.deletionTimestamp);
    await client.merge(controller, { spec: { replicas: 1 } });
    await untilGone(deployment("b"));
    await until(WEBHOOK, () => true);
  });

  it("take a cluster's objects away before the cluster, and CAPX's Secret with them", async () => {
    await client.delete(deployment("a"));
    assert.ok(await client.get(deployment("a")), "it goes at once, its objects after it");
    await untilGone(deployment("a"));
    assert.equal(await client.get(`/apis/cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/clusters/a`), undefined);
    const infrastructure = await client.list(
      `/apis/infrastructure.cluster.x-k8s.io/v1beta1/namespaces/${NAMESPACE}/nutanixclusters`,
    );
    assert.deepEqual(infrastructure, []);
    for (const name of ["a-kubeconfig", "a-capx-credentials"])
      assert.equal(await client.get(core("secrets", name)), undefined, name);
    assert.ok(await client.get(core("secrets", "a-nutanix-identity")));
  });

  it("un-install what kcm manages with the Management, after which no other becomes ready", async () => {
    for (const name of ["a", "b"]) await client.delete(credential(name));
    await client.delete(MANAGEMENT);
    await untilGone(MANAGEMENT);
    assert.equal(await client.get(REPOSITORY), undefined);
    assert.deepEqual(await client.list("/apis/operator.cluster.x-k8s.io/v1alpha2/infrastructureproviders"), []);
    await client.delete(CLUSTER_TEMPLATE);
    await client.apply(management(), { path: MANAGEMENT });
    const { status } = await until(MANAGEMENT, (live) => condition(live, "Ready")?.status === "False");
    assert.match(status.components.kcm.error, /could not get Source object/);
    await client.delete(MANAGEMENT);
    await untilGone(MANAGEMENT);
    await client.delete(PROVIDER_TEMPLATE);
  });

  it("leave nothing behind, and play again after the definitions went and came again", async () => {
    await helm("uninstall", "kcm", "--namespace", NAMESPACE, "--wait");
    await untilGone(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/managements.k0rdent.mirantis.com`);
    await untilGone(WEBHOOK);
    await untilGone("/apis/kwok.x-k8s.io/v1alpha1/stages/management-ready");
    await helm(
      "install",
      "kcm",
      sandbox.kcmChart,
      "--namespace",
      NAMESPACE,
      "--set",
      "controller.createManagement=true",
    );
    await until(MANAGEMENT, isInstalled);
  });

  it("never gave KWOK a Stage whose kind it could not play yet, which it would have left at that", () => {
    const log = readFileSync(join(layoutOf(directory).cluster, "logs", "kwok-controller.log"), "utf8");
    assert.match(log, /Start stage controller/);
    assert.deepEqual(
      log.split("\n").filter((line) => line.includes("failed to start controller")),
      [],
    );
  });
});
