import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import type { Manifest } from "../../../manifests/manifest.ts";
import { multiClusterService, serviceTemplateManifests } from "../../../manifests/services.ts";
import { evaluateStack, stackManifests } from "../../../manifests/stack-manifests.ts";
import { parse } from "../../../schema/parse.ts";
import { type Stack, stack } from "../../../schema/stack.ts";
import { type StackFile, validInput } from "../../support/stack-fixture.ts";

const INGRESS = { repository: "https://charts.example.com", versions: ["4.13.0", "4.9.2", "4.12.1"] };
const CERTS = { repository: "oci://registry.example.com/charts", chart: "cert-manager", versions: ["v1.18.2"] };

function read(change: (file: StackFile) => void = () => undefined, kcm = "1.2.0"): Stack {
  const input = validInput() as StackFile;
  input["management"].kcm.version = kcm;
  input["serviceTemplates"] = { ingress: INGRESS, certs: { ...CERTS, secretName: "registry-login" } };
  input["clusters"].demo.services = { ingress: { dependsOn: ["tls"] }, tls: { template: "certs", namespace: "certs" } };
  change(input);
  const { value, violations } = parse(stack, input, { at: "" });
  assert.deepEqual(violations, []);
  return value as Stack;
}

function find(file: Stack, kind: string, name: string): Manifest {
  const found = stackManifests(file).filter((one) => one.kind === kind && one.metadata.name === name);
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0] as Manifest;
}

const serviceSpecOf = (file: Stack, name = "demo") =>
  find(file, "ClusterDeployment", name).spec?.["serviceSpec"] as StackFile;

describe("service templates", () => {
  const { repository, templates, chain } = serviceTemplateManifests("ingress", INGRESS);

  it("are one object for each version, in the controller's own spelling", () => {
    assert.deepEqual(
      templates.map(({ metadata }) => metadata.name),
      ["ingress-4-9-2", "ingress-4-12-1", "ingress-4-13-0"],
    );
    assert.deepEqual(templates[0], {
      apiVersion: "k0rdent.mirantis.com/v1beta1",
      kind: "ServiceTemplate",
      metadata: {
        name: "ingress-4-9-2",
        namespace: "kcm-system",
        labels: { "k0rdent.mirantis.com/component": "kcm" },
      },
      spec: {
        helm: {
          chartSpec: {
            chart: "ingress",
            version: "4.9.2",
            interval: "10m0s",
            reconcileStrategy: "ChartVersion",
            sourceRef: { kind: "HelmRepository", name: "services-ingress" },
          },
        },
      },
    });
  });

  it("are in a chain from each version to the next, which has another name with other versions", () => {
    assert.deepEqual(chain.spec, {
      supportedTemplates: [
        { name: "ingress-4-9-2", availableUpgrades: [{ name: "ingress-4-12-1" }] },
        { name: "ingress-4-12-1", availableUpgrades: [{ name: "ingress-4-13-0" }] },
        { name: "ingress-4-13-0" },
      ],
    });
    const other = serviceTemplateManifests("ingress", { ...INGRESS, versions: ["4.13.0"] }).chain;
    assert.notEqual(other.metadata.name, chain.metadata.name);
    assert.match(chain.metadata.name, /^ingress-[0-9a-f]{8}$/);
  });

  it("come from a Helm repository, or from an OCI registry with a login", () => {
    assert.deepEqual(repository.spec, { interval: "10m0s", url: "https://charts.example.com" });
    assert.deepEqual(find(read(), "HelmRepository", "services-certs").spec, {
      interval: "10m0s",
      type: "oci",
      url: "oci://registry.example.com/charts",
      secretRef: { name: "registry-login" },
    });
  });
});

