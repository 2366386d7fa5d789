import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { clearFailures, injectFailures } from "../../../sandbox/controllers/failures.ts";
import {
  CLUSTER_TEMPLATE,
  client,
  condition,
  core,
  directory,
  helm,
  helmSpec,
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
  sandbox,
  secret,
  until,
  WEBHOOK,
} from "./controllers-fixture.ts";

/** From the installation of kcm to a ready Management, in order. */
export function platformTests(): void {
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

  it("report Ready too early on request, then retract it, then report it again", async () => {
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
}
