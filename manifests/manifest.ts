/** A plain Kubernetes object, before Pulumi makes a resource of it. It never holds a secret. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Marks every object with the stack that wrote it: by this label an update adopts what an interrupted run created. */
export const STACK_LABEL = "k0rdent-nutanix/stack";
/** Cluster API's label, with the name of the Cluster that an object belongs to. */
export const CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name";
/** kcm puts this label on what it watches; written by us, since its own update of a template would touch an immutable spec. */
export const KCM_COMPONENT = { "k0rdent.mirantis.com/component": "kcm" } as const;
