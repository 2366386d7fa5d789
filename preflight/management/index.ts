/** Checks of the management cluster, and of what a preview keeps silent about. */
import type { Check } from "../check.ts";
import { kindsAreServed, namespaceExists, objectsDoNotConflict } from "./api-resources.ts";
import { capxIsInstalledOnce } from "./capx-installed-once.ts";
import { clusterChartsExist, kcmChartExists } from "./chart-availability.ts";
import { managementClusterIsUnchanged } from "./cluster-identity.ts";
import { managementClusterAuthenticationSucceeds, managementClusterIsReachable } from "./connection.ts";
import { clusterIsAdmitted, sharedObjectsAreAdmitted } from "./dry-run.ts";
import { hostedControlPlanesFit, hostedControlPlanesHaveStorage } from "./hosted-capacity.ts";
import { kcmVersionMatches, managementIsHealthy } from "./kcm-health.ts";
import { loadBalancerServesEndpoint } from "./load-balancer.ts";
import { certManagerIsReady, k0smotronIsCompatible } from "./operators.ts";
import { managementPermissionsAreSufficient } from "./permissions.ts";
import { managementProvidersAreComplete } from "./providers.ts";
import { releaseContentsAreAdmitted } from "./release-dry-run.ts";
import { virtualRouterIdIsFree } from "./router-id.ts";

export const MANAGEMENT_CHECKS: readonly Check[] = [
  managementClusterIsReachable,
  managementClusterAuthenticationSucceeds,
  managementClusterIsUnchanged,
  managementPermissionsAreSufficient,
  kcmVersionMatches,
  managementIsHealthy,
  managementProvidersAreComplete,
  capxIsInstalledOnce,
  certManagerIsReady,
  k0smotronIsCompatible,
  hostedControlPlanesFit,
  hostedControlPlanesHaveStorage,
  loadBalancerServesEndpoint,
  virtualRouterIdIsFree,
  kcmChartExists,
  clusterChartsExist,
  namespaceExists,
  kindsAreServed,
  objectsDoNotConflict,
  sharedObjectsAreAdmitted,
  releaseContentsAreAdmitted,
  clusterIsAdmitted,
];
