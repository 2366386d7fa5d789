import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KINDS } from "../../kubernetes/kinds.ts";
import { contextOf, parseKubeconfig, readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { yamlText } from "../../kubernetes/yaml-text.ts";
import { CLUSTER_LABEL } from "../../manifests/manifest.ts";
import type { ControllerContext } from "./context.ts";
import { ownerOf } from "./metadata.ts";
import type { ClusterDeployment } from "./simulated-kinds.ts";

/** Namespace of the users that the clusters' kubeconfigs name. */
export const NAMESPACE = "k0rdent-nutanix-sandbox";
const READER = `${NAMESPACE}-reader`;
const ACCOUNTS = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
/** A year, in seconds: longer than any sandbox lives. */
const EXPIRY = 31_536_000;

/** Creates the namespace and the permissions of those users: to read nodes and namespaces. */
export async function prepareUsers(client: KubernetesClient): Promise<void> {
  const rbac = "rbac.authorization.k8s.io";
  await client.apply(
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: NAMESPACE },
    },
    { path: `/api/v1/namespaces/${NAMESPACE}` },
  );
  await client.apply(
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: READER },
      rules: [{ apiGroups: [""], resources: ["nodes", "namespaces"], verbs: ["get", "list", "watch"] }],
    },
    { path: `/apis/${rbac}/v1/clusterroles/${READER}` },
  );
  await client.apply(
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: READER },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: READER },
      subjects: [{ apiGroup: rbac, kind: "Group", name: `system:serviceaccounts:${NAMESPACE}` }],
    },
    { path: `/apis/${rbac}/v1/clusterrolebindings/${READER}` },
  );
}

/**
 * Writes the Secret `<cluster>-kubeconfig`, key `value`, as Cluster API does. No workload API server runs in a sandbox: the kubeconfig
 * leads to the sandbox's own, as a user of this cluster who may read nodes and namespaces only. An existing one is not changed.
 */
export async function writeKubeconfig(
  { client, informers, kubeconfig }: Pick<ControllerContext, "client" | "informers" | "kubeconfig">,
  { cluster, owner }: { cluster: ClusterDeployment; owner: KubernetesObject },
): Promise<void> {
  const { name, namespace = "" } = cluster.metadata;
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: `${name}-kubeconfig`, namespace } };
  // What was written a moment ago the cache may not have yet, and a second one would have another token.
  if (informers.secrets.find(secret.metadata.name, namespace) ?? (await client.get(secret))) return;
  const user = userOf(namespace, name);
  await client.apply(
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: user, namespace: NAMESPACE },
    },
    { path: `${ACCOUNTS}/${user}` },
  );
  const { status } = await client.post<{ status: { token: string } }>(`${ACCOUNTS}/${user}/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: EXPIRY },
  });
  const ownerReferences = [ownerOf(owner)];
  await client.apply({
    ...secret,
    type: "cluster.x-k8s.io/secret",
    metadata: { ...secret.metadata, labels: { [CLUSTER_LABEL]: name }, ownerReferences },
    stringData: { value: kubeconfigText(kubeconfig, { name, token: status.token }) },
  });
}

export async function removeKubeconfig(
  client: KubernetesClient,
  { namespace, name }: { namespace: string; name: string },
): Promise<void> {
  await client.delete({ ...KINDS.Secret, metadata: { name: `${name}-kubeconfig`, namespace } });
  await client.delete(`${ACCOUNTS}/${userOf(namespace, name)}`);
}

function userOf(namespace: string, name: string): string {
  return `${namespace}.${name}`;
}

function kubeconfigText(kubeconfig: string, { name, token }: { name: string; token: string }): string {
  const { cluster } = contextOf(parseKubeconfig(readKubeconfig(kubeconfig)));
  const user = `${name}-reader`;
  return yamlText({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user } }],
    "current-context": name,
  });
}
