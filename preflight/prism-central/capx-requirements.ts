/** What each CAPX minor requires of Prism Central and of its user, by its documentation. */
import { compareMinors, lineOf, minorOf } from "../../policy/rules/versions.ts";
import type { Stack } from "../../schema/stack.ts";
import { Inconclusive } from "../check.ts";

/** The version of CAPX that the stack installs, or that is there. */
export function capxVersionOf({ capx, management }: Stack): string {
  const version = capx.version ?? lineOf(management.kcm.version)?.defaultCapx;
  if (version === undefined) throw new Inconclusive("the version of CAPX is unknown", "set capx.version");
  return version;
}

/** The oldest Prism Central by CAPX minor; where the documents differ, the stricter. All of them have a v4 API. */
export const MINIMUM_PRISM_CENTRAL: Readonly<Record<string, string>> = {
  "1.7": "2024.3",
  "1.8": "7.3",
  "1.9": "7.5",
  "1.10": "7.5",
};

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

/** Permissions of the role, as Prism Central names them. */
export function permissionsOf(capxVersion: string): readonly string[] {
  return compareMinors(minorOf(capxVersion), "1.8") >= 0 ? SINCE_1_8 : BEFORE_1_8;
}

/** Roles that have every permission. */
const ADMIN_ROLES = ["super admin", "internal super admin", "prism admin", "prism central admin"];

export function isAdminRole(role: string): boolean {
  return ADMIN_ROLES.includes(role.toLowerCase());
}

/** The required permissions that are not granted; Prism Central writes them with spaces or underscores. */
export function missingPermissions(required: readonly string[], granted: readonly string[]): string[] {
  const normalized = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const all = new Set(granted.map(normalized));
  return required.filter((name) => !all.has(normalized(name)));
}
