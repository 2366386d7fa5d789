import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectKubernetes } from "../../../kubernetes/client.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import { clearFailures, injectFailures } from "../../../sandbox/controllers/failures.ts";
import { startApiServer, stopApiServer } from "../../../sandbox/sandbox-cluster.ts";
import { eventually } from "../../support/eventually.ts";
import {
  bring,
  CLUSTER_TEMPLATE,
  client,
  clusterDeployment,
  condition,
  config,
  core,
  credential,
  deployment,
  directory,
  helm,
  isInstalled,
  isReady,
  K0RDENT,
  type Live,
  MANAGEMENT,
  management,
  NAMESPACE,
  object,
  PROVIDER_TEMPLATE,
  REPOSITORY,
  readRequests,
  refusal,
  sandbox,
  uninstallKcm,
  until,
  untilGone,
  WEBHOOK,
} from "./controllers-fixture.ts";

/** Clusters on a ready Management, until all is deleted, in order. */
export function clusterTests(): void {
  it("reject a cluster whose template or credential is missing with 404, and one that is not ready with 403", async () => {
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

  it("request nothing for clusters and credentials that are ready, whatever else changes", async () => {
    // Others request a Secret now and then, and on a slow machine the last change is looked at late: not in every round.
    await eventually("five changes without a request", async () => {
      const before = await readRequests();
      for (let change = 0; change < 5; change++) {
        const metadata = { name: "unrelated", namespace: NAMESPACE };
        const data = { change: `${before} ${change}` };
        await client.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
        await sleep(200);
      }
      return (await readRequests()) === before;
    });
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

  it("show what a chart rejects, and recover", async () => {
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

  it("fail a cluster, or leave it waiting for its machines, on request", async () => {
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

  it("reject the wrong order of destruction", async () => {
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
    await uninstallKcm();
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
}
