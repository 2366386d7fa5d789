import * as z from "zod";
import { DEFAULT_KCM_CHART, DEFAULT_KCM_VERSION } from "../policy/rules/versions.ts";
import { plainData, referencedName, seconds, version } from "./primitives.ts";

const kcm = z.strictObject({
  version: version.default(DEFAULT_KCM_VERSION).describe("kcm version"),
  chart: z.string().min(1).default(DEFAULT_KCM_CHART).describe("kcm's Helm chart: an oci:// address or a folder"),
  values: plainData.optional().describe("Helm values of kcm, merged over the ones that this project sets"),
});

const extraProvider = z.strictObject({
  name: referencedName.describe("name of the provider, as in Management.spec.providers"),
  template: referencedName.optional().describe("ProviderTemplate; default: that of kcm's Release"),
  config: plainData.optional().describe("Helm values of the provider"),
});

const timeouts = z.strictObject({
  release: seconds.default(600).describe("seconds for a Helm release to install, upgrade or uninstall"),
  management: seconds.default(300).describe("seconds for Management and its providers to become ready"),
  template: seconds.default(180).describe("seconds for a ClusterTemplate to become valid"),
  credential: seconds.default(60).describe("seconds for a Credential to become ready"),
  cluster: seconds.default(3600).describe("seconds for a cluster to become ready, and for its machines to be deleted"),
});
export type Timeouts = z.infer<typeof timeouts>;
export const DEFAULT_TIMEOUTS: Timeouts = timeouts.parse({});

/** The management cluster: connection and components. */
export const management = z.strictObject({
  kubeconfig: z.string().min(1).optional().describe("kubeconfig of the management cluster"),
  context: z.string().min(1).optional().describe("context of the kubeconfig; default: the current one"),
  inCluster: z.boolean().default(false).describe("the program runs in the management cluster"),
  kcm: kcm.default(kcm.parse({})),
  providers: z.array(extraProvider).default([]).describe("providers in addition to k0smotron, sveltos and nutanix"),
  timeouts: timeouts.default(DEFAULT_TIMEOUTS),
  adopt: z
    .boolean()
    .default(false)
    .describe("use the existing kcm: install none, and add only one provider entry to its Management"),
});
export type ManagementInput = z.input<typeof management>;
