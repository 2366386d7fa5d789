/** Words of the guides that exist for Nutanix under k0rdent which cannot stay as they are, and what became of each. */
export interface Word {
  /** As the guides write it, in Markdown. */
  readonly word: string;
  /** `replaced`: the program writes something else by itself; `refused`: the stack file is refused, with the remedy. */
  readonly fate: "replaced" | "refused";
  /** What stands in its place, or what to write. */
  readonly instead: string;
  readonly why: string;
}

export const WORDS: readonly Word[] = [
  {
    word: '`additionalCategories: ["k0s"]`',
    fate: "refused",
    instead: '`"key:value"` or `{key: …, value: …}`',
    why: "CAPX takes categories as pairs",
  },
  {
    word: "one `credentialSecretName` or trust bundle named by several clusters",
    fate: "refused",
    instead: "leave the names out: each cluster gets its own",
    why: "CAPX owns what a cluster names, refuses a second owner, and deletes it with the cluster",
  },
  {
    word: "`credentialSecretName` or `additionalTrustBundleConfigMapName` without `usePerClusterCredential: true`",
    fate: "refused",
    instead: "set it, or take them out",
    why: "with global credentials the cluster's object names no Prism Central at all, and they would be read by nobody",
  },
  {
    word: "a cluster's `prismCentral.address` that is not the one of the global credentials",
    fate: "refused",
    instead: "`usePerClusterCredential: true` and a credential",
    why: "CAPX's own credentials are for one Prism Central",
  },
  {
    word: "the chart `oci://ghcr.io/k0rdent-oot/oot/charts/nutanix-capx`",
    fate: "replaced",
    instead:
      "the charts of this project, served from inside the management cluster or from `capx.chartRepository`; `capx.chart` takes the former, with a warning",
    why: "no released state of it was found, and the charts of that source use fields that the APIs do not have",
  },
  {
    word: "`helm install … --take-ownership`",
    fate: "replaced",
    instead: "`capx.takeOwnership: true`",
    why: "Pulumi's Kubernetes provider has no such flag at this version",
  },
  {
    word: "`controller.enableTelemetry: false`, `velero.enabled: false`",
    fate: "replaced",
    instead:
      "the same from kcm 1.2 to 1.4, `regional.telemetry.mode: disabled` and `regional.velero.enabled: false` from 1.5 on",
    why: "kcm renamed them, and does not read the old ones",
  },
  {
    word: "`kubectl wait --for=condition=Ready management/kcm`, twice",
    fate: "replaced",
    instead:
      "one wait for `Ready`, the observed generation and the success of every provider, then for valid ClusterTemplates",
    why: "a fresh kcm says `Ready` before it has looked at its components",
  },
  {
    word: "the Secret `nutanix-creds` in `capx-system`",
    fate: "replaced",
    instead: "the Secret `nutanix-creds` in `kcm-system`, with the variables that CAPX is installed with",
    why: "nothing reads the former, and CAPX cannot be installed without the latter",
  },
  {
    word: "one Secret for the Credential and for CAPX",
    fate: "replaced",
    instead: "two for each cluster: `<cluster>-nutanix-identity` and `<cluster>-capx-credentials`",
    why: "CAPX deletes its own with the cluster, and the Credential would lose its identity",
  },
  {
    word: "the key `ca-bundle.crt` of the trust bundle",
    fate: "replaced",
    instead: "`ca.crt` (the other key is written beside it)",
    why: "CAPX reads `ca.crt` only, and takes a ConfigMap without it for an empty bundle",
  },
  {
    word: "`template: nutanix-k0s-hcp`, `template: nutanix-k0s-standalone`",
    fate: "replaced",
    instead:
      "`mode: hcp`, `mode: standalone`; the templates are `nutanix-k0s-hcp-1-0-0` and `nutanix-k0s-standalone-1-0-0`",
    why: "specs of ClusterTemplates are immutable, so that their names carry a version",
  },
  {
    word: "`ClusterClass` and the control plane *templates*",
    fate: "replaced",
    instead: "a plain `Cluster` with a `K0smotronControlPlane` or a `K0sControlPlane`",
    why: "kcm leaves Cluster API's gate ClusterTopology off, and a Cluster of a class is then refused; `clusterClass: true` switches the gate on and renders a class",
  },
  {
    word: '`project: "k0s-project"`, `"environment:production"`',
    fate: "replaced",
    instead: "`{type: name, name: k0s-project}`, `{key: environment, value: production}`",
    why: "CAPX's objects have no texts there",
  },
  {
    word: "`k0s.worker.labels`, `k0s.worker.taints`",
    fate: "replaced",
    instead: "arguments of `k0s worker`; `node-role.kubernetes.io/…` is set through the Machines",
    why: "k0smotron has no such fields, and a kubelet may not give itself a role",
  },
  {
    word: "a standalone `controlPlaneEndpoint` that nothing holds",
    fate: "replaced",
    instead: "k0s's own load balancer from k0s 1.30 on, kube-vip below, `external` for one of yours",
    why: "somebody must answer at that address",
  },
  {
    word: "k0s v1.29.2+k0s.0",
    fate: "replaced",
    instead: "v1.32.6+k0s.0 by default; 1.29 where it is written, its endpoint held by kube-vip",
    why: "k0s's own load balancer came with 1.30",
  },
  {
    word: "the machine template names `…-worker-mt`, `…-cp-mt`",
    fate: "replaced",
    instead: "the same with a hash of the template's content at the end",
    why: "machines are rolled by a new name only, never by a new content",
  },
  {
    word: "CAPI 1.8.4, CAPX 1.7.0, k0smotron 1.0.6",
    fate: "replaced",
    instead: "the table above",
    why: "Cluster API and k0smotron come with kcm, and CAPX has to follow them",
  },
  {
    word: "removing finalizers of stuck machines by hand",
    fate: "replaced",
    instead: "nothing: this project removes none",
    why: "the virtual machine would stay on Nutanix, with nobody left who knows of it",
  },
];
