import assert from "node:assert/strict";
import { lineOf } from "../../../policy/rules/versions.ts";
import { LINES, MODES, needsHelm, type Rendered, render, valueFiles } from "../../integration/charts/helm-template.ts";
import { eventually } from "../../support/eventually.ts";
import { type ApiServer, startApiServer } from "./start-api-server.ts";

for (const line of LINES) {
  describe(`charts against an API server with the CRDs of kcm ${line}`, function () {
    this.timeout(120_000);
    let server: ApiServer;

    before(async function () {
      await needsHelm.call(this);
      server = await startApiServer(this, line);
    });
    after(() => server?.stop());

    const accepts = async (objects: readonly Rendered[]) => {
      assert.ok(objects.length > 0);
      const refusals = await Promise.all(objects.map((object) => server.refusal(object)));
      assert.deepEqual(refusals.filter(Boolean), []);
    };

    for (const mode of MODES) {
      for (const [name, files] of valueFiles(mode)) {
        it(`accepts every object and field of nutanix-k0s-${mode} with ${name}`, async () => {
          await accepts(await render(`nutanix-k0s-${mode}`, { files, values: { kcmLine: line } }));
        });
      }
    }

    it("accepts nutanix-capx with the server of its charts", async () => {
      await accepts(await render("nutanix-capx", { values: { charts: { digest: "x" } } }));
    });

    it("accepts nutanix-capx with a registry", async () => {
      const charts = { repository: "oci://registry.example.com/charts", secretName: "registry", insecure: true };
      await accepts(await render("nutanix-capx", { values: { charts } }));
    });

    it("accepts a further version beside the first ones, which it leaves as they are", async () => {
      for (const versions of [["1.0.0"], ["1.0.0", "1.1.0"], ["1.0.0", "1.1.0", "1.2.0"]]) {
        const values = { templates: { hcp: versions, standalone: versions } };
        const objects = await render("nutanix-capx", { values });
        const templates = objects.filter(({ kind }) => kind.includes("Template"));
        for (const object of templates) assert.equal(await server.create(object), "");
      }
    });

    it("gives kcm the rights that the deletion of a cluster needs, by binding and by label, and no other", async () => {
      const [bound, other] = ["kcm-controller-manager", "other"].map(
        (name) => `system:serviceaccount:kcm-system:${name}`,
      );
      const needed = ["get", "list", "watch", "patch", "update"];
      assert.ok(bound && other);
      assert.deepEqual(await server.allowed(bound, needed), []);
      const objects = await render("nutanix-capx", { release: "nutanix-capx" });
      for (const object of objects.filter(({ kind }) => kind.startsWith("ClusterRole"))) {
        assert.equal(await server.create(object), "");
      }
      await eventually(
        "the right is given",
        async () => (await server.allowed(bound, needed)).length === needed.length,
      );
      assert.deepEqual(await server.allowed(bound, ["create", "delete"]), []);
      assert.deepEqual(await server.allowed(other, needed), []);

      // As kcm from 1.4 on does it: a role of its own that takes up every role with the label.
      const rbac = "rbac.authorization.k8s.io/v1";
      const matchLabels = { "k0rdent.mirantis.com/aggregate-to-manager": "true" };
      const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "manager" };
      const subjects = [{ kind: "ServiceAccount", name: "other", namespace: "kcm-system" }];
      const metadata = { name: "manager" };
      const aggregationRule = { clusterRoleSelectors: [{ matchLabels }] };
      assert.equal(
        await server.create({ apiVersion: rbac, kind: "ClusterRole", metadata, aggregationRule, rules: [] }),
        "",
      );
      assert.equal(
        await server.create({ apiVersion: rbac, kind: "ClusterRoleBinding", metadata, roleRef, subjects }),
        "",
      );
      await eventually(
        "the right is given",
        async () => (await server.allowed(other, needed)).length === needed.length,
      );
    });

    it("accepts cluster-api-provider-nutanix in the fields of the line", async () => {
      const version = `v${lineOf(line)?.defaultCapx}`;
      const values = {
        kcmLine: line,
        version,
        manager: { verbosity: 2 },
        fetchConfig: { url: "https://example.com/capx.yaml" },
      };
      await accepts(await render("cluster-api-provider-nutanix", { values }));
      const global = { registry: "registry.example.com", imagePullSecrets: [{ name: "login" }] };
      await accepts(await render("cluster-api-provider-nutanix", { values: { kcmLine: line, version, global } }));
    });

    it("rejects a field that a CRD does not have", async () => {
      const [object] = await render("cluster-api-provider-nutanix", { values: { kcmLine: line, version: "v1.7.0" } });
      assert.ok(object);
      assert.match(
        await server.refusal({ ...object, spec: { ...object.spec, unheardOf: 1 } }),
        /unheardOf: field not declared in schema/,
      );
    });
  });
}
