import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT } from "../../../cli/stack/paths.ts";
import { connectKubernetes } from "../../../kubernetes/client.ts";
import { objectPath } from "../../../kubernetes/kinds.ts";
import { waitFor } from "../../../kubernetes/wait.ts";
import { type Manifest, STACK_LABEL } from "../../../manifests/manifest.ts";
import { clusterManifests, sharedManifests } from "../../../manifests/stack-manifests.ts";
import { clearFailures, injectFailures } from "../../../sandbox/controllers/failures.ts";
import { SANDBOX_TOOLS } from "../../../sandbox/ensure-tools.ts";
import { requireTools } from "../../support/skip.ts";
import { IDENTITY, type SettingsInput } from "../../unit/preflight/check-context.ts";
import { ALL } from "../../unit/preflight/management/management-scenario.ts";
import { ADMITTED, DEMO, itChecksTheConnection } from "./preflight-connection.ts";
import { adopting, failures, PreflightSandbox, statuses } from "./preflight-sandbox.ts";

const K0RDENT = "/apis/k0rdent.mirantis.com/v1beta1";
const NAMESPACED = `${K0RDENT}/namespaces/kcm-system`;
const CLUSTER_CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/clusterdeployments.k0rdent.mirantis.com";
const DENIED = "ClusterDeployment/demo is denied by the webhook validation.clusterdeployment.k0rdent.mirantis.com";

/** A service of demo, with values from a Secret. */
const serving = (settings: SettingsInput) => {
  settings["serviceTemplates"] = { ingress: { repository: "https://charts.example.com", versions: ["4.13.0"] } };
  settings["clusters"].demo.services = { ingress: { valuesFrom: [{ kind: "Secret", name: "ingress-login" }] } };
};

