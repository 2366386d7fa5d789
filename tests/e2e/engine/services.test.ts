import assert from "node:assert/strict";
import { objectsLeft, type StackSettings, useHarness } from "./harness.ts";

const SOURCE = { repository: "https://charts.example.com" };

for (const kcmVersion of ["1.2.0", "1.11.0"]) {
  describe(`a stack with services, on kcm ${kcmVersion}`, () => {
    const harness = useHarness(`services-${kcmVersion.replaceAll(".", "-")}`, { kcmVersion });
    const change = (edit: (settings: StackSettings) => void) => harness.changeSettings("dev", edit);

    it("comes up with its templates, services, addons and the services of all clusters of a label", async () => {
      change((settings) => {
        settings["serviceTemplates"] = {
          ingress: { ...SOURCE, versions: ["4.12.1"] },
          monitoring: { ...SOURCE, versions: ["1.0.0"] },
        };
        settings["multiClusterServices"] = {
          shared: { clusterLabels: { tier: "edge" }, services: { monitoring: {} } },
        };
        const { demo, edge } = settings["clusters"];
        demo.labels = { tier: "edge" };
        demo.services = { ingress: { values: { replicas: 2 } } };
        demo.addons = { ccm: { enabled: true, via: "service" } };
        delete settings["clusters"].edge;
        assert.ok(edge);
      });
      await harness.engine.up();
      assert.equal(await harness.readiness("demo"), "True");
      const { status } = await harness.read("ClusterDeployment", "demo");
      const services = JSON.stringify(status?.["services"]);
      for (const name of ["nutanix-ccm", "ingress"]) assert.match(services, new RegExp(`\\b${name}\\b`));
      const { spec } = await harness.read("MultiClusterService", "shared");
      assert.deepEqual(spec?.["clusterSelector"], { matchLabels: { tier: "edge" } });
      const values = await harness.read("ConfigMap", "demo-ccm-values");
      assert.match(JSON.stringify(values), /prismCentralEndPoint/);
    });

    it("leaves nothing to do, also after a refresh", () => harness.assertUnchanged());

    it("is rejected by kcm's admission for a template that does not exist, with kcm's words", async () => {
      change(({ clusters }) => Object.assign(clusters.demo.services, { other: { existingTemplate: "nowhere" } }));
      await assert.rejects(harness.engine.up(), /ServiceTemplate\.k0rdent\.mirantis\.com "nowhere" not found/);
      change(({ clusters }) => delete clusters.demo.services.other);
    });

    it("upgrades a service, after an update that adds its version where kcm asks for it", async () => {
      change(({ serviceTemplates }) => serviceTemplates.ingress.versions.push("4.13.0"));
      if (kcmVersion === "1.2.0") {
        await assert.rejects(
          harness.engine.preview(),
          /services\.ingress\.version: .*\(service-upgrade-path-is-recorded\)/,
        );
        change(({ clusters }) => Object.assign(clusters.demo.services.ingress, { version: "4.12.1" }));
        await harness.engine.up();
        change(({ clusters }) => delete clusters.demo.services.ingress.version);
      }
      await harness.engine.up();
      const { spec } = await harness.read("ClusterDeployment", "demo");
      assert.match(JSON.stringify(spec?.["serviceSpec"]), /"ingress-4-13-0"/);
      await harness.read("ServiceTemplate", "ingress-4-12-1");
    });

    it("leaves no object behind", async () => {
      await harness.destroyAll();
      assert.deepEqual(await objectsLeft(harness.api), []);
    });
  });
}
