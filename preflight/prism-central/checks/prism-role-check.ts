/** Does the user's role have what CAPX needs? */
import { at, list, text } from "../../../policy/rules/plain-values.ts";
import type { PrismSession } from "../../../prism-central/session.ts";
import { type Check, fail, Inconclusive, pass } from "../../check.ts";
import { capxVersionOf, isAdminRole, missingPermissions, permissionsOf } from "../capx-requirements.ts";

export const ROLE_CHECK: Check = {
  id: "prism-central-role-is-sufficient",
  description: "the user's role has the permissions that CAPX needs to write, as far as the user may read its own role",
  scope: "Prism Central",
  run: async ({ stack, session, target }) => {
    const required = permissionsOf(capxVersionOf(stack));
    const roles = await rolesOf(session);
    const user = `credentials.${target.entry} has ${roles.map(({ name }) => `"${name}"`).join(", ")}`;
    if (roles.some(({ name }) => isAdminRole(name))) return pass(`${user} with every permission`);
    const granted = roles.flatMap(({ permissions }) => permissions);
    const missing = missingPermissions(required, granted);
    return missing.length === 0
      ? pass(`${user} with all ${required.length} permissions`)
      : fail(`${user} without ${missing.join(", ")}`, "add them to the role in Prism Central");
  },
};

interface PrismRole {
  readonly name: string;
  readonly permissions: readonly string[];
}

/** The roles of the user, through its access control policies; read by v3 like the user itself. */
async function rolesOf(session: PrismSession): Promise<PrismRole[]> {
  const { me } = await session.login();
  const policies = list(at(me, "status", "resources", "access_control_policy_reference_list"));
  if (policies.length === 0) {
    const remedy = "compare its role with the permissions in docs/reference/preflight-checks.md";
    throw new Inconclusive("the user has no access control policy, as users local to Prism Central", remedy);
  }
  return Promise.all(
    policies.map(async (policy) => {
      const path = `/api/nutanix/v3/access_control_policies/${text(at(policy, "uuid")) ?? ""}`;
      const body = await session.get("its access control policy", path);
      const uuid = text(at(body, "status", "resources", "role_reference", "uuid")) ?? "";
      const role = await session.get("its role", `/api/nutanix/v3/roles/${uuid}`);
      const permissions = list(at(role, "status", "resources", "permission_reference_list"));
      return {
        name: text(at(role, "status", "name")) ?? uuid,
        permissions: permissions.map((permission) => text(at(permission, "name")) ?? ""),
      };
    }),
  );
}
