import { ago, condition, type Live, object, type World } from "./cluster-fixture.ts";

/** One thing that is wrong in an otherwise healthy management cluster, and what the doctor must say first. */
export interface Ill {
  readonly id: string;
  readonly cause: string;
  readonly make: (world: World) => void;
}

const MACHINE = "demo-md-abc-x7";

/** An object of the world, to change. */
function the(world: World, kind: string, name: string): Live {
  const found = world.objects[kind]?.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

function drop(world: World, kind: string, name: string): void {
  const list = world.objects[kind] ?? [];
  list.splice(list.indexOf(the(world, kind, name)), 1);
}

/** Puts a condition in the place of the one of its type, or beside the others. */
function say(world: World, kind: string, name: string, said: Live): void {
  const { status } = the(world, kind, name);
  status.conditions = [...(status.conditions ?? []).filter(({ type }: Live) => type !== said["type"]), said];
}

/** The cluster demo does not become ready, as kcm tells it. */
function notReady(world: World): void {
  say(world, "ClusterDeployment", "demo", condition("Ready", "False", { message: "Cluster is not ready" }));
  say(world, "ClusterDeployment", "demo", condition("CAPIClusterSummary", "False", { reason: "IssuesReported" }));
  say(world, "Cluster", "demo", condition("Ready", "False", { reason: "NotReady" }));
}

/** CAPX gives the machine of demo up with these words: at 1.7 every error while it is made does that. */
function givesUp(world: World, message: string): void {
  notReady(world);
  const machine = the(world, "NutanixMachine", MACHINE);
  machine["status"] = { ready: false, failureReason: "CreateError", failureMessage: message, conditions: [] };
  const owner = the(world, "Machine", MACHINE);
  owner["status"] = { phase: "Failed", failureReason: "CreateError", failureMessage: message };
}

/** Prism Central's client of demo is not made, for this reason. */
function noClient(world: World, message: string): void {
  notReady(world);
  the(world, "NutanixCluster", "demo-cluster")["status"].ready = false;
  say(
    world,
    "NutanixCluster",
    "demo-cluster",
    condition("PrismClientInit", "False", { reason: "PrismClientInitFailed", message }),
  );
}

function component(world: World, name: string, error: string): void {
  const management = the(world, "Management", "kcm");
  management["status"].components[name] = { success: false, error };
  say(world, "Management", "kcm", condition("Ready", "False", { reason: "NotAllComponentsHealthy" }));
}

function deleting(world: World, kind: string, name: string, finalizers: string[], minutes = 30): void {
  Object.assign(the(world, kind, name)["metadata"], { deletionTimestamp: ago(minutes), finalizers });
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

export const ILLS: readonly Ill[] = [
  {
    id: "management-missing",
    cause: "there is no Management object",
    make: (world) => drop(world, "Management", "kcm"),
  },
  {
    id: "management-ready-too-early",
    cause: "Management says Ready, and has not looked: it reports no component",
    make: (world) => {
      const management = the(world, "Management", "kcm");
      management["status"] = { conditions: [condition("Ready", "True", { reason: "AllComponentsHealthy" })] };
    },
  },
  {
    id: "component-failed",
    cause:
      "component projectsveltos is not installed: HelmRelease kcm-system/projectsveltos is not yet ready: context deadline exceeded",
    make: (world) => {
      component(
        world,
        "projectsveltos",
        "HelmRelease kcm-system/projectsveltos is not yet ready: context deadline exceeded",
      );
      component(world, NUTANIX, "Some dependencies are not ready yet. Waiting for projectsveltos");
    },
  },
  {
    id: "provider-without-variables",
    cause: "CAPX has no Secret of variables: spec.configSecret is not set",
    make: (world) => {
      delete the(world, "InfrastructureProvider", "nutanix")["spec"].configSecret;
      component(world, NUTANIX, "InfrastructureProvider is not yet ready: status is not updated yet");
    },
  },
  {
    id: "provider-without-variables",
    cause: "CAPX has no variables: the Secret nutanix-creds is not there",
    make: (world) => {
      drop(world, "Secret", "nutanix-creds");
      component(world, NUTANIX, 'secrets "nutanix-creds" not found');
    },
  },
  {
    id: "capx-version-does-not-fit",
    cause: "CAPX v1.10.3 is not compatible with kcm 1.2.0; with kcm 1.2.0 go 1.7.x, 1.8.x",
    make: (world) => {
      the(world, "InfrastructureProvider", "nutanix")["status"].installedVersion = "v1.10.3";
      component(world, NUTANIX, "HelmRelease kcm-system/cluster-api-provider-nutanix is not yet ready");
      const line = 'no matches for kind "Cluster" in version "cluster.x-k8s.io/v1beta2"';
      world.logs.push({ pod: "capx-controller-manager-1", part: "capx", lines: [line] });
    },
  },
  {
    id: "controller-down",
    cause: "the pod capx-controller-manager-1 does not run: ImagePullBackOff",
    make: (world) => {
      const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image" };
      world.objects["Pod"]?.push(
        object("Pod", "capx-controller-manager-1", {
          metadata: { ownerReferences: [{ kind: "ReplicaSet", name: "capx", uid: "u" }] },
          status: { phase: "Pending", containerStatuses: [{ name: "manager", state: { waiting } }] },
        }),
      );
      component(world, NUTANIX, "Deployment capx-controller-manager is not available");
    },
  },
  {
    id: "charts-cannot-be-fetched",
    cause: "HelmRepository nutanix-charts cannot be fetched: failed to fetch Helm repository index: connection refused",
    make: (world) => {
      const message = "failed to fetch Helm repository index: connection refused";
      say(world, "HelmRepository", "nutanix-charts", condition("Ready", "False", { reason: "FetchFailed", message }));
      const template = the(world, "ClusterTemplate", "nutanix-k0s-hcp-1-0-0");
      template["status"] = { valid: false, validationError: "chart is not ready" };
    },
  },
  {
    id: "template-not-valid",
    cause:
      "ClusterTemplate nutanix-k0s-hcp-1-0-0 waits for providers: one or more required providers are not deployed yet: [infrastructure-nutanix]; used by calm, demo",
    make: (world) => {
      the(world, "ClusterTemplate", "nutanix-k0s-hcp-1-0-0")["status"] = {
        valid: false,
        validationError: "one or more required providers are not deployed yet: [infrastructure-nutanix]",
      };
      say(world, "ClusterDeployment", "demo", condition("TemplateReady", "False"));
    },
  },
  {
    id: "credential-not-ready",
    cause: "Credential demo-nutanix is not ready: its Secret demo-nutanix-identity is not there",
    make: (world) => {
      drop(world, "Secret", "demo-nutanix-identity");
      the(world, "Credential", "demo-nutanix")["status"].ready = false;
      const message = "Failed to get ClusterIdentity object of Kind=Secret kcm-system/demo-nutanix-identity";
      say(world, "Credential", "demo-nutanix", condition("CredentialReady", "False", { message }));
      say(world, "ClusterDeployment", "demo", condition("CredentialReady", "False"));
    },
  },
  {
    id: "values-refused",
    cause: "the chart refuses the values of demo: at '/worker': additional properties 'labels' not allowed",
    make: (world) => {
      const message =
        "failed to validate template with provided configuration: values don't meet the specifications of the schema(s) in the following chart(s):\nnutanix-k0s-hcp:\n- at '/worker': additional properties 'labels' not allowed";
      say(world, "ClusterDeployment", "demo", condition("HelmChartReady", "False", { message }));
      say(world, "ClusterDeployment", "demo", condition("Ready", "False", { message }));
    },
  },
  {
    id: "helm-release-failed",
    cause:
      'the chart of demo is not installed: Helm install failed for release kcm-system/demo: admission webhook "validation.k0scontrolplane" denied the request: version 1.31.1 is not supported',
    make: (world) => {
      const message =
        'Helm install failed for release kcm-system/demo: admission webhook "validation.k0scontrolplane" denied the request: version 1.31.1 is not supported';
      say(
        world,
        "ClusterDeployment",
        "demo",
        condition("HelmReleaseReady", "False", { reason: "InstallFailed", message }),
      );
      say(world, "HelmRelease", "demo", condition("Ready", "False", { reason: "InstallFailed", message }));
    },
  },
  {
    id: "cluster-not-deployed",
    cause: "the stack file asks for the cluster third, and there is no ClusterDeployment of that name",
    make: (world) => {
      world.asked = ["calm", "demo", "third"];
    },
  },
  {
    id: "credentials-gone",
    cause:
      "the Secret demo-capx-credentials with the login of demo is gone; its deletion is held by infrastructure.cluster.x-k8s.io/nutanixcluster",
    make: (world) => {
      drop(world, "Secret", "demo-capx-credentials");
      deleting(world, "NutanixCluster", "demo-cluster", ["infrastructure.cluster.x-k8s.io/nutanixcluster"]);
      deleting(world, "Cluster", "demo", ["cluster.cluster.x-k8s.io"]);
      deleting(world, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"]);
    },
  },
  {
    id: "credentials-owned-by-another-cluster",
    cause: "demo names the Secret calm-capx-credentials that belongs to the cluster calm",
    make: (world) => {
      notReady(world);
      the(world, "NutanixCluster", "demo-cluster")["spec"].prismCentral.credentialRef.name = "calm-capx-credentials";
      const message = "secret calm-capx-credentials already owned by another nutanixCluster object";
      const reason = "CredentialRefSecretOwnerSetFailed";
      say(
        world,
        "NutanixCluster",
        "demo-cluster",
        condition("CredentialRefSecretOwnerSet", "False", { reason, message }),
      );
    },
  },
  {
    id: "trust-bundle-without-ca",
    cause: "the trust bundle demo-pc-ca of demo has ca-bundle.crt and no ca.crt",
    make: (world) => {
      the(world, "ConfigMap", "demo-pc-ca")["data"] = { "ca-bundle.crt": "…" };
      noClient(
        world,
        'Get "https://pc.example.com:9440": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      );
    },
  },
  {
    id: "prism-central-not-trusted",
    cause:
      'the certificate of pc.example.com is not trusted: Get "https://pc.example.com:9440": x509: certificate has expired',
    make: (world) => noClient(world, 'Get "https://pc.example.com:9440": x509: certificate has expired'),
  },
  {
    id: "prism-central-login-rejected",
    cause: "Prism Central refuses the login of demo, from the Secret demo-capx-credentials",
    make: (world) => noClient(world, "invalid Nutanix credentials"),
  },
  {
    id: "prism-central-rights-missing",
    cause: "the user of demo may not do what CAPX asks: status: 403 Forbidden, Access is denied",
    make: (world) => {
      notReady(world);
      const said = { reason: "ClusterCategoryCreationFailed", message: "status: 403 Forbidden, Access is denied" };
      say(world, "NutanixCluster", "demo-cluster", condition("ClusterCategoryCreated", "False", said));
    },
  },
  {
    id: "prism-central-unreachable",
    cause: "pc.example.com cannot be reached: dial tcp 10.9.9.9:9440: i/o timeout",
    make: (world) => noClient(world, "dial tcp 10.9.9.9:9440: i/o timeout"),
  },
  {
    id: "failure-domain-wrong",
    cause: 'a failure domain of demo is wrong: failed to validate the failure domain "a" configuration',
    make: (world) => {
      notReady(world);
      const message = 'failed to validate the failure domain "a" configuration';
      say(world, "NutanixCluster", "demo-cluster", condition("FailureDomainsValidated", "False", { message }));
    },
  },
  {
    id: "endpoint-used-twice",
    cause: "the clusters calm and demo have one control plane endpoint, 10.1.1.200",
    make: (world) => {
      the(world, "NutanixCluster", "demo-cluster")["spec"].controlPlaneEndpoint.host = "10.1.1.200";
    },
  },
  {
    id: "vm-shared",
    cause: "calm-md-abc-x7 and demo-md-abc-x7 claim one virtual machine, calm-uuid",
    make: (world) => {
      the(world, "NutanixMachine", MACHINE)["status"].vmUUID = "calm-uuid";
    },
  },
  {
    id: "hosted-control-plane-without-address",
    cause: "the hosted control plane of demo waits for the address of its load balancer",
    make: (world) => {
      notReady(world);
      world.objects["Service"]?.push(
        object("Service", "kmc-demo-lb", { spec: { type: "LoadBalancer" }, status: { loadBalancer: {} } }),
      );
      world.events.push(event("Service", "kmc-demo-lb", "AllocationFailed", "no available IPs in pool default"));
      const waiting = { reason: "WaitingForControlPlane", message: "Waiting for control plane provider" };
      say(world, "Cluster", "demo", condition("ControlPlaneInitialized", "False", waiting));
    },
  },
  {
    id: "hosted-control-plane-not-scheduled",
    cause:
      "a pod of the hosted control plane of demo does not run: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims",
    make: (world) => {
      notReady(world);
      const message = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims";
      world.objects["Pod"]?.push(
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
        "there is no such GPU: no available GPU found in Prism Element that matches required GPU inputs",
        "no available GPU found in Prism Element that matches required GPU inputs",
      ],
      [
        "storage-container-not-found",
        "the storage container is not usable: failed to find storage container fast",
        "failed to find storage container fast",
      ],
      [
        "machine-too-small",
        "CAPX refuses the size: minimum memorySize is 2048Mib but given 1024Mib",
        "minimum memorySize is 2048Mib but given 1024Mib",
      ],
      [
        "out-of-resources",
        "Nutanix has no room: not enough memory on any host, progress_message: create_vm_intent_spec",
        "error_detail: not enough memory on any host, progress_message: create_vm_intent_spec",
      ],
      [
        "vm-name-taken",
        "another virtual machine has this name: found more than one (2) vms with name demo-md-abc-x7",
        "error: found more than one (2) vms with name demo-md-abc-x7",
      ],
      [
        "machine-given-up",
        "a machine is given up: error occurred while adding guest customization to vm spec",
        "error occurred while adding guest customization to vm spec",
      ],
    ] as const
  ).map(([id, cause, message]) => ({ id, cause, make: (world: World) => givesUp(world, message) })),
  {
    id: "vm-creation-failed",
    cause: "a virtual machine is not made: task 1234 ended with FAILED",
    make: (world) => {
      notReady(world);
      the(world, "NutanixMachine", MACHINE)["status"].ready = false;
      const said = { reason: "FailedVMTask", message: "task 1234 ended with FAILED" };
      say(world, "NutanixMachine", MACHINE, condition("VMProvisioned", "False", said));
    },
  },
  {
    id: "vm-without-address",
    cause: "the virtual machine demo-md-abc-x7 runs and has no address on its network",
    make: (world) => {
      notReady(world);
      the(world, "NutanixMachine", MACHINE)["status"].ready = false;
      const message = "unable to determine network interfaces from VM: demo-md-abc-x7. Retrying";
      say(
        world,
        "NutanixMachine",
        MACHINE,
        condition("VMAddressesAssigned", "False", { reason: "VMAddressesFailed", message }),
      );
    },
  },
  {
    id: "endpoint-unreachable",
    cause: "nobody answers at the control plane endpoint 10.1.1.201:6443 of demo",
    make: (world) => {
      notReady(world);
      world.probes.push({ address: "10.1.1.200:6443" }, { address: "10.1.1.201:6443", fault: "connect ETIMEDOUT" });
      delete the(world, "Machine", MACHINE)["status"].nodeRef;
    },
  },
  {
    id: "no-join-token",
    cause: "k0smotron has made no join token for demo-md-abc-x7",
    make: (world) => {
      notReady(world);
      the(world, "NutanixMachine", MACHINE)["status"] = { ready: false };
      const waits = { reason: "BootstrapDataNotReady", severity: "Info", lastTransitionTime: ago(20) };
      say(world, "NutanixMachine", MACHINE, condition("VMProvisioned", "False", waits));
    },
  },
  {
    id: "node-does-not-join",
    cause: "demo-md-abc-x7 has run for 25 minutes and has not joined as a node",
    make: (world) => {
      notReady(world);
      say(world, "NutanixMachine", MACHINE, condition("VMAddressesAssigned", "True", { lastTransitionTime: ago(25) }));
      delete the(world, "Machine", MACHINE)["status"].nodeRef;
    },
  },
  {
    id: "kubeconfig-missing",
    cause: "the control plane of demo is up, and its kubeconfig (Secret demo-kubeconfig) is not there",
    make: (world) => drop(world, "Secret", "demo-kubeconfig"),
  },
  {
    id: "template-edit-rolls-nothing",
    cause: "the template demo-worker-mt-1a2b was edited (memorySize), and 1 of its machines are as they were",
    make: (world) => {
      the(world, "NutanixMachineTemplate", "demo-worker-mt-1a2b")["spec"].template.spec.memorySize = "8Gi";
    },
  },
  {
    id: "workers-held-back",
    cause: "demo-md-abc makes no machine: ControlPlaneIsStable: the control plane is upgrading",
    make: (world) => {
      const said = { reason: "PreflightCheckFailed", message: "ControlPlaneIsStable: the control plane is upgrading" };
      say(world, "MachineSet", "demo-md-abc", condition("MachinesCreated", "False", said));
    },
  },
  {
    id: "remediation-stopped",
    cause: "demo-md replaces no machine: Remediation is not allowed, 3 of 4 are unhealthy",
    make: (world) => {
      const said = { reason: "TooManyUnhealthy", message: "Remediation is not allowed, 3 of 4 are unhealthy" };
      say(world, "MachineHealthCheck", "demo-md", condition("RemediationAllowed", "False", said));
    },
  },
  {
    id: "kcm-rights-missing",
    cause: "kcm may not let go of demo: it lacks rights on NutanixClusters",
    make: (world) => {
      deleting(world, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"]);
      const message =
        'nutanixclusters.infrastructure.cluster.x-k8s.io "demo" is forbidden: User "system:serviceaccount:kcm-system:kcm-controller-manager" cannot patch resource "nutanixclusters"';
      say(world, "ClusterDeployment", "demo", condition("Deleting", "True", { reason: "Failed", message }));
    },
  },
  {
    id: "vm-not-deleted",
    cause:
      "the virtual machine demo-md-abc-x7 cannot be deleted: failed to delete VM demo-md-abc-x7 with UUID demo-uuid: VM is protected",
    make: (world) => {
      deleting(world, "NutanixMachine", MACHINE, ["infrastructure.cluster.x-k8s.io/nutanixmachine"]);
      deleting(world, "Machine", MACHINE, ["machine.cluster.x-k8s.io"]);
      const said = {
        reason: "DeletionFailed",
        message: "failed to delete VM demo-md-abc-x7 with UUID demo-uuid: VM is protected",
      };
      say(world, "NutanixMachine", MACHINE, condition("VMProvisioned", "False", said));
    },
  },
  {
    id: "deletion-held",
    cause:
      "NutanixMachine demo-md-abc-x7 is being deleted for 30 minutes, held by infrastructure.cluster.x-k8s.io/nutanixmachine (CAPX)",
    make: (world) => {
      deleting(world, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"]);
      deleting(world, "Cluster", "demo", ["cluster.cluster.x-k8s.io"]);
      deleting(world, "NutanixMachine", MACHINE, ["infrastructure.cluster.x-k8s.io/nutanixmachine"]);
    },
  },
  {
    id: "credential-not-propagated",
    cause:
      "the login of demo is not copied into it: the ConfigMap demo-nutanix-identity-resource-template is not there",
    make: (world) => drop(world, "ConfigMap", "demo-nutanix-identity-resource-template"),
  },
  {
    id: "cluster-failed",
    cause: "demo is held up by ClusterDeployment demo: something nobody foresaw",
    make: (world) => {
      const message = "something nobody foresaw";
      say(world, "ClusterDeployment", "demo", condition("SveltosProfileReady", "False", { message }));
      say(world, "ClusterDeployment", "demo", condition("Ready", "False", { message }));
    },
  },
  {
    id: "cluster-under-way",
    cause:
      "demo is held up by ClusterDeployment demo: waits for the finalizers k0rdent.mirantis.com/cluster-deployment",
    make: (world) => deleting(world, "ClusterDeployment", "demo", ["k0rdent.mirantis.com/cluster-deployment"], 1),
  },
  {
    id: "cannot-read",
    cause: "not everything could be read: Machine",
    make: (world) => {
      world.gaps.push({
        kind: "Machine",
        why: "forbidden",
        message: 'machines is forbidden: User "guest" cannot list',
      });
    },
  },
];
