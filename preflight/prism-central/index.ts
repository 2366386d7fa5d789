/** Checks of Prism Central, and of what the clusters refer to on it. */
import type { Check } from "../check.ts";
import { CAPACITY_CHECKS } from "./checks/capacity-checks.ts";
import { ENDPOINT_CHECKS } from "./checks/endpoint-checks.ts";
import { IMAGE_CHECKS } from "./checks/image-checks.ts";
import { NAME_CHECKS } from "./checks/name-checks.ts";
import { CONNECTION_CHECKS } from "./checks/prism-connection-checks.ts";
import { HEALTH_CHECKS } from "./checks/prism-health-checks.ts";
import { ROLE_CHECK } from "./checks/prism-role-check.ts";
import { REFERENCE_CHECKS } from "./checks/reference-checks.ts";
import { RESOURCE_CHECKS } from "./checks/resource-checks.ts";

export const PRISM_CENTRAL_CHECKS: readonly Check[] = [
  ...CONNECTION_CHECKS,
  ...HEALTH_CHECKS,
  ROLE_CHECK,
  ...REFERENCE_CHECKS,
  ...IMAGE_CHECKS,
  ...RESOURCE_CHECKS,
  ...CAPACITY_CHECKS,
  ...ENDPOINT_CHECKS,
  ...NAME_CHECKS,
];
