import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectKubernetes, type KubernetesClient } from "../../../kubernetes/client.ts";
import { ApiError } from "../../../kubernetes/errors.ts";
import { KINDS } from "../../../kubernetes/kinds.ts";
import { readKubeconfig } from "../../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { SANDBOX_TOOLS, type SandboxTool, type ToolPaths } from "../../../sandbox/ensure-tools.ts";
import { createSandbox, deleteSandbox, type Sandbox } from "../../../sandbox/sandbox-cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { requireTools } from "../../support/skip.ts";

export const run = promisify(execFile);
export const K0RDENT = "/apis/k0rdent.mirantis.com/v1beta1";
export const NAMESPACE = "kcm-system";
export const MANAGEMENT = `${K0RDENT}/managements/kcm`;
export const PROVIDER_TEMPLATE = `${K0RDENT}/providertemplates/cluster-api-provider-nutanix-1-0-0`;
export const CLUSTER_TEMPLATE = `${K0RDENT}/namespaces/${NAMESPACE}/clustertemplates/nutanix-k0s-hcp-1-0-0`;
export const credential = (name: string) => `${K0RDENT}/namespaces/${NAMESPACE}/credentials/${name}-nutanix`;
export const deployment = (name: string) => `${K0RDENT}/namespaces/${NAMESPACE}/clusterdeployments/${name}`;
export const core = (plural: string, name: string) => `/api/v1/namespaces/${NAMESPACE}/${plural}/${name}`;
export const REPOSITORY = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${NAMESPACE}/helmrepositories/nutanix-charts`;

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}
export type Live = KubernetesObject<any, any>;

/** What helm and a user bring, for each cluster named: Secrets, Credential and ClusterDeployment. */
export const secret = (name: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: NAMESPACE },
  stringData: { credentials: "[]" },
});
export const helmSpec = (chart: string) => ({
  chartSpec: {
    chart,
    version: "1.0.0",
    interval: "10m0s",
    sourceRef: { kind: "HelmRepository", name: "nutanix-charts" },
  },
});
export const object = (kind: string, name: string, spec: object, namespaced = true) => ({
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind,
  metadata: { name, ...(namespaced ? { namespace: NAMESPACE } : {}) },
  spec,
});
export const management = (extra: object[] = []) =>
  object(
    "Management",
    "kcm",
    {
      release: "kcm-1-2-0",
      core: { kcm: {}, capi: {} },
      providers: [
        { name: "cluster-api-provider-k0sproject-k0smotron" },
        { name: "projectsveltos" },
        {
          name: "cluster-api-provider-nutanix",
          template: "cluster-api-provider-nutanix-1-0-0",
          config: { version: "v1.7.0", configSecret: { name: "nutanix-creds", namespace: NAMESPACE } },
        },
        ...extra,
      ],
    },
    false,
  );
export const config = (name: string, host: string) => ({
  nutanix: {
    prismCentral: {
      address: "pc.example.com",
      port: 9440,
      insecure: false,
      usePerClusterCredential: true,
      credentialSecretName: `${name}-capx-credentials`,
    },
    controlPlaneEndpoint: { host, port: 6443 },
  },
  machineDefaults: {
    image: { type: "name", name: "ubuntu" },
    cluster: { type: "name", name: "pe" },
    subnets: [{ type: "name", name: "vlan" }],
  },
  controlPlaneNumber: 3,
  workersNumber: 2,
});
export const clusterDeployment = (name: string, more: object = {}) =>
  object("ClusterDeployment", name, {
    template: "nutanix-k0s-hcp-1-0-0",
    credential: `${name}-nutanix`,
    config: { ...config(name, "10.1.1.200"), ...more },
  });

export const directory = mkdtempSync(join(tmpdir(), "k0rdent-nutanix-controllers-"));
let tools: ToolPaths<SandboxTool>;
export let sandbox: Sandbox;
export let client: KubernetesClient;

/** Runs one sandbox during the tests of a describe. */
export function useSandbox(): void {
  before(async function () {
    tools = await requireTools(this, SANDBOX_TOOLS);
    sandbox = await createSandbox({ name: "controllers", directory, tools });
    client = await connectKubernetes({ kubeconfig: readKubeconfig(sandbox.kubeconfig) }, "k0rdent-nutanix-sandbox");
  });
  after(async () => {
    await deleteSandbox(directory);
    rmSync(directory, { recursive: true, force: true });
  });
}

export const helm = (...args: string[]) => run(tools.helm, [...args, "--kubeconfig", sandbox.kubeconfig]);

/** Uninstalls kcm's chart; fails with the definitions that hold it up, and why. */
export async function uninstallKcm(): Promise<void> {
  const uninstall = helm("uninstall", "kcm", "--namespace", NAMESPACE, "--wait", "--timeout", "6m");
  await uninstall.catch(async (error: Error) => {
    const crds = await client.list<Live>(KINDS.CustomResourceDefinition);
    const left = crds
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map((crd) => `${crd.metadata.name}: ${condition(crd, "Terminating")?.message}`);
    throw new Error([error.message, ...left].join("\n"));
  });
}

/** Waits until the object is as it should be; fails with what it was last. */
export function until(path: string, isSo: (object: Live) => boolean): Promise<Live> {
  let last: Live | undefined;
  const what = () => `${path}, now ${JSON.stringify(last?.status ?? last)}`;
  const check = async () => {
    last = await client.get<Live>(path).catch(() => undefined);
    return last && isSo(last) && last;
  };
  return eventually(what, check, { interval: 25 });
}
export async function untilGone(path: string): Promise<void> {
  let last: Live | undefined;
  const check = async () => {
    last = await client.get<Live>(path);
    return last === undefined;
  };
  await eventually(() => `${path} is gone, now ${JSON.stringify(last?.metadata)}`, check, { interval: 25 });
}
export const condition = ({ status }: Live, type: string): Condition | undefined =>
  status?.conditions?.find((one: Condition) => one.type === type);
export const isReady = (live: Live) =>
  condition(live, "Ready")?.status === "True" && live.status.observedGeneration === live.metadata.generation;
export const isInstalled = (live: Live) =>
  isReady(live) &&
  live.spec.providers.every(({ name }: { name: string }) => live.status.components?.[name]?.success === true);
export async function refusal(call: Promise<unknown>): Promise<{ code: number; message: string }> {
  const error = await call.then(
    () => assert.fail("it was admitted"),
    (reason) => reason,
  );
  assert.ok(error instanceof ApiError, String(error));
  return { code: error.code, message: error.message };
}
export async function bring(name: string): Promise<void> {
  for (const suffix of ["nutanix-identity", "capx-credentials"])
    await client.apply(secret(`${name}-${suffix}`), { path: core("secrets", `${name}-${suffix}`) });
  const identityRef = { apiVersion: "v1", kind: "Secret", name: `${name}-nutanix-identity`, namespace: NAMESPACE };
  await client.apply(object("Credential", `${name}-nutanix`, { identityRef }), { path: credential(name) });
}
/** Requests for single Secrets, Clusters and Credentials since the API server started. */
export async function readRequests(): Promise<number> {
  const { text } = await client.request({ path: "/metrics" });
  const lines = text.split("\n").filter((line) => /^apiserver_request_total\{.*verb="GET"/.test(line));
  const counted = lines.filter((line) => /resource="(secrets|clusters|credentials)"/.test(line));
  return counted.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Says webhook when the API server asks for admission. */
export const WEBHOOK =
  "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kcm-validating-webhook-configuration";
