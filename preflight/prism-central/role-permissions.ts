/** What CAPX's user must be allowed, by the documents of each CAPX minor. */
import { compareMinors, minorOf } from "../../policy/rules/versions.ts";

const SINCE_1_8 = [
  "Create Category",
  "Delete Category",
  "View Category",
  "View Cluster",
  "View Cluster Pgpu Profiles",
  "View Cluster Vgpu Profiles",
  "Create Image",
  "Delete Image",
  "View Image",
  "Create New Virtual Machine",
  "Delete Virtual Machine",
  "Power On Virtual Machine",
  "View Virtual Machine",
  "Detach Volume Group From AHV VM",
  "View Project",
  "View Subnet",
];

const BEFORE_1_8 = [
  "Create Category Mapping",
  "Delete Category Mapping",
  "View Category Mapping",
  "Create Or Update Name Category",
  "Create Or Update Value Category",
  "Delete Name Category",
  "Delete Value Category",
  "View Name Category",
  "View Value Category",
  "View Cluster",
  "Create Image",
  "Delete Image",
  "View Image",
  "Create Virtual Machine",
  "Delete Virtual Machine",
  "View Virtual Machine",
  "Detach Volume Group From AHV VM",
  "View Project",
  "View Subnet",
];

/** Permissions of the role, in Prism Central's words. */
export function permissionsOf(capxVersion: string): readonly string[] {
  return compareMinors(minorOf(capxVersion), "1.8") >= 0 ? SINCE_1_8 : BEFORE_1_8;
}

/** Roles that hold every permission. */
const WHOLE = ["super admin", "internal super admin", "prism admin", "prism central admin"];

export function holdsEverything(role: string): boolean {
  return WHOLE.includes(role.toLowerCase());
}

/** Which of the needed permissions are not among the granted; Prism Central writes them with spaces or underscores. */
export function missingFrom(needed: readonly string[], granted: readonly string[]): string[] {
  const bare = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const has = new Set(granted.map(bare));
  return needed.filter((name) => !has.has(bare(name)));
}
