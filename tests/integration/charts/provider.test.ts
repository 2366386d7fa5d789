import assert from "node:assert/strict";
import { nutanixEntry } from "../../../manifests/management-object.ts";
import { KCM_LINES, minorOf } from "../../../policy/rules/versions.ts";
import { needsHelm, only, type Rendered, render } from "./helm-template.ts";

describe("nutanix-capx and cluster-api-provider-nutanix", function () {
  this.timeout(30_000);
  before(needsHelm);

  const capx = (values: unknown = {}) => render("nutanix-capx", { release: "nutanix-capx", values });
  const provider = (values: object = {}) =>
    render("cluster-api-provider-nutanix", { values: { version: "v1.7.0", ...values } });
  const named = (objects: readonly Rendered[], kind: string) =>
    objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

  it("are the source, the templates, the chains, the rights and the server", async () => {
    const objects = await capx();
    assert.deepEqual(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort(), [
      "ClusterRole nutanix-capx-kcm-manager",
      "ClusterRoleBinding nutanix-capx-kcm-manager",
      "ClusterTemplate nutanix-k0s-hcp-1-0-0",
      "ClusterTemplate nutanix-k0s-standalone-1-0-0",
      "ClusterTemplateChain nutanix-k0s-hcp",
      "ClusterTemplateChain nutanix-k0s-standalone",
      "ConfigMap nutanix-charts-server",
      "Deployment nutanix-charts",
      "HelmRepository nutanix-charts",
      "NetworkPolicy nutanix-charts",
      "ProviderTemplate cluster-api-provider-nutanix-1-0-0",
      "Service nutanix-charts",
    ]);
  });

  it("point Flux at the server of the charts", async () => {
    const { metadata, spec } = only(await capx(), "HelmRepository");
    assert.equal(metadata.labels?.["k0rdent.mirantis.com/managed"], "true");
    assert.deepEqual(spec, { interval: "1m0s", url: "http://nutanix-charts.kcm-system.svc.cluster.local:8080/" });
  });

  it("point Flux at a registry, and start no server", async () => {
    const objects = await capx({ charts: { repository: "oci://registry.example.com/charts", secretName: "login" } });
    const { spec } = only(objects, "HelmRepository");
    assert.deepEqual(spec, {
      interval: "1m0s",
      type: "oci",
      url: "oci://registry.example.com/charts",
      secretRef: { name: "login" },
    });
    const server = ["Deployment", "Service", "ConfigMap", "NetworkPolicy"].flatMap((kind) => named(objects, kind));
    assert.deepEqual(server, []);
  });

  it("write templates as kcm writes them back", async () => {
    const objects = await capx();
    for (const object of objects.filter(({ kind }) => /^(Cluster|Provider)Template$/.test(kind))) {
      assert.equal(object.metadata.labels?.["k0rdent.mirantis.com/component"], "kcm");
      const { interval, reconcileStrategy, sourceRef } = object.spec.helm.chartSpec;
      assert.deepEqual([interval, reconcileStrategy, sourceRef.name], ["10m0s", "ChartVersion", "nutanix-charts"]);
      assert.deepEqual(object.spec.providers, [...object.spec.providers].sort());
    }
  });

  it("state a contract that k0smotron keeps on every line", async () => {
    for (const template of (await capx()).filter(({ kind }) => kind === "ClusterTemplate")) {
      assert.deepEqual(template.spec.providerContracts, {
        "bootstrap-k0sproject-k0smotron": "v1beta1",
        "control-plane-k0sproject-k0smotron": "v1beta1",
        "infrastructure-nutanix": "v1beta1",
      });
    }
  });

  it("give each further version a chain that leads to it from every earlier one", async () => {
    const chains = (await capx({ templates: { hcp: ["1.0.0", "1.1.0", "2.0.0"] } })).filter(
      ({ kind }) => kind === "ClusterTemplateChain",
    );
    const paths = chains.map(({ metadata, spec }) => [
      metadata.name,
      spec.supportedTemplates.map(({ name, availableUpgrades = [] }: Supported) =>
        [name, ...availableUpgrades.map((to) => to.name)].join(">"),
      ),
    ]);
    const [a, b, c] = ["1-0-0", "1-1-0", "2-0-0"].map((version) => `nutanix-k0s-hcp-${version}`);
    assert.deepEqual(Object.fromEntries(paths), {
      "nutanix-k0s-hcp": [a],
      "nutanix-k0s-hcp-1-1-0": [`${a}>${b}`, b],
      "nutanix-k0s-hcp-2-0-0": [`${a}>${c}`, `${b}>${c}`, c],
      "nutanix-k0s-standalone": ["nutanix-k0s-standalone-1-0-0"],
    });
  });

  it("give kcm its rights by label and by binding", async () => {
    const objects = await capx({ kcm: { serviceAccount: "other" } });
    const role = only(objects, "ClusterRole");
    assert.equal(role.metadata.labels?.["k0rdent.mirantis.com/aggregate-to-manager"], "true");
    assert.deepEqual(role.rules[0].verbs, ["get", "list", "watch", "patch", "update"]);
    const binding = only(objects, "ClusterRoleBinding");
    assert.equal(binding.roleRef.name, role.metadata.name);
    assert.deepEqual(binding.subjects, [{ kind: "ServiceAccount", name: "other", namespace: "kcm-system" }]);
  });

  it("serve the charts from a container that can write nothing but /tmp", async () => {
    const { spec } = only(await capx(), "Deployment").spec.template;
    const [container] = spec.containers;
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
    assert.deepEqual([spec.securityContext.runAsNonRoot, spec.automountServiceAccountToken], [true, false]);
    const writable = container.volumeMounts.filter(({ readOnly }: { readOnly?: boolean }) => !readOnly);
    assert.deepEqual(writable, [{ name: "tmp", mountPath: "/tmp" }]);
    assert.ok(container.readinessProbe && container.livenessProbe && container.resources.limits.memory);
    assert.match(container.image, /^docker\.io\/nginxinc\/nginx-unprivileged:\d/);
  });

  it("roll the server and wake Flux when the charts change, and only then", async () => {
    const [one, same, other] = await Promise.all(["a", "a", "b"].map((digest) => capx({ charts: { digest } })));
    const template = (objects: Rendered[] = []) => only(objects, "Deployment").spec.template;
    assert.deepEqual(template(one), template(same));
    assert.notDeepEqual(template(one), template(other));
    assert.equal(only(other ?? [], "HelmRepository").metadata.annotations?.["reconcile.fluxcd.io/requestedAt"], "b");
  });

  it("name the Secret of CAPX's variables", async () => {
    assert.deepEqual(only(await provider(), "InfrastructureProvider").spec, {
      version: "v1.7.0",
      configSecret: { name: "nutanix-creds", namespace: "kcm-system" },
    });
  });

  it("install the default CAPX of every kcm by the entry that this project writes to Management", async () => {
    for (const { kcm, capx: supported, defaultCapx } of KCM_LINES) {
      const { config } = nutanixEntry({ kcmVersion: `${kcm[1]}.0`, capxVersion: undefined });
      const { version } = only(await provider(config), "InfrastructureProvider").spec;
      assert.equal(version, `v${defaultCapx}`);
      assert.ok(supported.includes(minorOf(version)), kcm.join());
    }
  });

  it("use CAPX from the mirror that kcm names, unless another place is set", async () => {
    const global = { registry: "registry.example.com", imagePullSecrets: [{ name: "login" }] };
    const mirrored = only(await provider({ global }), "InfrastructureProvider").spec;
    assert.equal(mirrored.fetchConfig.oci, "registry.example.com/capi/cluster-api-provider-nutanix-components:v1.7.0");
    assert.deepEqual(mirrored.deployment, {
      containers: [
        { name: "manager", imageUrl: "registry.example.com/capi/cluster-api-provider-nutanix-controller:v1.7.0" },
      ],
      imagePullSecrets: [{ name: "login" }],
    });
    const fetchConfig = { url: "https://example.com/capx.yaml" };
    assert.deepEqual(
      only(await provider({ global, fetchConfig }), "InfrastructureProvider").spec.fetchConfig,
      fetchConfig,
    );
  });

  it("make CAPX trust CA certificates: as files of the volume that it mounts, in a directory that Go reads", async () => {
    const trustBundles = { prismCentral: "A\n", edge: "B\n" };
    const spec = only(await provider({ trustBundles }), "InfrastructureProvider").spec;
    assert.deepEqual(
      spec.manifestPatches.map((text: string) => JSON.parse(text)),
      [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "capx-nutanix-endpoint" },
          data: { "trust-bundle.prismCentral.pem": "A\n", "trust-bundle.edge.pem": "B\n" },
        },
      ],
    );
    const [{ name, env }] = spec.deployment.containers;
    assert.equal(name, "manager");
    assert.deepEqual(env[0], {
      name: "SSL_CERT_DIR",
      value: "/etc/ssl/certs:/etc/pki/tls/certs:/etc/nutanix/config",
    });
    const digest = async (bundles: object) =>
      only(await provider({ trustBundles: bundles }), "InfrastructureProvider").spec.deployment.containers[0].env[1];
    assert.deepEqual(await digest({ edge: "B\n", prismCentral: "A\n" }), env[1]);
    assert.notDeepEqual(await digest({ edge: "C\n" }), env[1], "CAPX is restarted for other certificates");
  });

  it("keep the containers, the arguments and the variables that deployment sets", async () => {
    const containers = [
      { name: "manager", args: { "--v": "2" }, env: [{ name: "HTTPS_PROXY", value: "http://proxy" }] },
      { name: "other", imageUrl: "x" },
    ];
    const values = { trustBundles: { edge: "B" }, global: { registry: "r.example.com" }, deployment: { containers } };
    const [manager, other] = only(await provider(values), "InfrastructureProvider").spec.deployment.containers;
    assert.deepEqual(Object.keys(manager).sort(), ["args", "env", "imageUrl", "name"]);
    const variables = manager.env.map((variable: { name: string }) => variable.name);
    assert.deepEqual(variables, ["SSL_CERT_DIR", "TRUST_BUNDLES_SHA256", "HTTPS_PROXY"]);
    assert.deepEqual([manager.args, other], [{ "--v": "2" }, { name: "other", imageUrl: "x" }]);
  });

  it("describe the provider in the fields of the line", async () => {
    const fields = async (kcmLine: string) => {
      const { metadata, spec } = only(await provider({ kcmLine }), "ProviderInterface");
      assert.equal(metadata.name, "cluster-api-provider-nutanix");
      assert.equal(metadata.labels?.["cluster.x-k8s.io/provider"], "infrastructure-nutanix");
      return Object.keys(spec).sort();
    };
    assert.deepEqual(await fields("1.2"), ["clusterGVKs", "clusterIdentityKinds", "description"]);
    assert.deepEqual(await fields("1.5"), ["clusterGVKs", "clusterIdentities", "description"]);
    assert.deepEqual(await fields("1.11"), ["clusterIdentities", "description"]);
  });
});

interface Supported {
  name: string;
  availableUpgrades?: { name: string }[];
}
