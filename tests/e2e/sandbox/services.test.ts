import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { ApiError } from "../../../kubernetes/errors.ts";
import { objectPath } from "../../../kubernetes/kinds.ts";
import { multiClusterService, serviceTemplateManifests } from "../../../manifests/services.ts";
import { servicesOf } from "../../../operations/services.ts";
import { clearFailures, injectFailures } from "../../../sandbox/controllers/failures.ts";
import { SANDBOX_TOOLS } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox } from "../../../sandbox/sandbox-cluster.ts";
import { requireTools } from "../../support/skip.ts";
import { bringCluster, bringManagement, CLUSTER, firstFinding, retried } from "./setup.ts";

const INGRESS = { repository: "https://charts.example.com", versions: ["4.13.0"] };
const DEPLOYMENT = {
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "ClusterDeployment",
  metadata: { name: CLUSTER, namespace: "kcm-system" },
};

for (const kcmVersion of ["1.2.0", "1.11.0"]) {
  describe(`services on a sandbox with kcm ${kcmVersion}`, function () {
    this.timeout(240_000);
    const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-services-"));
    const context = { serviceTemplates: { ingress: INGRESS }, kcmVersion };
    let sandbox: Sandbox;
    let client: KubernetesClient;

    before(async function () {
      const tools = await requireTools(this, SANDBOX_TOOLS);
      const name = `services-${kcmVersion.replaceAll(".", "-")}`;
      sandbox = await createSandbox({ name, directory, tools, kcmVersion });
      client = await connectKubernetes({ kubeconfig: readFileSync(sandbox.kubeconfig, "utf8") }, "k0rdent-nutanix");
      await bringManagement(client, tools, { ...sandbox, kcmVersion });
      const { repository, templates, chain } = serviceTemplateManifests("ingress", INGRESS);
      for (const object of [repository, ...templates, chain]) await retried(() => client.apply(object));
    });
    after(async () => {
      await deleteSandbox(directory);
      rmSync(directory, { recursive: true, force: true });
    });

    it("are deployed with their cluster", async () => {
      await bringCluster(client, "Pa55word", { services: { ingress: {} }, context });
      await firstFinding(client, undefined);
      const live = await client.get(objectPath(DEPLOYMENT));
      assert.deepEqual(live && servicesOf(live).map(({ name, state }) => [name, state]), [["ingress", "Current"]]);
    });

    it("are found by the doctor where Sveltos cannot install them, until it can", async () => {
      injectFailures(directory, ["service-not-deployed"]);
      const cause = await firstFinding(client, "service-not-deployed");
      assert.match(cause, /^the service ingress of demo is not deployed: .*simulated by the sandbox$/);
      clearFailures(directory);
      await firstFinding(client, undefined);
    });

    it("of a label are not taken without their template: kcm 1.2 rejects them, kcm 1.11 reports it", async () => {
      const spec = { clusterLabels: { tier: "edge" }, services: { other: { existingTemplate: "nowhere" } } };
      const shared = multiClusterService("shared", spec, context);
      const missing = /ServiceTemplate\.k0rdent\.mirantis\.com "nowhere" not found$/;
      if (kcmVersion === "1.2.0") {
        await assert.rejects(
          client.apply(shared),
          (error) => error instanceof ApiError && error.code === 404 && missing.test(error.message),
        );
        return;
      }
      await client.apply(shared);
      assert.match(await firstFinding(client, "multi-cluster-service-rejected"), missing);
      await client.delete(objectPath(shared));
      await firstFinding(client, undefined);
    });
  });
}
