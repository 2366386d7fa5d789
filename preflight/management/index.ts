/** Checks of the management cluster, and of what a preview does not show. */
import type { Check } from "../check.ts";
import { API_RESOURCE_CHECKS } from "./api-resource-checks.ts";
import { CAPX_CHECK } from "./capx-check.ts";
import { CAPX_TRUST_CHECK } from "./capx-trust-check.ts";
import { CHART_CHECKS } from "./chart-checks.ts";
import { CLUSTER_IDENTITY_CHECK } from "./cluster-identity-check.ts";
import { CLUSTER_DRY_RUN_CHECK, SHARED_DRY_RUN_CHECK } from "./dry-run-checks.ts";
import { HOSTED_CONTROL_PLANE_CHECKS } from "./hosted-control-plane-checks.ts";
import { KCM_CHECKS } from "./kcm-checks.ts";
import { LOAD_BALANCER_CHECK } from "./load-balancer-check.ts";
import { MANAGEMENT_CONNECTION_CHECKS } from "./management-client.ts";
import { OPERATOR_CHECKS } from "./operator-checks.ts";
import { PERMISSION_CHECK } from "./permission-check.ts";
import { PROVIDER_CHECK } from "./provider-check.ts";
import { PENDING_RELEASE_CHECK, RELEASE_DRY_RUN_CHECK } from "./release-checks.ts";
import { ROUTER_ID_CHECK } from "./router-id-check.ts";
import { SERVICE_VALUES_CHECK } from "./service-values-check.ts";

export const MANAGEMENT_CHECKS: readonly Check[] = [
  ...MANAGEMENT_CONNECTION_CHECKS,
  CLUSTER_IDENTITY_CHECK,
  PERMISSION_CHECK,
  PENDING_RELEASE_CHECK,
  ...KCM_CHECKS,
  PROVIDER_CHECK,
  CAPX_CHECK,
  CAPX_TRUST_CHECK,
  ...OPERATOR_CHECKS,
  ...HOSTED_CONTROL_PLANE_CHECKS,
  LOAD_BALANCER_CHECK,
  ROUTER_ID_CHECK,
  ...CHART_CHECKS,
  SERVICE_VALUES_CHECK,
  ...API_RESOURCE_CHECKS,
  SHARED_DRY_RUN_CHECK,
  RELEASE_DRY_RUN_CHECK,
  CLUSTER_DRY_RUN_CHECK,
];
