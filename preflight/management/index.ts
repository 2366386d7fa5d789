/** Checks of the management cluster, and of what a preview keeps silent about. */
import type { Check } from "../check.ts";
import { clusterAccepted, objectsAccepted } from "./accepted.ts";
import { loadBalancer } from "./balancer.ts";
import { capxSingle } from "./capx.ts";
import { clusterCharts, kcmChart } from "./charts.ts";
import { releaseAccepted } from "./contents.ts";
import { managementIdentity } from "./identity.ts";
import { kcmVersion, managementHealthy } from "./kcm.ts";
import { certManager, k0smotron } from "./operators.ts";
import { managementProviders } from "./providers.ts";
import { managementLogin, managementReachable } from "./reach.ts";
import { managementRights } from "./rights.ts";
import { hostedRoom, hostedStorage } from "./room.ts";
import { virtualRouterId } from "./router-id.ts";
import { foreignObjects, kindsServed, namespaceThere } from "./served.ts";

export const MANAGEMENT_CHECKS: readonly Check[] = [
  managementReachable,
  managementLogin,
  managementIdentity,
  managementRights,
  kcmVersion,
  managementHealthy,
  managementProviders,
  capxSingle,
  certManager,
  k0smotron,
  hostedRoom,
  hostedStorage,
  loadBalancer,
  virtualRouterId,
  kcmChart,
  clusterCharts,
  namespaceThere,
  kindsServed,
  foreignObjects,
  objectsAccepted,
  releaseAccepted,
  clusterAccepted,
];
