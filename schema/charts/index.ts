/** The charts of this project whose values have a schema, by name. */
import type * as z from "zod";
import { clusterValues } from "./cluster-values.ts";
import { capxValues, providerValues } from "./release-values.ts";

export const CHART_VALUES: Readonly<Record<string, z.ZodType>> = {
  "cluster-api-provider-nutanix": providerValues,
  "nutanix-capx": capxValues,
  "nutanix-k0s-hcp": clusterValues.hcp,
  "nutanix-k0s-standalone": clusterValues.standalone,
};
