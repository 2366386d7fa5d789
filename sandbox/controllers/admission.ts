import type { AdmissionCaches, AdmissionDenial } from "./admission-denial.ts";
import { reviewCluster, reviewClusterUpdate } from "./cluster-admission.ts";
import {
  reviewChain,
  reviewClusterTemplateDeletion,
  reviewManagement,
  reviewManagementDeletion,
  reviewManagementUpdate,
  reviewProviderTemplateDeletion,
  reviewReleaseDeletion,
} from "./management-admission.ts";
import { reviewMultiClusterService, reviewServiceTemplateDeletion } from "./service-admission.ts";

export interface AdmissionRequest {
  uid: string;
  operation: "CREATE" | "UPDATE" | "DELETE";
  kind: { kind: string };
  object?: unknown;
  oldObject?: unknown;
}

type ReviewFunction = (
  caches: AdmissionCaches,
  objects: { before: never; after: never },
) => AdmissionDenial | undefined;

const REVIEWS: Readonly<Record<string, ReviewFunction>> = {
  "CREATE ClusterDeployment": (caches, { after }) => reviewCluster(caches, after),
  "UPDATE ClusterDeployment": (caches, { before, after }) => reviewClusterUpdate(caches, before, after),
  "CREATE Management": (caches, { after }) => reviewManagement(caches, after),
  "UPDATE Management": (caches, { before, after }) => reviewManagementUpdate(caches, before, after),
  "DELETE Management": (caches) => reviewManagementDeletion(caches),
  "DELETE ClusterTemplate": (caches, { before }) => reviewClusterTemplateDeletion(caches, before),
  "DELETE ProviderTemplate": (caches, { before }) => reviewProviderTemplateDeletion(caches, before),
  "DELETE Release": (caches, { before }) => reviewReleaseDeletion(caches, before),
  "CREATE ClusterTemplateChain": (_, { after }) => reviewChain(after),
  "CREATE ServiceTemplateChain": (_, { after }) => reviewChain(after),
  "DELETE ServiceTemplate": (caches, { before }) => reviewServiceTemplateDeletion(caches, before),
  "CREATE MultiClusterService": (caches, { after }) => reviewMultiClusterService(caches, after),
  "UPDATE MultiClusterService": (caches, { after }) => reviewMultiClusterService(caches, after),
};

/** kcm's review of a request by what its caches show. Undefined: admitted. */
export function review(caches: AdmissionCaches, request: AdmissionRequest): AdmissionDenial | undefined {
  const { operation, kind, object, oldObject } = request;
  return REVIEWS[`${operation} ${kind.kind}`]?.(caches, { before: oldObject as never, after: object as never });
}
