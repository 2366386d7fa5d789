/** Checks of the management cluster, and of what a preview keeps silent about. */
import type { Check } from "../check.ts";

export const MANAGEMENT_CHECKS: readonly Check[] = [];