describe("services of a cluster", () => {
  it("have the highest version of their template, each after those that it depends on", () => {
    const { chain } = serviceTemplateManifests("ingress", INGRESS);
    const [tls, ingress] = serviceSpecOf(read())["services"];
    assert.equal(tls.name, "tls");
    assert.deepEqual(ingress, {
      name: "ingress",
      namespace: "ingress",
      template: "ingress-4-13-0",
      templateChain: chain.metadata.name,
    });
  });

  it("say what they depend on where kcm knows it, with its namespace", () => {
    const [, ingress] = serviceSpecOf(read(undefined, "1.11.4"))["services"];
    assert.deepEqual(ingress.dependsOn, [{ name: "tls", namespace: "certs" }]);
  });

  it("carry values as YAML, and refer to Secrets", () => {
    const values = { controller: { replicas: 2, note: "a: b" } };
    const valuesFrom = [{ kind: "Secret", name: "ingress-values" }];
    const file = read(({ clusters }) => {
      clusters.demo.services = { ingress: { version: "4.12.1", values, valuesFrom } };
      clusters.demo.serviceSettings = { stopOnConflict: true };
    });
    const { services, ...settings } = serviceSpecOf(file);
    assert.deepEqual(settings, { priority: 100, stopOnConflict: true, continueOnError: false });
    assert.deepEqual([services[0].template, services[0].valuesFrom], ["ingress-4-12-1", valuesFrom]);
    assert.deepEqual(parseYaml(services[0].values), values);
  });

  it("may use a template of others, without a chain", () => {
    const file = read(({ clusters }) => {
      clusters.demo.services = { ingress: { existingTemplate: "catalog-ingress-4-13-0" } };
    });
    assert.deepEqual(serviceSpecOf(file)["services"], [
      { name: "ingress", namespace: "ingress", template: "catalog-ingress-4-13-0" },
    ]);
  });

  it("include addons, the cloud controller manager before all others", () => {
    const file = read(({ clusters }) => {
      clusters.demo.addons = { ccm: { enabled: true, via: "service" }, csi: { enabled: true, via: "service" } };
    }, "1.11.4");
    const { services } = serviceSpecOf(file);
    assert.deepEqual(
      services.map(({ name, template }: StackFile) => [name, template]),
      [
        ["nutanix-ccm", "nutanix-cloud-provider-0-6-2"],
        ["tls", "certs-1-18-2"],
        ["ingress", "ingress-4-13-0"],
        ["nutanix-csi", "nutanix-csi-storage-3-7-1"],
      ],
    );
    assert.deepEqual(services[0].valuesFrom, [{ kind: "ConfigMap", name: "demo-ccm-values" }]);
    assert.deepEqual(services[3].dependsOn, [{ name: "nutanix-ccm", namespace: "kube-system" }]);
    assert.equal(find(file, "ServiceTemplate", "nutanix-cloud-provider-0-6-2").metadata.namespace, "kcm-system");
  });

  it("leave a cluster without them as it was, and one that is not to be cleaned up", () => {
    assert.equal(serviceSpecOf(read(), "edge"), undefined);
    assert.equal("cleanupOnDeletion" in (find(read(), "ClusterDeployment", "edge").spec ?? {}), false);
    const cleaned = read(({ clusters }) => Object.assign(clusters.edge, { cleanupOnDeletion: true }), "1.11.4");
    assert.equal(find(cleaned, "ClusterDeployment", "edge").spec?.["cleanupOnDeletion"], true);
  });
});

describe("a MultiClusterService", () => {
  const spec = { clusterLabels: { tier: "edge" }, services: { ingress: {} } };

  it("selects clusters by their labels, and has services like a cluster", () => {
    const manifest = multiClusterService("shared", spec, {
      serviceTemplates: { ingress: INGRESS },
      kcmVersion: "1.2.0",
    });
    assert.equal(manifest.metadata.namespace, undefined);
    assert.deepEqual(manifest.spec?.["clusterSelector"], { matchLabels: { tier: "edge" } });
    const shared = manifest.spec?.["serviceSpec"] as StackFile;
    assert.equal(shared["services"][0].template, "ingress-4-13-0");
  });

  it("is evaluated by the policies, with the path of the stack file", () => {
    const file = read((input) => {
      input["multiClusterServices"] = {
        shared: { ...spec, services: { ingress: { values: { adminToken: "canary" } } } },
      };
      input["serviceTemplates"].ingress = { ...INGRESS, repository: "http://charts.example.com" };
    });
    const paths = evaluateStack(file, {}).violations.map(({ path }) => path);
    assert.ok(paths.includes("multiClusterServices.shared.services.ingress.values"), paths.join("\n"));
    assert.ok(paths.includes("serviceTemplates.ingress.repository"), paths.join("\n"));
  });
});
