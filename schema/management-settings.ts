import * as z from "zod";
import { plainData, referencedName, seconds, version } from "./primitives.ts";

const kcm = z.strictObject({
  version: version.default("1.2.0").describe("kcm version"),
  chart: z
    .string()
    .min(1)
    .default("oci://ghcr.io/k0rdent/kcm/charts/kcm")
    .describe("kcm's Helm chart: an oci:// address or a folder"),
  values: plainData.optional().describe("Helm values of kcm, merged over the ones that this project sets"),
});

const extraProvider = z.strictObject({
  name: referencedName.describe("name of the provider, as in Management.spec.providers"),
  template: referencedName.optional().describe("ProviderTemplate; default: the one of kcm's Release"),
  config: plainData.optional().describe("Helm values of the provider"),
});

const timeouts = z.strictObject({
  release: seconds.default(600).describe("seconds for a Helm release to install, upgrade or go"),
  management: seconds.default(300).describe("seconds for Management and its providers to become ready"),
  template: seconds.default(180).describe("seconds for a ClusterTemplate to become valid"),
  credential: seconds.default(60).describe("seconds for a Credential to become ready"),
  cluster: seconds.default(3600).describe("seconds for a cluster to become ready, and for its machines to go"),
});
export type Timeouts = z.infer<typeof timeouts>;
export const DEFAULT_TIMEOUTS: Timeouts = {
  release: 600,
  management: 300,
  template: 180,
  credential: 60,
  cluster: 3600,
};

/** The management cluster: how to reach it, and what runs on it. */
export const management = z.strictObject({
  kubeconfig: z.string().min(1).optional().describe("path of the management cluster's kubeconfig"),
  context: z.string().min(1).optional().describe("context in it; default: its current one"),
  inCluster: z.boolean().default(false).describe("this program runs in the management cluster itself"),
  kcm: kcm.default({ version: "1.2.0", chart: "oci://ghcr.io/k0rdent/kcm/charts/kcm" }),
  providers: z.array(extraProvider).default([]).describe("providers beside k0smotron, sveltos and nutanix"),
  timeouts: timeouts.default(DEFAULT_TIMEOUTS),
  adopt: z
    .boolean()
    .default(false)
    .describe("use the kcm that is there: install none, and add only our entry to its Management"),
});
export type Management = z.infer<typeof management>;
