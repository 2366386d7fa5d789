import { yamlText } from "../kubernetes/yaml-text.ts";
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
}

/**
 * The login among the variables that CAPX is installed with. CAPX's manifest puts the two between the quotes of a JSON string in YAML as
 * they are, so they are escaped for both. CAPX itself gets them unescaped.
 */
export function loginVariables(login: Login): Record<string, string> {
  return {
    NUTANIX_USER: insideJson(login.username),
    NUTANIX_PASSWORD: insideJson(login.password),
    credentials: credentialsText(login),
  };
}

/** A text between the quotes of a JSON string, in ASCII. */
function insideJson(text: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\x7f-\uffff]/g, escaped);
}

/** The variables that CAPX is installed with, but for the login. No trust bundle: with one CAPX does not verify Prism Central. */
export function capxVariables(prismCentral: CapxVariables): Record<string, string> {
  return {
    NUTANIX_ENDPOINT: prismCentral.address,
    NUTANIX_PORT: String(prismCentral.port),
    NUTANIX_INSECURE: String(prismCentral.insecure),
    NUTANIX_ADDITIONAL_TRUST_BUNDLE: "",
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

/** What the CSI driver of a cluster asks for: the Prism Central that it logs in to, and the storage container of its default class. */
export interface CsiAccess {
  readonly address: string;
  readonly port: number;
  readonly storageContainer?: string | undefined;
}

/** The key of the identity Secret, and of the driver's own, with the CSI driver's login. */
export const CSI_KEY = "csi";

/** The text that the CSI driver logs in with. */
export function csiText({ username, password }: Login, { address, port }: CsiAccess): string {
  return `${address}:${port}:${username}:${password}`;
}

const CCM_LOGIN = `{{- $identity := getResource "InfrastructureProviderIdentity" }}
apiVersion: v1
kind: Secret
metadata:
  name: nutanix-creds
  namespace: kube-system
type: Opaque
data:
  credentials: {{ index $identity "data" "credentials" }}
`;

const CSI_LOGIN = `{{- $identity := getResource "InfrastructureProviderIdentity" }}
apiVersion: v1
kind: Secret
metadata:
  name: nutanix-csi-credentials
  namespace: ntnx-system
type: Opaque
data:
  key: {{ index $identity "data" "${CSI_KEY}" }}
`;

/** A class of volumes that are attached by the hypervisor, so that the nodes need no iSCSI. */
function storageClass(storageContainer: string): string {
  return yamlText({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: "nutanix-volume",
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: "csi.nutanix.com",
    parameters: {
      storageType: "NutanixVolumes",
      storageContainer,
      hypervisorAttached: "ENABLED",
      "csi.storage.k8s.io/fstype": "ext4",
    },
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  });
}

/** The addons of a cluster that log in to Prism Central. */
export interface AddonLogins {
  /** Whether the cluster has Nutanix's cloud controller manager. */
  readonly ccm: boolean;
  /** undefined: the cluster has no CSI driver of this project. */
  readonly csi?: CsiAccess | undefined;
}

/**
 * What kcm copies into the workload cluster: templates that Sveltos fills from the identity, so they hold no secret themselves.
 * One key for each object: where one cannot be written yet, the others are. Undefined where no addon logs in.
 */
export function resourceTemplate(cluster: string, { ccm, csi }: AddonLogins): Manifest | undefined {
  if (!ccm && csi === undefined) return undefined;
  const container = csi?.storageContainer;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: clusterNames(cluster).resourceTemplate,
      namespace: NAMESPACE,
      labels: KCM_COMPONENT,
      annotations: { "projectsveltos.io/template": "true" },
    },
    data: {
      ...(ccm ? { "configmap.yaml": CCM_LOGIN } : {}),
      ...(csi === undefined ? {} : { "csi.yaml": CSI_LOGIN }),
      ...(container === undefined ? {} : { "storage-class.yaml": storageClass(container) }),
    },
  };
}
