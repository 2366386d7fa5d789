import assert from "node:assert/strict";
import k8s from "@pulumi/kubernetes";
import type pulumi from "@pulumi/pulumi";
import { ManagementConnection } from "../../../components/management-connection.ts";
import { MultiClusterService } from "../../../components/multi-cluster-service.ts";
import { NutanixK0sCluster } from "../../../components/nutanix-k0s-cluster.ts";
import { NutanixPlatform } from "../../../components/nutanix-platform.ts";
import { ServiceTemplates } from "../../../components/service-templates.ts";
import { PASSWORDS, type StackFile, validStack } from "../../support/stack-fixture.ts";
import { type Recorded, record } from "./recorder.ts";

const LOGIN = { username: "svc", password: PASSWORDS.edge };
const INGRESS = { repository: "https://charts.example.com", versions: ["4.12.1", "4.13.0"] };
const K0RDENT = "kubernetes:k0rdent.mirantis.com/v1beta1";

interface Setup {
  readonly platform: NutanixPlatform;
  readonly opts: pulumi.ComponentResourceOptions;
}

/** What a program registers on a platform, without the platform. */
async function recorded(make: (setup: Setup) => unknown): Promise<{ resources: Recorded[]; error: unknown }> {
  const { resources, error } = await record(async () => {
    const opts = { provider: new k8s.Provider("cluster", {}) };
    const connection = new ManagementConnection({ kubeconfig: "" });
    const platform = new NutanixPlatform(
      "platform",
      { connection, prismCentral: { address: "pc.example.com" }, login: LOGIN },
      opts,
    );
    make({ platform, opts });
  });
  return {
    resources: resources.filter(({ name }) => !/^(platform|cluster|k0rdent-nutanix|default)/.test(name)),
    error,
  };
}

function edge(change: (spec: StackFile) => void): never {
  const spec = validStack()["clusters"].edge;
  delete spec.nutanix.prismCentral.trustBundle;
  change(spec);
  return spec as never;
}

const templates = ({ platform, opts }: Setup, more: object = {}) =>
  new ServiceTemplates("services", { platform, templates: { ingress: INGRESS }, ...more }, opts);

describe("ServiceTemplates", () => {
  it("are a source, a template for each version, and their chain after them", async () => {
    const { resources, error } = await recorded(templates);
    assert.equal(error, undefined);
    const list = resources.map(({ type, name }) => `${type.replace("source.toolkit.fluxcd.io", "flux")} ${name}`);
    assert.deepEqual(list.sort(), [
      "k0rdent-nutanix:index:ServiceTemplates services",
      "kubernetes:flux/v1:HelmRepository services-ingress-source",
      `${K0RDENT}:ServiceTemplate services-ingress-4-12-1`,
      `${K0RDENT}:ServiceTemplate services-ingress-4-13-0`,
      `${K0RDENT}:ServiceTemplateChain services-ingress-chain`,
    ]);
    const chain = resources.find(({ name }) => name === "services-ingress-chain");
    assert.deepEqual(chain?.dependsOn, ["services-ingress-4-12-1", "services-ingress-4-13-0"]);
    const template = resources.find(({ name }) => name === "services-ingress-4-13-0");
    assert.equal(template?.inputs["metadata"].annotations["pulumi.com/waitFor"], '["jsonpath={.status.valid}=true"]');
  });

  it("reject an insecure source before anything is registered", async () => {
    const insecure = { ingress: { ...INGRESS, repository: "http://charts.example.com" } };
    const { resources, error } = await recorded((setup) => templates(setup, { templates: insecure }));
    assert.match(
      String(error),
      /serviceTemplates\.ingress spec\.url: "http:\/\/charts.example.com" is fetched without/,
    );
    assert.deepEqual(resources, []);
  });
});

describe("MultiClusterService", () => {
  it("is one object, after the templates, and waits for no cluster", async () => {
    const { resources, error } = await recorded((setup) => {
      const spec = { clusterLabels: { tier: "edge" }, services: { ingress: {} } };
      const serviceTemplates = templates(setup);
      new MultiClusterService("shared", { platform: setup.platform, serviceTemplates, spec }, setup.opts);
    });
    assert.equal(error, undefined);
    const service = resources.find(({ type }) => type === `${K0RDENT}:MultiClusterService`);
    assert.equal(service?.inputs["spec"].serviceSpec.services[0].template, "ingress-4-13-0");
    assert.equal(service?.inputs["metadata"].annotations, undefined);
    assert.ok(service?.dependsOn.includes("services-ingress-chain"));
  });
});

describe("a cluster with services", () => {
  const cluster = ({ platform, opts }: Setup, serviceTemplates: ServiceTemplates | undefined, spec: never) =>
    new NutanixK0sCluster("edge", { platform, serviceTemplates, spec, login: LOGIN }, opts);

  it("comes after their templates, those of its addons too", async () => {
    const spec = edge((one) => {
      one.services = { ingress: {} };
      one.addons = { ccm: { enabled: true, via: "service" } };
    });
    const { resources, error } = await recorded((setup) => {
      cluster(setup, templates(setup, { addonsOf: [spec] }), spec);
    });
    assert.equal(error, undefined);
    const deployment = resources.find(({ type }) => type === `${K0RDENT}:ClusterDeployment`);
    assert.deepEqual(
      deployment?.inputs["spec"].serviceSpec.services.map(({ template }: StackFile) => template),
      ["nutanix-cloud-provider-0-6-2", "ingress-4-13-0"],
    );
    assert.ok(deployment?.dependsOn.includes("services-nutanix-cloud-provider-chain"));
  });

  it("is rejected without them", async () => {
    const spec = edge((one) => {
      one.services = { ingress: {} };
      one.addons = { csi: { enabled: true, via: "service" } };
    });
    const { error } = await recorded((setup) => cluster(setup, undefined, spec));
    assert.match(String(error), /clusters\.edge\.services\.ingress: "ingress" is not an entry of serviceTemplates/);
    assert.match(String(error), /clusters\.edge\.addons: is installed as a service without its ServiceTemplate/);
  });
});
