import type { Informers } from "./informers.ts";

/** The caches that a review reads. */
export type AdmissionCaches = Pick<
  Informers,
  | "clusterDeployments"
  | "clusterTemplates"
  | "credentials"
  | "managements"
  | "multiClusterServices"
  | "providerInterfaces"
  | "providerTemplates"
  | "releases"
  | "serviceChains"
  | "serviceTemplates"
>;

const REASONS = { 403: "Forbidden", 404: "NotFound", 422: "Invalid" } as const;

/** kcm's denial: its code, reason and text. */
export interface AdmissionDenial {
  code: keyof typeof REASONS;
  reason: (typeof REASONS)[keyof typeof REASONS];
  message: string;
  warning?: string;
}

export function deny(code: AdmissionDenial["code"], message: string, warning?: string): AdmissionDenial {
  return { code, reason: REASONS[code], message, ...(warning ? { warning } : {}) };
}
