import { ago, type ClusterFixture, condition, type Live, object } from "./cluster-fixture.ts";

/** One thing that is wrong in an otherwise healthy management cluster, and what the doctor must say first. */
export interface FailureScenario {
  readonly id: string;
  readonly cause: string;
  readonly apply: (fixture: ClusterFixture) => void;
}

const MACHINE = "demo-md-abc-x7";

/** An object of the fixture, to change. */
function objectIn(fixture: ClusterFixture, kind: string, name: string): Live {
  const found = fixture.objects[kind]?.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

function remove(fixture: ClusterFixture, kind: string, name: string): void {
  const list = fixture.objects[kind] ?? [];
  list.splice(list.indexOf(objectIn(fixture, kind, name)), 1);
}

/** Puts a condition in the place of the one of its type, or beside the others. */
function setCondition(fixture: ClusterFixture, kind: string, name: string, fields: Live): void {
  const { status } = objectIn(fixture, kind, name);
  status.conditions = [...(status.conditions ?? []).filter(({ type }: Live) => type !== fields["type"]), fields];
}

/** The cluster demo does not become ready, as kcm tells it. */
function markNotReady(fixture: ClusterFixture): void {
  setCondition(fixture, "ClusterDeployment", "demo", condition("Ready", "False", { message: "Cluster is not ready" }));
  setCondition(
    fixture,
    "ClusterDeployment",
    "demo",
    condition("CAPIClusterSummary", "False", { reason: "IssuesReported" }),
  );
  setCondition(fixture, "Cluster", "demo", condition("Ready", "False", { reason: "NotReady" }));
}

/** CAPX gives the machine of demo up with these words: at 1.7 every error while it is made does that. */
function failMachine(fixture: ClusterFixture, message: string): void {
  markNotReady(fixture);
  const machine = objectIn(fixture, "NutanixMachine", MACHINE);
  machine["status"] = { ready: false, failureReason: "CreateError", failureMessage: message, conditions: [] };
  const owner = objectIn(fixture, "Machine", MACHINE);
  owner["status"] = { phase: "Failed", failureReason: "CreateError", failureMessage: message };
}

/** Prism Central's client of demo is not made, for this reason. */
function failPrismClient(fixture: ClusterFixture, message: string): void {
  markNotReady(fixture);
  objectIn(fixture, "NutanixCluster", "demo")["status"].ready = false;
  setCondition(
    fixture,
    "NutanixCluster",
    "demo",
    condition("PrismClientInit", "False", { reason: "PrismClientInitFailed", message }),
  );
}

function failComponent(fixture: ClusterFixture, name: string, error: string): void {
  const management = objectIn(fixture, "Management", "kcm");
  management["status"].components[name] = { success: false, error };
  setCondition(fixture, "Management", "kcm", condition("Ready", "False", { reason: "NotAllComponentsHealthy" }));
}

function markDeleted(fixture: ClusterFixture, kind: string, name: string, finalizers: string[], minutes = 30): void {
  Object.assign(objectIn(fixture, kind, name)["metadata"], { deletionTimestamp: ago(minutes), finalizers });
}

const event = (kind: string, name: string, reason: string, message: string) => ({
  ...object("Event", `${name}.1`),
  type: "Warning",
  involvedObject: { kind, name },
  reason,
  message,
  lastTimestamp: ago(1),
});

const NUTANIX = "cluster-api-provider-nutanix";

export const FAILURE_SCENARIOS: readonly FailureScenario[] = [
  {
    id: "management-missing",
    cause: "there is no Management object",
    apply: (fixture) => remove(fixture, "Management", "kcm"),
  },
  {
    id: "management-ready-prematurely",
    cause: "Management is Ready, but reports no component",
    apply: (fixture) => {
      const management = objectIn(fixture, "Management", "kcm");
      management["status"] = { conditions: [condition("Ready", "True", { reason: "AllComponentsHealthy" })] };
    },
  },
  {
    id: "component-failed",
    cause:
      "component projectsveltos is not installed: HelmRelease kcm-system/projectsveltos is not yet ready: context deadline exceeded",
    apply: (fixture) => {
      failComponent(
        fixture,
        "projectsveltos",
        "HelmRelease kcm-system/projectsveltos is not yet ready: context deadline exceeded",
      );
      failComponent(fixture, NUTANIX, "Some dependencies are not ready yet. Waiting for projectsveltos");
    },
  },
  {
    id: "provider-variables-missing",
    cause: "CAPX has no Secret of variables: spec.configSecret is not set",
    apply: (fixture) => {
      delete objectIn(fixture, "InfrastructureProvider", "nutanix")["spec"].configSecret;
      failComponent(fixture, NUTANIX, "InfrastructureProvider is not yet ready: status is not updated yet");
    },
  },
  {
    id: "provider-variables-missing",
    cause: "CAPX has no variables: the Secret nutanix-creds does not exist",
    apply: (fixture) => {
      remove(fixture, "Secret", "nutanix-creds");
      failComponent(fixture, NUTANIX, 'secrets "nutanix-creds" not found');
    },
  },
  {
    id: "capx-version-incompatible",
    cause: "CAPX v1.10.3 is not compatible with kcm 1.2.0; use 1.7.x or 1.8.x",
    apply: (fixture) => {
      objectIn(fixture, "InfrastructureProvider", "nutanix")["status"].installedVersion = "v1.10.3";
      failComponent(fixture, NUTANIX, "HelmRelease kcm-system/cluster-api-provider-nutanix is not yet ready");
      const line = 'no matches for kind "Cluster" in version "cluster.x-k8s.io/v1beta2"';
      fixture.logs.push({ pod: "capx-controller-manager-1", part: "capx", lines: [line] });
    },
  },
  {
    id: "controller-down",
    cause: "the pod capx-controller-manager-1 does not run: ImagePullBackOff",
    apply: (fixture) => {
      const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image" };
      fixture.objects["Pod"]?.push(
        object("Pod", "capx-controller-manager-1", {
          metadata: { ownerReferences: [{ kind: "ReplicaSet", name: "capx", uid: "u" }] },
          status: { phase: "Pending", containerStatuses: [{ name: "manager", state: { waiting } }] },
        }),
      );
      failComponent(fixture, NUTANIX, "Deployment capx-controller-manager is not available");
    },
  },
  {
    id: "charts-not-fetched",
    cause: "HelmRepository nutanix-charts cannot be fetched: failed to fetch Helm repository index: connection refused",
    apply: (fixture) => {
      const message = "failed to fetch Helm repository index: connection refused";
      setCondition(
        fixture,
        "HelmRepository",
        "nutanix-charts",
        condition("Ready", "False", { reason: "FetchFailed", message }),
      );
      const template = objectIn(fixture, "ClusterTemplate", "nutanix-k0s-hcp-1-0-0");
      template["status"] = { valid: false, validationError: "chart is not ready" };
    },
  },
  {
    id: "template-invalid",
    cause:
      "ClusterTemplate nutanix-k0s-hcp-1-0-0 waits for providers: one or more required providers are not deployed yet: [infrastructure-nutanix]; used by calm, demo",
    apply: (fixture) => {
      objectIn(fixture, "ClusterTemplate", "nutanix-k0s-hcp-1-0-0")["status"] = {
        valid: false,
        validationError: "one or more required providers are not deployed yet: [infrastructure-nutanix]",
      };
      setCondition(fixture, "ClusterDeployment", "demo", condition("TemplateReady", "False"));
    },
  },
  {
    id: "credential-not-ready",
    cause: "Credential demo-nutanix is not ready: its Secret demo-nutanix-identity does not exist",
    apply: (fixture) => {
      remove(fixture, "Secret", "demo-nutanix-identity");
      objectIn(fixture, "Credential", "demo-nutanix")["status"].ready = false;
      const message = "Failed to get ClusterIdentity object of Kind=Secret kcm-system/demo-nutanix-identity";
      setCondition(fixture, "Credential", "demo-nutanix", condition("CredentialReady", "False", { message }));
      setCondition(fixture, "ClusterDeployment", "demo", condition("CredentialReady", "False"));
    },
  },
  {
    id: "values-rejected",
    cause: "the chart rejects the values of demo: at '/worker': additional properties 'labels' not allowed",
    apply: (fixture) => {
      const message =
        "failed to validate template with provided configuration: values don't meet the specifications of the schema(s) in the following chart(s):\nnutanix-k0s-hcp:\n- at '/worker': additional properties 'labels' not allowed";
      setCondition(fixture, "ClusterDeployment", "demo", condition("HelmChartReady", "False", { message }));
      setCondition(fixture, "ClusterDeployment", "demo", condition("Ready", "False", { message }));
    },
  },
  {
    id: "helm-release-failed",
    cause:
      'the chart of demo is not installed: Helm install failed for release kcm-system/demo: admission webhook "validation.k0scontrolplane" denied the request: version 1.31.1 is not supported',
    apply: (fixture) => {
      const message =
        'Helm install failed for release kcm-system/demo: admission webhook "validation.k0scontrolplane" denied the request: version 1.31.1 is not supported';
      setCondition(
        fixture,
        "ClusterDeployment",
        "demo",
        condition("HelmReleaseReady", "False", { reason: "InstallFailed", message }),
      );
      setCondition(fixture, "HelmRelease", "demo", condition("Ready", "False", { reason: "InstallFailed", message }));
    },
  },
  {
    id: "cluster-not-deployed",
    cause: "the cluster third of the stack file has no ClusterDeployment",
    apply: (fixture) => {
      fixture.planned = ["calm", "demo", "third"];
    },
  },
  {
    id: "nutanix-cluster-missing",
    cause: "CAPX reconciles none of the 1 NutanixMachines of demo: the NutanixCluster demo does not exist",
    apply: (fixture) => {
      remove(fixture, "NutanixCluster", "demo");
      remove(fixture, "Secret", "demo-capx-credentials");
      markDeleted(fixture, "NutanixMachine", MACHINE, ["infrastructure.cluster.x-k8s.io/nutanixmachine"]);
      markDeleted(fixture, "Cluster", "demo", ["cluster.cluster.x-k8s.io"]);
      markDeleted(fixture, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"]);
    },
  },
  {
    id: "nutanix-cluster-name-differs",
    cause:
      "the NutanixCluster of demo is named demo-cluster: a deletion of demo would leave its virtual machines on Nutanix",
    apply: (fixture) => {
      objectIn(fixture, "NutanixCluster", "demo")["metadata"].name = "demo-cluster";
      objectIn(fixture, "Cluster", "demo")["spec"].infrastructureRef.name = "demo-cluster";
      objectIn(fixture, "Secret", "demo-capx-credentials")["metadata"].ownerReferences[0].name = "demo-cluster";
    },
  },
  {
    id: "etcd-volumes-of-deleted-cluster",
    cause: "1 volumes of etcd are left of the cluster gone, which does not exist",
    apply: (fixture) => {
      const volume = (cluster: string) =>
        object("PersistentVolumeClaim", `etcd-data-kmc-${cluster}-etcd-0`, {
          metadata: { labels: { app: "k0smotron", component: "etcd", cluster } },
        });
      fixture.objects["PersistentVolumeClaim"]?.push(volume("gone"), volume("calm"));
    },
  },
  {
    id: "etcd-volumes-of-deleted-cluster",
    cause: "demo has 1 volumes of etcd that are older than itself, with the data of an earlier cluster",
    apply: (fixture) => {
      const metadata = {
        labels: { app: "k0smotron", component: "etcd", cluster: "demo" },
        creationTimestamp: ago(9_000),
      };
      fixture.objects["PersistentVolumeClaim"]?.push(object("PersistentVolumeClaim", "etcd-data-0", { metadata }));
    },
  },
  {
    id: "credentials-missing",
    cause:
      "the Secret demo-capx-credentials with the credentials of demo does not exist; infrastructure.cluster.x-k8s.io/nutanixcluster blocks its deletion",
    apply: (fixture) => {
      remove(fixture, "Secret", "demo-capx-credentials");
      markDeleted(fixture, "NutanixCluster", "demo", ["infrastructure.cluster.x-k8s.io/nutanixcluster"]);
      markDeleted(fixture, "Cluster", "demo", ["cluster.cluster.x-k8s.io"]);
      markDeleted(fixture, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"]);
    },
  },
  {
    id: "credentials-owned-by-another-cluster",
    cause: "demo references the Secret calm-capx-credentials, which the cluster calm owns",
    apply: (fixture) => {
      markNotReady(fixture);
      objectIn(fixture, "NutanixCluster", "demo")["spec"].prismCentral.credentialRef.name = "calm-capx-credentials";
      const message = "secret calm-capx-credentials already owned by another nutanixCluster object";
      const reason = "CredentialRefSecretOwnerSetFailed";
      setCondition(
        fixture,
        "NutanixCluster",
        "demo",
        condition("CredentialRefSecretOwnerSet", "False", { reason, message }),
      );
    },
  },
  {
    id: "trust-bundle-without-ca",
    cause: "the trust bundle demo-pc-ca of demo has ca-bundle.crt, but not ca.crt",
    apply: (fixture) => {
      objectIn(fixture, "ConfigMap", "demo-pc-ca")["data"] = { "ca-bundle.crt": "…" };
      failPrismClient(
        fixture,
        'Get "https://pc.example.com:9440": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      );
    },
  },
  {
    id: "prism-central-not-trusted",
    cause:
      'the certificate of pc.example.com is not trusted: Get "https://pc.example.com:9440": x509: certificate has expired',
    apply: (fixture) => failPrismClient(fixture, 'Get "https://pc.example.com:9440": x509: certificate has expired'),
  },
  {
    id: "prism-central-behind-proxy",
    cause: "a proxy between CAPX and pc.example.com requires a login: proxyconnect tcp: Proxy Authentication Required",
    apply: (fixture) => failPrismClient(fixture, "proxyconnect tcp: Proxy Authentication Required"),
  },
  ...(
    [
      "failed to unmarshal the credentials data. invalid character 's' looking for beginning of value",
      'no "credentials" data found in secret kcm-system/demo-capx-credentials',
    ] as const
  ).map((message) => ({
    id: "prism-central-login-unreadable",
    cause: "CAPX cannot read the credentials of demo in the Secret demo-capx-credentials",
    apply: (fixture: ClusterFixture) => failPrismClient(fixture, message),
  })),
  {
    id: "prism-central-answers-html",
    cause: "pc.example.com answers CAPX with a web page",
    apply: (fixture) =>
      failPrismClient(fixture, "unmarshalling error response invalid character '<' looking for beginning of value"),
  },
  ...["status: 429 Too Many Requests", "status: 503 Service Unavailable"].map((message) => ({
    id: "prism-central-overloaded",
    cause: `pc.example.com rejects requests of CAPX for now: ${message}`,
    apply: (fixture: ClusterFixture) => failPrismClient(fixture, message),
  })),
  {
    id: "category-in-use",
    cause: "the category KubernetesClusterName:demo of demo cannot be deleted: it is in use",
    apply: (fixture) => {
      const cluster = objectIn(fixture, "NutanixCluster", "demo");
      cluster["metadata"].deletionTimestamp = ago(2);
      const message =
        "failed to delete category value with key:value KubernetesClusterName:demo. error: category is assigned to entities";
      const fields = { reason: "DeletionFailed", message };
      setCondition(fixture, "NutanixCluster", "demo", condition("ClusterCategoryCreated", "False", fields));
    },
  },
  {
    id: "provider-id-missing",
    cause: `${MACHINE} has a virtual machine and no providerID: its Machine ${MACHINE} stays Provisioning`,
    apply: (fixture) => {
      markNotReady(fixture);
      const machine = objectIn(fixture, "NutanixMachine", MACHINE);
      delete machine["spec"].providerID;
      machine["status"].ready = true;
      objectIn(fixture, "Machine", MACHINE)["status"] = { phase: "Provisioning" };
    },
  },
  {
    id: "bootstrap-data-empty",
    cause: `the control plane machine ${MACHINE} was created together with demo-cp-0 and does not join: its bootstrap data may be empty`,
    apply: (fixture) => {
      markNotReady(fixture);
      const machine = objectIn(fixture, "Machine", MACHINE);
      machine["metadata"].labels["cluster.x-k8s.io/control-plane"] = "";
      machine["status"] = { phase: "Provisioned" };
      const { labels, creationTimestamp } = machine["metadata"];
      const first = object("Machine", "demo-cp-0", {
        metadata: { labels, creationTimestamp },
        status: { nodeRef: { name: "demo-cp-0" } },
      });
      fixture.objects["Machine"]?.push(first);
    },
  },
  {
    id: "prism-central-login-rejected",
    cause: "Prism Central rejects the credentials of demo, from the Secret demo-capx-credentials",
    apply: (fixture) => failPrismClient(fixture, "invalid Nutanix credentials"),
  },
  {
    id: "prism-central-permissions-missing",
    cause: "the user of demo lacks a permission that CAPX needs: status: 403 Forbidden, Access is denied",
    apply: (fixture) => {
      markNotReady(fixture);
      const fields = { reason: "ClusterCategoryCreationFailed", message: "status: 403 Forbidden, Access is denied" };
      setCondition(fixture, "NutanixCluster", "demo", condition("ClusterCategoryCreated", "False", fields));
    },
  },
  {
    id: "prism-central-unreachable",
    cause: "pc.example.com cannot be reached: dial tcp 10.9.9.9:9440: i/o timeout",
    apply: (fixture) => failPrismClient(fixture, "dial tcp 10.9.9.9:9440: i/o timeout"),
  },
  {
    id: "failure-domain-invalid",
    cause: 'a failure domain of demo is invalid: failed to validate the failure domain "a" configuration',
    apply: (fixture) => {
      markNotReady(fixture);
      const message = 'failed to validate the failure domain "a" configuration';
      setCondition(fixture, "NutanixCluster", "demo", condition("FailureDomainsValidated", "False", { message }));
    },
  },
  {
    id: "endpoint-conflict",
    cause: "the clusters calm and demo have the same control plane endpoint, 10.1.1.200",
    apply: (fixture) => {
      objectIn(fixture, "NutanixCluster", "demo")["spec"].controlPlaneEndpoint.host = "10.1.1.200";
    },
  },
  {
    id: "vm-shared",
    cause: "calm-md-abc-x7 and demo-md-abc-x7 have one virtual machine, calm-uuid",
    apply: (fixture) => {
      objectIn(fixture, "NutanixMachine", MACHINE)["status"].vmUUID = "calm-uuid";
    },
  },
  {
    id: "hosted-control-plane-without-address",
    cause: "the hosted control plane of demo waits for the address of its load balancer",
    apply: (fixture) => {
      markNotReady(fixture);
      fixture.objects["Service"]?.push(
        object("Service", "kmc-demo-lb", { spec: { type: "LoadBalancer" }, status: { loadBalancer: {} } }),
      );
      fixture.events.push(event("Service", "kmc-demo-lb", "AllocationFailed", "no available IPs in pool default"));
      const waiting = { reason: "WaitingForControlPlane", message: "Waiting for control plane provider" };
      setCondition(fixture, "Cluster", "demo", condition("ControlPlaneInitialized", "False", waiting));
    },
  },
  {
    id: "hosted-control-plane-not-scheduled",
    cause:
      "a pod of the hosted control plane of demo does not run: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims",
    apply: (fixture) => {
      markNotReady(fixture);
      const message = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims";
      fixture.objects["Pod"]?.push(
        object("Pod", "kmc-demo-etcd-0", {
          metadata: { labels: { app: "k0smotron", cluster: "demo" }, ownerReferences: [] },
          status: {
            phase: "Pending",
            conditions: [condition("PodScheduled", "False", { reason: "Unschedulable", message })],
          },
        }),
      );
    },
  },
  ...(
    [
      [
        "image-not-found",
        "the image is not usable: found no image with name ubuntu",
        'failed to get system disk image "ubuntu": found no image with name ubuntu',
      ],
      [
        "subnet-not-found",
        "the subnet is not usable: failed to retrieve subnet by name vlan",
        "failed to retrieve subnet by name vlan",
      ],
      [
        "prism-element-not-found",
        "the Prism Element cluster is not usable: failed to retrieve Prism Element cluster by name pe",
        "failed to retrieve Prism Element cluster by name pe",
      ],
      [
        "project-not-found",
        "the project is not usable: add VM demo-md-abc-x7 to project: failed to retrieve project by name team",
        "error occurred while trying to add VM demo-md-abc-x7 to project: failed to retrieve project by name team",
      ],
      [
        "category-not-found",
        "a category is not usable: category value Dev not found in category Environment. error",
        "category value Dev not found in category Environment. error",
      ],
      [
        "gpu-not-available",
        "the GPU is not available: no available GPU found in Prism Element that matches required GPU inputs",
        "no available GPU found in Prism Element that matches required GPU inputs",
      ],
      [
        "storage-container-not-found",
        "the storage container is not usable: failed to find storage container fast",
        "failed to find storage container fast",
      ],
      [
        "machine-too-small",
        "CAPX rejects the size: minimum memorySize is 2048Mib but given 1024Mib",
        "minimum memorySize is 2048Mib but given 1024Mib",
      ],
      [
        "out-of-resources",
        "Nutanix has no capacity: not enough memory on any host, progress_message: create_vm_intent_spec",
        "error_detail: not enough memory on any host, progress_message: create_vm_intent_spec",
      ],
      [
        "vm-name-conflict",
        "another virtual machine has this name: found more than one (2) vms with name demo-md-abc-x7",
        "error: found more than one (2) vms with name demo-md-abc-x7",
      ],
      [
        "machine-failed-permanently",
        "a machine has failed permanently: error occurred while adding guest customization to vm spec",
        "error occurred while adding guest customization to vm spec",
      ],
    ] as const
  ).map(([id, cause, message]) => ({ id, cause, apply: (fixture: ClusterFixture) => failMachine(fixture, message) })),
  {
    id: "vm-creation-failed",
    cause: "a virtual machine is not created: task 1234 ended with FAILED",
    apply: (fixture) => {
      markNotReady(fixture);
      objectIn(fixture, "NutanixMachine", MACHINE)["status"].ready = false;
      const fields = { reason: "FailedVMTask", message: "task 1234 ended with FAILED" };
      setCondition(fixture, "NutanixMachine", MACHINE, condition("VMProvisioned", "False", fields));
    },
  },
  {
    id: "vm-without-address",
    cause: "the virtual machine demo-md-abc-x7 runs and has no address on its network",
    apply: (fixture) => {
      markNotReady(fixture);
      objectIn(fixture, "NutanixMachine", MACHINE)["status"].ready = false;
      const message = "unable to determine network interfaces from VM: demo-md-abc-x7. Retrying";
      setCondition(
        fixture,
        "NutanixMachine",
        MACHINE,
        condition("VMAddressesAssigned", "False", { reason: "VMAddressesFailed", message }),
      );
    },
  },
  {
    id: "endpoint-unreachable",
    cause: "the control plane endpoint 10.1.1.201:6443 of demo does not answer",
    apply: (fixture) => {
      markNotReady(fixture);
      fixture.probes.push({ address: "10.1.1.200:6443" }, { address: "10.1.1.201:6443", error: "connect ETIMEDOUT" });
      delete objectIn(fixture, "Machine", MACHINE)["status"].nodeRef;
    },
  },
  {
    id: "join-token-missing",
    cause: "k0smotron has created no join token for demo-md-abc-x7",
    apply: (fixture) => {
      markNotReady(fixture);
      objectIn(fixture, "NutanixMachine", MACHINE)["status"] = { ready: false };
      const waits = { reason: "BootstrapDataNotReady", severity: "Info", lastTransitionTime: ago(20) };
      setCondition(fixture, "NutanixMachine", MACHINE, condition("VMProvisioned", "False", waits));
    },
  },
  {
    id: "node-does-not-join",
    cause: "demo-md-abc-x7 has run for 25 minutes and has not joined as a node",
    apply: (fixture) => {
      markNotReady(fixture);
      setCondition(
        fixture,
        "NutanixMachine",
        MACHINE,
        condition("VMAddressesAssigned", "True", { lastTransitionTime: ago(25) }),
      );
      delete objectIn(fixture, "Machine", MACHINE)["status"].nodeRef;
    },
  },
  {
    id: "kubeconfig-missing",
    cause: "the control plane of demo runs, and its kubeconfig (Secret demo-kubeconfig) does not exist",
    apply: (fixture) => remove(fixture, "Secret", "demo-kubeconfig"),
  },
  {
    id: "template-edited-in-place",
    cause: "the template demo-worker-mt-1a2b was edited (memorySize), and 1 of its machines have the old content",
    apply: (fixture) => {
      objectIn(fixture, "NutanixMachineTemplate", "demo-worker-mt-1a2b")["spec"].template.spec.memorySize = "8Gi";
    },
  },
  {
    id: "workers-blocked-by-preflight",
    cause: "demo-md-abc creates no machine: ControlPlaneIsStable: the control plane is upgrading",
    apply: (fixture) => {
      const fields = {
        reason: "PreflightCheckFailed",
        message: "ControlPlaneIsStable: the control plane is upgrading",
      };
      setCondition(fixture, "MachineSet", "demo-md-abc", condition("MachinesCreated", "False", fields));
    },
  },
  {
    id: "remediation-stopped",
    cause: "demo-md replaces no machine: Remediation is not allowed, 3 of 4 are unhealthy",
    apply: (fixture) => {
      const fields = { reason: "TooManyUnhealthy", message: "Remediation is not allowed, 3 of 4 are unhealthy" };
      setCondition(fixture, "MachineHealthCheck", "demo-md", condition("RemediationAllowed", "False", fields));
    },
  },
  {
    id: "kcm-permissions-missing",
    cause: "kcm cannot release demo: it lacks permissions on NutanixClusters",
    apply: (fixture) => {
      markDeleted(fixture, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"]);
      const message =
        'nutanixclusters.infrastructure.cluster.x-k8s.io "demo" is forbidden: User "system:serviceaccount:kcm-system:kcm-controller-manager" cannot patch resource "nutanixclusters"';
      setCondition(fixture, "ClusterDeployment", "demo", condition("Deleting", "True", { reason: "Failed", message }));
    },
  },
  {
    id: "vm-not-deleted",
    cause:
      "the virtual machine demo-md-abc-x7 cannot be deleted: failed to delete VM demo-md-abc-x7 with UUID demo-uuid: VM is protected",
    apply: (fixture) => {
      markDeleted(fixture, "NutanixMachine", MACHINE, ["infrastructure.cluster.x-k8s.io/nutanixmachine"]);
      markDeleted(fixture, "Machine", MACHINE, ["machine.cluster.x-k8s.io"]);
      const fields = {
        reason: "DeletionFailed",
        message: "failed to delete VM demo-md-abc-x7 with UUID demo-uuid: VM is protected",
      };
      setCondition(fixture, "NutanixMachine", MACHINE, condition("VMProvisioned", "False", fields));
    },
  },
  {
    id: "deletion-blocked",
    cause:
      "NutanixMachine demo-md-abc-x7 has been terminating for 30 minutes, blocked by infrastructure.cluster.x-k8s.io/nutanixmachine (CAPX)",
    apply: (fixture) => {
      markDeleted(fixture, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"]);
      markDeleted(fixture, "Cluster", "demo", ["cluster.cluster.x-k8s.io"]);
      markDeleted(fixture, "NutanixMachine", MACHINE, ["infrastructure.cluster.x-k8s.io/nutanixmachine"]);
    },
  },
  {
    id: "credential-not-propagated",
    cause:
      "the login of demo is not copied into it: the ConfigMap demo-nutanix-identity-resource-template does not exist",
    apply: (fixture) => remove(fixture, "ConfigMap", "demo-nutanix-identity-resource-template"),
  },
  {
    id: "cluster-failed",
    cause: "demo is blocked by ClusterDeployment demo: something nobody foresaw",
    apply: (fixture) => {
      const message = "something nobody foresaw";
      setCondition(fixture, "ClusterDeployment", "demo", condition("SveltosProfileReady", "False", { message }));
      setCondition(fixture, "ClusterDeployment", "demo", condition("Ready", "False", { message }));
    },
  },
  {
    id: "cluster-in-progress",
    cause:
      "demo is blocked by ClusterDeployment demo: waits for the finalizers k0rdent.mirantis.com/cluster-deployment",
    apply: (fixture) =>
      markDeleted(fixture, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"], 1),
  },
  {
    id: "cannot-read",
    cause: "some kinds could not be read: Machine",
    apply: (fixture) => {
      fixture.gaps.push({
        kind: "Machine",
        why: "forbidden",
        message: 'machines is forbidden: User "guest" cannot list',
      });
    },
  },
  {
    id: "helm-release-pending",
    cause: "Helm release nutanix-capx in kcm-system is pending-upgrade since 2026-11-24T11:00:00Z",
    apply: (fixture) => {
      const labels = { owner: "helm", name: "nutanix-capx", status: "pending-upgrade", version: "3" };
      const secret = object("Secret", "sh.helm.release.v1.nutanix-capx.v3", {});
      Object.assign(secret["metadata"], { labels, creationTimestamp: "2026-11-24T11:00:00Z" });
      fixture.objects["Secret"]?.push(secret);
    },
  },
];
