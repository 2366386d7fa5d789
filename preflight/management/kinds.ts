/** Kinds that several checks ask about. */
import type { Kind } from "./reader.ts";

const k0rdent = (kind: string): Kind => ({ apiVersion: "k0rdent.mirantis.com/v1beta1", kind });

export const MANAGEMENTS = k0rdent("Management");
export const RELEASES = k0rdent("Release");
export const PROVIDER_TEMPLATES = k0rdent("ProviderTemplate");
export const CLUSTER_TEMPLATES = k0rdent("ClusterTemplate");
export const CREDENTIALS = k0rdent("Credential");
export const CLUSTER_DEPLOYMENTS = k0rdent("ClusterDeployment");
export const NAMESPACES: Kind = { apiVersion: "v1", kind: "Namespace" };
export const NODES: Kind = { apiVersion: "v1", kind: "Node" };
export const PODS: Kind = { apiVersion: "v1", kind: "Pod" };
export const SERVICES: Kind = { apiVersion: "v1", kind: "Service" };
export const DEPLOYMENTS: Kind = { apiVersion: "apps/v1", kind: "Deployment" };
export const DAEMON_SETS: Kind = { apiVersion: "apps/v1", kind: "DaemonSet" };
export const STORAGE_CLASSES: Kind = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" };
export const DEFINITIONS: Kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
