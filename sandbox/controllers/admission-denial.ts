import { lineOf } from "../crds.ts";
import type { Informers } from "./informers.ts";
import { runningVersion } from "./kcm-self-upgrade.ts";

/** The caches that a review reads. */
export type AdmissionCaches = Pick<
  Informers,
  | "clusterDeployments"
  | "clusterTemplates"
  | "controller"
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

/** kcm wraps the API server's error, and the response has that error alone. */
export function denyMissing(kind: string, name: string, warning?: string): AdmissionDenial {
  return deny(404, `${kind}.k0rdent.mirantis.com "${name}" not found`, warning);
}

/** Whether the kcm that runs is of the line 1.2. */
export function isLine12(caches: AdmissionCaches): boolean {
  return lineOf(runningVersion(caches)) === "1.2";
}
