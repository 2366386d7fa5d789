/** Every check, in the order in which its answers are shown. */
import type { Check } from "./check.ts";
import { MANAGEMENT_CHECKS } from "./management/index.ts";
import { PRISM_CENTRAL_CHECKS } from "./prism-central/index.ts";

export const CHECKS: readonly Check[] = [...PRISM_CENTRAL_CHECKS, ...MANAGEMENT_CHECKS];
