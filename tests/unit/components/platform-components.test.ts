import assert from "node:assert/strict";
import { Capx } from "../../../components/capx.ts";
import { Kcm } from "../../../components/kcm.ts";
import { Management } from "../../../components/management.ts";
import { kcmValues } from "../../../manifests/management-object.ts";
import { PASSWORDS } from "../../support/stack-fixture.ts";
import { LOGIN, made, named, PC, STACK } from "./component-fixture.ts";
import { listOf } from "./recorder.ts";

describe("Kcm", () => {
  it("is the namespace, and the Helm release after it", async () => {
    const resources = await made((opts) => new Kcm("kcm", { values: { replicas: 2 } }, opts));
    assert.deepEqual(listOf(resources), [
      "pulumi:providers:kubernetes cluster",
      "k0rdent-nutanix:index:Kcm kcm",
      "kubernetes:helm.sh/v3:Release kcm",
      "kubernetes:core/v1:Namespace kcm-namespace",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch kcm-release",
    ]);
    const { inputs, dependsOn, timeout } = named(resources, "kubernetes:helm.sh/v3:Release kcm");
    assert.equal(inputs["name"], "kcm");
    assert.equal(inputs["namespace"], "kcm-system");
    assert.equal(inputs["chart"], "oci://ghcr.io/k0rdent/kcm/charts/kcm");
    assert.equal(inputs["version"], "1.2.0");
    assert.deepEqual(inputs["values"], { ...kcmValues("1.2.0"), replicas: 2 });
    assert.equal(inputs["description"], "k0rdent-nutanix k0rdent-nutanix.dev");
    assert.deepEqual([dependsOn, timeout], [["kcm-namespace"], "600s"]);
  });

  it("waits for its Release, which a new version names differently, so that a preview does not query kcm for it", async () => {
    const resources = await made((opts) => new Kcm("kcm", { version: "1.11.4" }, opts));
    const { inputs, dependsOn } = named(resources, "kubernetes:k0rdent.mirantis.com/v1beta1:ReleasePatch kcm-release");
    assert.equal(inputs["metadata"].name, "kcm-1-11-4");
    assert.match(inputs["metadata"].annotations["pulumi.com/waitFor"], /jsonpath=\{\.status\.ready\}=true/);
    assert.deepEqual(dependsOn, ["kcm"]);
  });

  it("leaves the version to the chart when that is a folder", async () => {
    const resources = await made((opts) => new Kcm("kcm", { chart: "charts/kcm" }, opts));
    assert.equal("version" in named(resources, "kubernetes:helm.sh/v3:Release kcm").inputs, false);
  });
});

describe("Capx", () => {
  const args = { prismCentral: PC, ...LOGIN };

  it("is CAPX's variables, the charts, and the release after both", async () => {
    const resources = await made((opts) => new Capx("nutanix", args, opts));
    assert.deepEqual(listOf(resources), [
      "pulumi:providers:kubernetes cluster",
      "k0rdent-nutanix:index:Capx nutanix",
      "kubernetes:helm.sh/v3:Release nutanix",
      "kubernetes:core/v1:ConfigMap nutanix-charts",
      "kubernetes:core/v1:Secret nutanix-variables",
    ]);
    const variables = named(resources, "kubernetes:core/v1:Secret nutanix-variables");
    assert.deepEqual(variables.secrets, ["stringData"]);
    assert.deepEqual(variables.inputs["metadata"], {
      name: "nutanix-creds",
      namespace: "kcm-system",
      labels: { "cluster.x-k8s.io/provider": "infrastructure-nutanix", ...STACK },
    });
    assert.deepEqual(variables.inputs["stringData"], {
      NUTANIX_ENDPOINT: "pc.example.com",
      NUTANIX_PORT: "9440",
      NUTANIX_INSECURE: "false",
      NUTANIX_ADDITIONAL_TRUST_BUNDLE: "",
      NUTANIX_USER: "svc",
      NUTANIX_PASSWORD: JSON.stringify(PASSWORDS.edge).slice(1, -1),
      credentials: JSON.stringify([
        {
          type: "basic_auth",
          data: { prismCentral: { username: "svc", password: PASSWORDS.edge }, prismElements: null },
        },
      ]),
    });
    const release = named(resources, "kubernetes:helm.sh/v3:Release nutanix");
    assert.deepEqual(release.dependsOn, ["nutanix-charts", "nutanix-variables"]);
    assert.equal(JSON.stringify(release.inputs).includes("canary"), false);
  });

  it("serves no charts when a registry has them", async () => {
    const resources = await made(
      (opts) => new Capx("nutanix", { ...args, chartRepository: "oci://r.example.com/c" }, opts),
    );
    assert.equal(
      listOf(resources).some((entry) => entry.includes("ConfigMap")),
      false,
    );
    const { values } = named(resources, "kubernetes:helm.sh/v3:Release nutanix").inputs;
    assert.deepEqual(values.charts, { repository: "oci://r.example.com/c" });
  });

  it("installs another chart as it is, and serves none", async () => {
    const chart = "oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx";
    const other = { ...args, chart, chartVersion: "0.2.0" };
    const resources = await made((opts) => new Capx("nutanix", other, opts));
    assert.deepEqual(listOf(resources).slice(2), [
      "kubernetes:helm.sh/v3:Release nutanix",
      "kubernetes:core/v1:Secret nutanix-variables",
    ]);
    const { inputs } = named(resources, "kubernetes:helm.sh/v3:Release nutanix");
    assert.deepEqual([inputs["chart"], inputs["version"], inputs["values"]], [chart, "0.2.0", {}]);
  });
});

