import type { Manifest } from "./manifest.ts";
import { KCM_COMPONENT } from "./manifest.ts";
import { clusterNames, NAMESPACE } from "./names.ts";

/** A login to Prism Central. Exists in memory only, on its way into a Secret. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The label by which Nutanix's own tools find the Secrets of their provider. */
export const CAPX_LABEL = { "cluster.x-k8s.io/provider": "infrastructure-nutanix" } as const;

/** The text under the key `credentials` that CAPX and Nutanix's cloud controller manager read. */
export function credentialsText({ username, password }: Login): string {
  return JSON.stringify([{ type: "basic_auth", data: { prismCentral: { username, password }, prismElements: null } }]);
}

export interface CapxVariables {
  readonly address: string;
  readonly port: number;
  readonly insecure: boolean;
  /** PEM text. */
  readonly trustBundle?: string | undefined;
}

/** The variables that CAPX is installed with, but for the login. The bundle is base64, since it travels through an environment variable. */
export function capxVariables(central: CapxVariables): Record<string, string> {
  return {
    NUTANIX_ENDPOINT: central.address,
    NUTANIX_PORT: String(central.port),
    NUTANIX_INSECURE: String(central.insecure),
    NUTANIX_ADDITIONAL_TRUST_BUNDLE: Buffer.from(central.trustBundle ?? "").toString("base64"),
  };
}

/** The k0rdent Credential of one cluster, on its identity Secret. */
export function credential(cluster: string): Manifest {
  const names = clusterNames(cluster);
  return {
    apiVersion: "k0rdent.mirantis.com/v1beta1",
    kind: "Credential",
    metadata: { name: names.credential, namespace: NAMESPACE },
    spec: {
      description: `Prism Central login of ${cluster}`,
      identityRef: { apiVersion: "v1", kind: "Secret", name: names.identity, namespace: NAMESPACE },
    },
  };
}

const PROPAGATED = `{{- $identity := getResource "InfrastructureProviderIdentity" }}
apiVersion: v1
kind: Secret
metadata:
  name: nutanix-creds
  namespace: kube-system
type: Opaque
data:
  credentials: {{ index $identity "data" "credentials" }}
`;

/** What kcm copies of the identity into the workload cluster: a template that Sveltos fills, so it holds no secret itself. */
export function resourceTemplate(cluster: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: clusterNames(cluster).resourceTemplate,
      namespace: NAMESPACE,
      labels: KCM_COMPONENT,
      annotations: { "projectsveltos.io/template": "true" },
    },
    data: { "configmap.yaml": PROPAGATED },
  };
}
