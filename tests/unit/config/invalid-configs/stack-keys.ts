import { all, type InvalidConfig, nothing, set, without } from "./invalid-config.ts";

/** Keys of the stack, management and capx. */
export const STACK_KEYS: readonly InvalidConfig[] = [
  {
    name: "a key that nobody reads",
    change: set("cluster", {}),
    lines: [
      "cluster: is an unknown key; the keys are environment, management, capx, prismCentral, preflight, credentials, clusters, serviceTemplates, multiClusterServices, networks, peerStacks, policy",
    ],
  },
  {
    name: "an environment that is not known",
    change: set("environment", "test"),
    lines: ['environment: "test" is not an allowed value; use dev or staging or production'],
  },
  {
    name: "a mode of the preflight that is not known",
    change: set("preflight", { mode: "on" }),
    lines: ['preflight.mode: "on" is not an allowed value; use off or warn or enforce'],
  },
  {
    name: "a check skipped without a reason",
    change: set("preflight", { mode: "warn", skip: { "image-exists": "" } }),
    lines: ['preflight.skip.image-exists: "" is empty; state why the check is skipped'],
  },
  {
    name: "a check skipped in production",
    change: set("preflight", { mode: "warn", skip: { "image-exists": "later" } }),
    lines: [
      'preflight.skip.image-exists: "later" skips a check (production-preflight-skips-no-checks); fix what the check finds, and remove the entry; outside production it is allowed',
    ],
  },
  { name: "no management", change: without("management"), lines: ["management: is missing; add it"] },
  {
    name: "management as text",
    change: set("management", "kubeconfig"),
    lines: ['management: "kubeconfig" is a string, not a map; use a map'],
  },
  {
    name: "a key of management misspelt",
    change: set("management.kubeConfig", "k"),
    lines: ['management.kubeConfig: is an unknown key; did you mean "kubeconfig"?'],
  },
  {
    name: "a key of management that is like none",
    change: set("management.vcenter", "k"),
    lines: ["management.vcenter: is an unknown key; remove it"],
  },
  {
    name: "kubeconfig as a number",
    change: set("management.kubeconfig", 5),
    lines: ["management.kubeconfig: 5 is a number, not a string; use a string, in quotes"],
  },
  {
    name: "kubeconfig empty",
    change: set("management.kubeconfig", ""),
    lines: ['management.kubeconfig: "" is empty; set it, or remove it'],
  },
  {
    name: "neither kubeconfig nor inCluster",
    change: all(without("management.kubeconfig"), without("management.context")),
    lines: [
      "management.kubeconfig: is missing, while inCluster is false; set the kubeconfig of the management cluster, or inCluster: true",
    ],
  },
  {
    name: "kubeconfig and inCluster",
    change: set("management.inCluster", true),
    lines: [
      'management.kubeconfig: "kubeconfig" conflicts with inCluster: true; set the kubeconfig of the management cluster, or inCluster: true',
    ],
  },
  {
    name: "a kubeconfig that is a folder",
    change: set("management.kubeconfig", "/"),
    lines: ['management.kubeconfig: "/" cannot be read (EISDIR); set an existing file'],
  },
  {
    name: "a context that the kubeconfig has not",
    change: set("management.context", "other"),
    lines: ['management.context: "other" is not a context of the kubeconfig; set management'],
  },
  {
    name: "a kubeconfig that is not valid YAML",
    change: nothing,
    files: { kubeconfig: "users: [{token: canary-token" },
    lines: [
      'management.context: "management" is not a context of the kubeconfig; set another file in management.kubeconfig',
    ],
  },
  {
    name: "inCluster as text",
    change: set("management.inCluster", "yes"),
    lines: ['management.inCluster: "yes" is a string, not a boolean; use true or false'],
  },
  {
    name: "kcm's version in part",
    change: set("management.kcm.version", "1.2"),
    lines: ['management.kcm.version: "1.2" is not a version; use a full version, such as "1.2.0"'],
  },
  {
    name: "kcm's version as a number",
    change: set("management.kcm.version", 1.2),
    lines: ['management.kcm.version: 1.2 is not a version; use a full version, such as "1.2.0"'],
  },
  {
    name: "kcm's chart empty",
    change: set("management.kcm.chart", ""),
    lines: ['management.kcm.chart: "" is empty; set it, or remove it'],
  },
  {
    name: "kcm's values as a list",
    change: set("management.kcm.values", ["a"]),
    lines: ["management.kcm.values: is a list, not a map; use a map"],
  },
  {
    name: "a provider without a name",
    change: set("management.providers", [{}]),
    lines: ["management.providers.0.name: is missing; add it"],
  },
  {
    name: "a provider's name that Kubernetes refuses",
    change: set("management.providers.0.name", "AWS"),
    lines: [
      "management.providers.0.name: \"AWS\" is not the name of a Kubernetes object; use lower-case letters, digits, '-' and '.'",
    ],
  },
  {
    name: "providers as a map",
    change: set("management.providers", { aws: {} }),
    lines: ["management.providers: is a map, not a list; use a list"],
  },
  {
    name: "a timeout of no seconds",
    change: set("management.timeouts.management", 0),
    lines: ["management.timeouts.management: 0 is not a duration in seconds; use an integer, 1 or more"],
  },
  {
    name: "a timeout with a unit",
    change: set("management.timeouts.cluster", "60m"),
    lines: ['management.timeouts.cluster: "60m" is not a duration in seconds; use an integer, 1 or more'],
  },
  {
    name: "a timeout misspelt",
    change: set("management.timeouts.clusters", 60),
    lines: ['management.timeouts.clusters: is an unknown key; did you mean "cluster"?'],
  },
  {
    name: "adopt as a number",
    change: set("management.adopt", 1),
    lines: ["management.adopt: 1 is a number, not a boolean; use true or false"],
  },
  {
    name: "a CAPX version with words",
    change: set("capx.version", "latest"),
    lines: ['capx.version: "latest" is not a version; use a full version, such as "1.2.0"'],
  },
  {
    name: "a chart repository that is no registry",
    change: set("capx.chartRepository", "https://charts.example.com"),
    lines: [
      'capx.chartRepository: "https://charts.example.com" is not an OCI registry; use oci://registry/path, or remove it to serve the charts from the management cluster',
    ],
  },
  {
    name: "takeOwnership as text",
    change: set("capx.takeOwnership", "true"),
    lines: ['capx.takeOwnership: "true" is a string, not a boolean; use true or false'],
  },
  {
    name: "CAPX brought by another stack, kcm by this one",
    change: set("capx.managedExternally", true),
    lines: [
      "capx.managedExternally: true requires management.adopt: this stack installs kcm, so no other stack can manage CAPX; set management.adopt: true, or remove capx.managedExternally",
    ],
  },
  {
    name: "a key of capx misspelt",
    change: set("capx.managedExternaly", true),
    lines: ['capx.managedExternaly: is an unknown key; did you mean "managedExternally"?'],
  },
  {
    name: "a secret outside credentials",
    change: nothing,
    secretKeys: ["credentials", "management"],
    lines: [
      "management: contains a secret, and only credentials are kept secret; move the secret to credentials, or store the value in plain text if it is not a secret",
    ],
  },
  {
    name: "a number as a whole section",
    change: set("prismCentral", 5),
    lines: ["prismCentral: 5 is a number, not a map; use a map"],
  },
  {
    name: "another chart without a place",
    change: set("capx", { chart: "nutanix-capx" }),
    lines: [
      'capx.chart: "nutanix-capx" is not the address of a chart; use oci://registry/path, or a folder path with a /; or remove it',
    ],
  },
  {
    name: "a version of no other chart",
    change: set("capx", { chartVersion: "1.0.0" }),
    lines: ['capx.chartVersion: "1.0.0" has no effect without capx.chart; remove it, or set capx.chart'],
  },
  {
    name: "settings of this project's chart beside another one",
    change: set("capx", {
      chart: "oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx",
      chartRepository: "oci://registry.example.com/charts",
      version: "1.7.0",
      takeOwnership: true,
    }),
    lines: [
      'capx.chartRepository: "oci://registry.example.com/charts" has no effect with capx.chart; remove one of the two',
      'capx.version: "1.7.0" has no effect with capx.chart; remove one of the two',
      "capx.takeOwnership: true has no effect with capx.chart; remove one of the two",
    ],
  },
];