describe("Management", () => {
  it("is the object, and a wait for each ClusterTemplate after it", async () => {
    const resources = await made((opts) => new Management("management", {}, opts));
    assert.deepEqual(listOf(resources), [
      "pulumi:providers:kubernetes cluster",
      "k0rdent-nutanix:index:Management management",
      "kubernetes:k0rdent.mirantis.com/v1beta1:Management management",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-hcp-template",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-standalone-template",
    ]);
    const { inputs, timeout } = named(resources, "kubernetes:k0rdent.mirantis.com/v1beta1:Management management");
    assert.equal(timeout, "300s");
    assert.deepEqual(JSON.parse(inputs["metadata"].annotations["pulumi.com/waitFor"]), [
      "condition=Ready",
      "jsonpath={.status.observedGeneration}",
      "jsonpath={.status.release}=kcm-1-2-0",
      "jsonpath={.status.components.kcm.template}=kcm-1-2-0",
      "jsonpath={.status.components['cluster-api-provider-k0sproject-k0smotron'].success}=true",
      "jsonpath={.status.components['projectsveltos'].success}=true",
      "jsonpath={.status.components['cluster-api-provider-nutanix'].success}=true",
    ]);
    for (const mode of ["hcp", "standalone"]) {
      const patch = named(
        resources,
        `kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-${mode}-template`,
      );
      assert.deepEqual([patch.dependsOn, patch.timeout], [["management"], "180s"]);
      const { "pulumi.com/waitFor": waits, ...marks } = patch.inputs["metadata"].annotations;
      assert.equal(marks["k0rdent-nutanix/waited-for"], "true");
      assert.deepEqual(JSON.parse(waits), [
        "jsonpath={.status.valid}=true",
        "jsonpath={.metadata.annotations['k0rdent-nutanix/waited-for']}=true",
      ]);
    }
  });

  it("names no provider of this project's where another chart brings CAPX, and waits for that chart's templates", async () => {
    const resources = await made((opts) => new Management("management", { chartSource: "custom" }, opts));
    const { inputs } = named(resources, "kubernetes:k0rdent.mirantis.com/v1beta1:Management management");
    assert.deepEqual(
      inputs["spec"].providers.map(({ name }: { name: string }) => name),
      ["cluster-api-provider-k0sproject-k0smotron", "projectsveltos"],
    );
    const patch = `kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-hcp-template`;
    assert.equal(named(resources, patch).inputs["metadata"].name, "nutanix-k0s-hcp");
  });

  it("only waits where another stack manages the provider", async () => {
    const resources = await made((opts) => new Management("management", { ownership: "none" }, opts));
    assert.deepEqual(listOf(resources).slice(2), [
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-hcp-template",
      "kubernetes:k0rdent.mirantis.com/v1beta1:ClusterTemplatePatch management-standalone-template",
    ]);
  });
});
