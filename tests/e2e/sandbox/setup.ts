import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { PROJECT } from "../../../cli/stack/paths.ts";
import type { KubernetesClient } from "../../../kubernetes/client.ts";
import { capxValues } from "../../../manifests/capx-release.ts";
import { clusterDeployment } from "../../../manifests/cluster-deployment.ts";
import { credential, credentialsText } from "../../../manifests/credential.ts";
import { management } from "../../../manifests/management-object.ts";
import { NAMESPACE } from "../../../manifests/names.ts";
import { cluster as clusterSchema } from "../../../schema/cluster.ts";
import { prismCentral as prismCentralSchema } from "../../../schema/prism-central-settings.ts";

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
  { kubeconfig, kcmChart }: { kubeconfig: string; kcmChart: string },
): Promise<void> {
  const values = capxValues({
    kcmVersion: "1.2.0",
    capxVersion: "1.7.0",
    chartRepository: "oci://charts.example.com/x",
  });
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
  const object = management({ kcmVersion: "1.2.0", providers: [] });
  await retried(() => client.apply(object, { path: `${K0RDENT}/managements/kcm` }));
}

/** Writes the Secrets of a login, the Credential and the ClusterDeployment; what is there stays. */
export async function bringCluster(client: KubernetesClient, password: string): Promise<void> {
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
    }),
    { name: CLUSTER, prismCentral },
  );
  // Its webhook asks for a Credential that is ready, and a template that is valid.
  await retried(() => client.apply(object, { path: `${namespaced}/clusterdeployments/${CLUSTER}` }));
}

async function retried(work: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(300);
    }
  }
}