describe("the preflight on a management cluster", function () {
  this.timeout(240_000);
  let sandbox: PreflightSandbox;

  before(async function () {
    sandbox = new PreflightSandbox(await requireTools(this, SANDBOX_TOOLS));
    await sandbox.start();
  });

  after(() => sandbox?.delete());
  afterEach(() => sandbox.reset());

  const isDemoAdmitted = (run = {}) => sandbox.check([ADMITTED], { ...DEMO, ...run });

  describe("without kcm", () => {
    const KINDS =
      "Management (k0rdent.mirantis.com/v1beta1), Credential (k0rdent.mirantis.com/v1beta1), ClusterDeployment (k0rdent.mirantis.com/v1beta1)";

    it("does not fail, since this up installs kcm", async () => {
      await sandbox.until("/api/v1/nodes/sandbox", ({ status }) => status?.conditions?.[0]?.status === "True");
      const lines = await sandbox.check(ALL, DEMO);
      assert.deepEqual(failures(lines), []);
      const expected = [
        "namespace-exists: pass: this up creates the namespace kcm-system",
        `kinds-are-served: pass: this up installs ${KINDS}`,
        "shared-objects-are-admitted: pass: 1 of 4 objects are accepted in a dry run; this up installs what Secret/nutanix-creds, ConfigMap/nutanix-charts, Management/kcm need",
        `${ADMITTED} [demo]: pass: 0 of 4 objects are accepted in a dry run; this up installs what Secret/demo-nutanix-identity, Credential/demo-nutanix, Secret/demo-encryption-at-rest, ClusterDeployment/demo need`,
      ];
      assert.deepEqual(
        lines.filter((line) => expected.includes(line)),
        expected,
        lines.join("\n"),
      );
    });

    it("fails where this stack adopts a kcm", async () => {
      const lines = failures(await sandbox.check(ALL, { stack: sandbox.stack(adopting) }));
      assert.deepEqual(statuses(lines), [
        "kcm-version-matches: fail",
        "management-is-healthy: fail",
        "cert-manager-is-ready: fail",
        "namespace-exists: fail",
        "kinds-are-served: fail",
      ]);
      assert.deepEqual(lines.slice(3), [
        "namespace-exists: fail: the namespace kcm-system does not exist, and management.adopt is true; set management.adopt: false to install kcm, or the kubeconfig of the cluster that has one",
        "kinds-are-served: fail: Credential (k0rdent.mirantis.com/v1beta1), ClusterDeployment (k0rdent.mirantis.com/v1beta1) are not served, and this up does not install their definitions; restore kcm's definitions with helm upgrade of its release, or set management.adopt: false where kcm is not installed",
      ]);
    });

    it("does not fail on the contents of the provider's Helm release", async () => {
      const [line] = await sandbox.checkRelease();
      assert.match(line ?? "", /: pass: 2 of 12 objects .*; this up installs what .*ProviderTemplate\/.* need$/);
    });
  });

  describe("with kcm, and none of its templates", () => {
    before(async () => {
      const shared = sharedManifests(sandbox.stack());
      await sandbox.write(shared.filter(({ kind }) => kind === "Namespace"));
      await sandbox.helm("kcm", sandbox.kcmChart, "--set", "controller.createManagement=false");
      await sandbox.until(`${K0RDENT}/releases/kcm-1-2-0`, ({ status }) => status?.ready);
      await sandbox.write(shared);
      const webhooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
      await sandbox.until(`${webhooks}/kcm-validating-webhook-configuration`, () => true);
    });

    it("accepts a cluster whose template this up installs, and fails where it does not", async () => {
      assert.deepEqual(await isDemoAdmitted(), [
        `${ADMITTED} [demo]: pass: 3 of 4 objects are accepted in a dry run; this up installs what ClusterDeployment/demo need`,
      ]);
      const stack = sandbox.stack((settings) => {
        settings["capx"] = { managedExternally: true };
      });
      assert.deepEqual(await isDemoAdmitted({ stack }), [
        `${ADMITTED} [demo]: fail: ${DENIED} (404): ClusterTemplate.k0rdent.mirantis.com "nutanix-k0s-hcp-1-0-0" not found; create what it refers to first, or correct the name`,
      ]);
    });

    it("checks the contents of Helm releases", async () => {
      const id = "release-contents-are-admitted";
      assert.deepEqual(await sandbox.checkRelease(), [`${id}: pass: 12 of 12 objects are accepted in a dry run`]);
      const map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: kcm-system}\n";
      const [invalid] = await sandbox.checkRelease(`${map}data: [no, map]\n`);
      assert.match(invalid ?? "", /: fail: ConfigMap\/other does not match its schema \(500\): .*expected map/);
      assert.deepEqual(await sandbox.checkRelease(`${map}data: {{ fail "no values" }}\n`), [
        `${id}: inconclusive: Helm fails to render nutanix-capx: execution error at (other/templates/other.yaml:4:9): no values`,
      ]);
    });
  });

  describe("with a kcm that is ready", () => {
    before(async () => {
      await sandbox.helm("nutanix-capx", join(PROJECT, "charts", "nutanix-capx"));
      for (const name of ["nutanix-k0s-standalone-1-0-0", "nutanix-k0s-hcp-1-0-0"])
        await sandbox.until(`${NAMESPACED}/clustertemplates/${name}`, ({ status }) => status?.valid);
    });

    it("does not fail, also on a cluster whose Credential this up creates, and writes nothing", async () => {
      const paths = ["secrets", "configmaps"].map((plural) => `/api/v1/namespaces/kcm-system/${plural}`);
      paths.push(`${NAMESPACED}/credentials`, `${NAMESPACED}/clusterdeployments`, `${K0RDENT}/managements`);
      const labelSelector = `${STACK_LABEL}=${IDENTITY}`;
      // The generation of what has one: its controllers may write its status meanwhile.
      const versions = async () =>
        (await Promise.all(paths.map((path) => sandbox.client.list(path, { labelSelector }))))
          .flat()
          .map(({ metadata }) => [metadata.name, metadata.generation ?? metadata.resourceVersion]);
      const before = await versions();
      const lines = await sandbox.check(ALL);
      assert.deepEqual(failures(lines), []);
      assert.deepEqual(
        lines.filter((line) => /^(management-is-healthy|cluster-charts-exist|cluster-is-admitted)\b/.test(line)),
        [
          "management-is-healthy: pass: Management kcm is ready, with 5 components",
          "cluster-charts-exist: pass: HelmRepository nutanix-charts is ready",
          `${ADMITTED} [demo]: pass: 3 of 4 objects are accepted in a dry run; this up installs what ClusterDeployment/demo need`,
          `${ADMITTED} [edge]: pass: 4 of 5 objects are accepted in a dry run; this up installs what ClusterDeployment/edge need`,
        ],
      );
      assert.deepEqual(await versions(), before);
    });

    it("fails where a Secret of a service is missing or of a type that Sveltos does not read", async () => {
      const check = async () =>
        statuses(await sandbox.check(["service-values-exist"], { stack: sandbox.stack(serving) }));
      const secret = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "ingress-login", namespace: "kcm-system" },
        stringData: { "values.yaml": "auth: {password: x}" },
      };
      const write = async (more: object) => {
        await sandbox.client.apply({ ...secret, ...more });
        sandbox.onReset(() => sandbox.client.delete(objectPath(secret)));
      };
      assert.deepEqual(await check(), ["service-values-exist: fail"]);
      await write({});
      assert.deepEqual(await check(), ["service-values-exist: fail"]);
      await sandbox.reset();
      await write({ type: "addons.projectsveltos.io/cluster-profile" });
      assert.deepEqual(await check(), ["service-values-exist: pass"]);
    });

    itChecksTheConnection(() => sandbox);

    it("fails on objects of another stack, and of none", async () => {
      const [secret, , key] = clusterManifests("demo", sandbox.stack()) as [Manifest, Manifest, Manifest];
      await sandbox.writeTemporarily([secret], "k0rdent-nutanix.other");
      await sandbox.client.apply(key);
      sandbox.onReset(() => sandbox.client.delete(objectPath(key)));
      const lines = await sandbox.check(["objects-do-not-conflict"], DEMO);
      assert.deepEqual(statuses(lines), ["objects-do-not-conflict: fail", "objects-do-not-conflict: fail"]);
      assert.match(lines.join(), /Secret\/demo-encryption-at-rest .*Secret\/demo-nutanix-identity /);
    });

    it("fails on what a webhook denies, with 403 and with 422, and on a webhook that does not answer", async () => {
      const credential = `${ADMITTED} [demo]: fail: Credential/demo-nutanix`;
      await sandbox.registerWebhook(await sandbox.startWebhook());
      assert.deepEqual(await isDemoAdmitted(), [
        `${credential} is denied by the webhook credentials.example.com (422): spec.description: Invalid value: too plain; fix this; the up would fail at once`,
      ]);
      await sandbox.registerWebhook(9);
      assert.deepEqual(await isDemoAdmitted(), [
        `${credential} cannot be written: the webhook credentials.example.com does not answer (dial tcp 127.0.0.1:9: connect: connection refused); start the pods of the webhook, or delete its configuration if they are uninstalled: kubectl get validatingwebhookconfigurations`,
      ]);
      await sandbox.reset();
      injectFailures(sandbox.directory, ["credential-rejected"]);
      sandbox.onReset(() => clearFailures(sandbox.directory));
      await sleep(1_000);
      const manifests = clusterManifests("demo", sandbox.stack()).slice(0, 2);
      await sandbox.writeTemporarily(manifests);
      await sandbox.until(
        objectPath(manifests[1] as Manifest),
        ({ status }) => status?.ready === false && status.conditions,
      );
      assert.deepEqual(await isDemoAdmitted(), [
        `${ADMITTED} [demo]: fail: ${DENIED} (403): the ClusterDeployment is invalid: the Credential kcm-system/demo-nutanix is not Ready; fix this; the up would fail at once`,
      ]);
    });

    it("fails on a field that the schema does not have", async () => {
      const { spec } = (await sandbox.client.get<any>(CLUSTER_CRD)) ?? {};
      const { versions } = structuredClone(spec);
      for (const { schema } of versions) delete schema.openAPIV3Schema.properties.spec.properties.propagateCredentials;
      sandbox.onReset(() => sandbox.client.merge(CLUSTER_CRD, { spec: { versions: spec.versions } }));
      await sandbox.client.merge(CLUSTER_CRD, { spec: { versions } });
      const failed = async () => failures(await isDemoAdmitted()).at(0);
      assert.equal(
        await waitFor(failed, { timeout: 20_000, interval: 200 }),
        `${ADMITTED} [demo]: fail: ClusterDeployment/demo does not match its schema (500): failed to create typed patch object (kcm-system/demo; k0rdent.mirantis.com/v1beta1, Kind=ClusterDeployment): .spec.propagateCredentials: field not declared in schema; use a kcm version whose definitions have these fields, or correct the value in the stack file`,
      );
    });

    it("accepts every object of an existing cluster, and fails on a field of another manager", async () => {
      const manifests = clusterManifests("demo", sandbox.stack());
      await sandbox.write(manifests.slice(0, -1));
      await sandbox.until(objectPath(manifests[1] as Manifest), ({ status }) => status?.ready);
      await sandbox.write(manifests.slice(-1));
      assert.deepEqual(await sandbox.check([ADMITTED, "objects-do-not-conflict"], DEMO), [
        `${ADMITTED} [demo]: pass: 4 of 4 objects are accepted in a dry run`,
        "objects-do-not-conflict: pass: none of 13 objects conflicts with an existing one",
      ]);
      assert.deepEqual(await isDemoAdmitted({ stack: sandbox.stack(serving) }), [
        `${ADMITTED} [demo]: pass: 3 of 4 objects are accepted in a dry run; this up installs what ClusterDeployment/demo need`,
      ]);
      const { apiVersion, kind, metadata, spec } = manifests.at(-1) as Manifest;
      const { template } = spec as { template: string };
      const other = await connectKubernetes({ kubeconfig: sandbox.kubeconfig }, "other");
      const { name, namespace = "" } = metadata;
      await other.apply({
        apiVersion,
        kind,
        metadata: { name, namespace },
        spec: { template, propagateCredentials: true },
      } as Manifest);
      assert.deepEqual(await isDemoAdmitted(), [
        `${ADMITTED} [demo]: fail: another field manager owns fields of ClusterDeployment/demo: Apply failed with 1 conflict: conflict with "other": .spec.propagateCredentials; remove the field from that manager's object, or from the stack file`,
      ]);
    });
  });
});
