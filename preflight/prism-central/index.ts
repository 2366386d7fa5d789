/** Checks of Prism Central, and of what the clusters name on it. */
import type { Check } from "../check.ts";
import { capacityIsThere, storageIsThere, vcpusAreThere } from "./checks/capacity.ts";
import { chainIsTrusted, hostNameMatches, loginWorks, nameResolves, portAnswers } from "./checks/connection.ts";
import {
  endpointIsInTheNodeSubnet,
  endpointIsNoMachinesAddress,
  endpointIsOutsidePools,
  endpointIsSilent,
} from "./checks/endpoint.ts";
import { clockAgrees, readsAreAllowed, versionIsSupported } from "./checks/health.ts";
import { imageExists, imageFitsTheDisk, imageIsNotBeingDeleted } from "./checks/image.ts";
import { networksAreApart, noCategoryHasItsName, noMachineHasItsName } from "./checks/name.ts";
import {
  categoriesExist,
  prismElementExists,
  prismElementIsNotPrismCentral,
  projectExists,
  subnetsExist,
  subnetsReachThePrismElement,
} from "./checks/named.ts";
import { roleIsComplete } from "./checks/role.ts";
import { addressesAreFree, gpusAreFree, storageContainerExists } from "./checks/room.ts";

export const PRISM_CENTRAL_CHECKS: readonly Check[] = [
  nameResolves,
  portAnswers,
  chainIsTrusted,
  hostNameMatches,
  loginWorks,
  versionIsSupported,
  clockAgrees,
  readsAreAllowed,
  roleIsComplete,
  prismElementExists,
  prismElementIsNotPrismCentral,
  subnetsExist,
  subnetsReachThePrismElement,
  imageExists,
  imageIsNotBeingDeleted,
  imageFitsTheDisk,
  projectExists,
  categoriesExist,
  gpusAreFree,
  storageContainerExists,
  addressesAreFree,
  capacityIsThere,
  vcpusAreThere,
  storageIsThere,
  endpointIsSilent,
  endpointIsInTheNodeSubnet,
  endpointIsOutsidePools,
  endpointIsNoMachinesAddress,
  noMachineHasItsName,
  noCategoryHasItsName,
  networksAreApart,
];
