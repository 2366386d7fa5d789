/** Checks of Prism Central, and of what the clusters name on it. */
import type { Check } from "../check.ts";

export const PRISM_CENTRAL_CHECKS: readonly Check[] = [];
