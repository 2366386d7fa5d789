/** Checks of Prism Central, and of what the clusters name on it. */
import type { Check } from "../check.ts";
import { memoryIsAvailable, storageIsAvailable, vcpusAreAvailable } from "./checks/cluster-capacity.ts";
import {
  endpointIsInNodeSubnet,
  endpointIsNotAVmAddress,
  endpointIsOutsideSubnetIpPools,
  endpointIsUnused,
} from "./checks/endpoint-address.ts";
import { gpusAreFree, storageContainerExists, subnetAddressesAreFree } from "./checks/free-resources.ts";
import { imageExists, imageFitsTheDisk, imageIsNotBeingDeleted } from "./checks/machine-image.ts";
import {
  categoryValueIsAvailable,
  clusterNetworksDoNotOverlapSubnets,
  vmNamesAreAvailable,
} from "./checks/name-availability.ts";
import {
  prismCentralAuthenticationSucceeds,
  prismCentralCertificateIsTrusted,
  prismCentralHostNameMatches,
  prismCentralNameResolves,
  prismCentralPortAnswers,
} from "./checks/prism-connection.ts";
import {
  prismCentralClockIsInSync,
  prismCentralReadsArePermitted,
  prismCentralVersionIsSupported,
} from "./checks/prism-health.ts";
import { prismCentralRoleIsSufficient } from "./checks/prism-role.ts";
import {
  categoriesExist,
  prismElementExists,
  prismElementIsNotPrismCentral,
  projectExists,
  subnetsExist,
  subnetsReachThePrismElement,
} from "./checks/references.ts";

export const PRISM_CENTRAL_CHECKS: readonly Check[] = [
  prismCentralNameResolves,
  prismCentralPortAnswers,
  prismCentralCertificateIsTrusted,
  prismCentralHostNameMatches,
  prismCentralAuthenticationSucceeds,
  prismCentralVersionIsSupported,
  prismCentralClockIsInSync,
  prismCentralReadsArePermitted,
  prismCentralRoleIsSufficient,
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
  subnetAddressesAreFree,
  memoryIsAvailable,
  vcpusAreAvailable,
  storageIsAvailable,
  endpointIsUnused,
  endpointIsInNodeSubnet,
  endpointIsOutsideSubnetIpPools,
  endpointIsNotAVmAddress,
  vmNamesAreAvailable,
  categoryValueIsAvailable,
  clusterNetworksDoNotOverlapSubnets,
];
