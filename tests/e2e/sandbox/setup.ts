import { join } from "node:path";
import { execa } from "execa";
import { collectDiagnostics } from "../../../cli/stack/collect-diagnostics.ts";
import { PROJECT } from "../../../cli/stack/paths.ts";
import type { KubernetesClient } from "../../../kubernetes/client.ts";
import { capxValues } from "../../../manifests/capx-release.ts";
import { clusterDeployment } from "../../../manifests/cluster-deployment.ts";
import { credential, credentialsText } from "../../../manifests/credential.ts";
import { management } from "../../../manifests/management-object.ts";
import { NAMESPACE } from "../../../manifests/names.ts";
import type { ServiceContext } from "../../../manifests/services.ts";
import type { Finding } from "../../../operations/diagnoses/finding.ts";
import { diagnose } from "../../../operations/diagnoses/index.ts";
import { lineOf } from "../../../policy/rules/versions.ts";
import { cluster as clusterSchema } from "../../../schema/cluster.ts";
import { prismCentral as prismCentralSchema } from "../../../schema/prism-central-settings.ts";
import type { Services } from "../../../schema/services.ts";
import { eventually } from "../../support/eventually.ts";

/** The one cluster of these tests. */
export const CLUSTER = "demo";

const K0RDENT = "/apis/k0rdent.mirantis.com/v1beta1";
const core = (plural: string, name: string) => `/api/v1/namespaces/${NAMESPACE}/${plural}/${name}`;
const plain = (kind: string, name: string, more: object) => ({
  apiVersion: "v1",
  kind,
  metadata: { name, namespace: NAMESPACE },
  ...more,
});

/** Installs kcm's chart and ours by Helm, and the Management. */
export async function bringManagement(
  client: KubernetesClient,
  tools: { helm: string },
  { kubeconfig, kcmChart, kcmVersion = "1.2.0" }: { kubeconfig: string; kcmChart: string; kcmVersion?: string },
): Promise<void> {
  const capxVersion = lineOf(kcmVersion)?.defaultCapx ?? "";
  const values = capxValues({ kcmVersion, capxVersion, chartRepository: "oci://charts.example.com/x" });
  const helm = (name: string, chart: string, words: string[], input?: string) =>
    execa(
      tools.helm,
      ["upgrade", "--install", name, chart, "--namespace", NAMESPACE, "--kubeconfig", kubeconfig, ...words],
      {
        ...(input === undefined ? {} : { input }),
      },
    );
  await helm("kcm", kcmChart, ["--create-namespace", "--set", "controller.createManagement=false"]);
  // The definitions that kcm's chart brings are served a moment later.
  await retried(() =>
    helm("nutanix-capx", join(PROJECT, "charts/nutanix-capx"), ["--values", "-"], JSON.stringify(values)),
  );
  const object = management({ kcmVersion, providers: [] });
  await retried(() => client.apply(object, { path: `${K0RDENT}/managements/kcm` }));
}

/** Writes the Secrets of a login, the Credential and the ClusterDeployment, with services if given; what is there stays. */
export async function bringCluster(
  client: KubernetesClient,
  password: string,
  { services, context }: { services?: Services; context?: ServiceContext } = {},
): Promise<void> {
  const login = credentialsText({ username: "svc-capx", password });
  const secrets = ["nutanix-creds", `${CLUSTER}-nutanix-identity`, `${CLUSTER}-capx-credentials`];
  for (const name of secrets)
    await client.apply(plain("Secret", name, { stringData: { credentials: login } }), { path: core("secrets", name) });
  const bundle = plain("ConfigMap", `${CLUSTER}-pc-ca`, { data: { "ca.crt": "text" } });
  await client.apply(bundle, { path: core("configmaps", `${CLUSTER}-pc-ca`) });
  const namespaced = `${K0RDENT}/namespaces/${NAMESPACE}`;
  await client.apply(credential(CLUSTER), { path: `${namespaced}/credentials/${CLUSTER}-nutanix` });
  const prismCentral = prismCentralSchema.parse({ address: "pc.example.com" });
  const object = clusterDeployment(
    clusterSchema.parse({
      mode: "hcp",
      nutanix: {
        controlPlaneEndpoint: { host: "10.1.1.200" },
        prismCentral: {
          ...{ address: "pc.example.com", usePerClusterCredential: true },
          trustBundle: { file: "ca.pem" },
          additionalTrustBundleConfigMapName: `${CLUSTER}-pc-ca`,
        },
      },
      machineDefaults: {
        image: { type: "name", name: "ubuntu" },
        cluster: { type: "name", name: "pe" },
        subnets: [{ type: "name", name: "vlan" }],
      },
      encryptionAtRest: false,
      services,
    }),
    { name: CLUSTER, prismCentral, ...(context && { services: context }) },
  );
  // Its webhook asks for a Credential that is ready, and a template that is valid.
  await retried(() => client.apply(object, { path: `${namespaced}/clusterdeployments/${CLUSTER}` }));
}

/** Waits until the doctor's first finding is this one; undefined: until there is none. Returns its cause. */
export function firstFinding(client: KubernetesClient, id: string | undefined): Promise<string> {
  let found: Finding | undefined;
  const check = async () => {
    [found] = diagnose((await collectDiagnostics({ client, identity: undefined, planned: [] })).input);
    return found?.id === id && (found?.cause ?? "");
  };
  return eventually(() => `the first finding is ${id}, now ${JSON.stringify(found)}`, check, { interval: 250 });
}

/** Does it again until it does not fail. */
export async function retried(work: () => Promise<unknown>): Promise<void> {
  let failure: unknown;
  const check = () =>
    work().then(
      () => true,
      (error: unknown) => {
        failure = error;
        return false;
      },
    );
  await eventually(() => String(failure), check, { interval: 300 });
}
