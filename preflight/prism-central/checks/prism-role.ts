/** Does the user's role hold what CAPX needs? */
import { at, list, text } from "../../../policy/rules/plain-values.ts";
import type { Session } from "../../../prism-central/session.ts";
import { answer, Inconclusive, type StackCheck } from "../../check.ts";
import { holdsEverything, missingFrom, permissionsOf } from "../role-permissions.ts";
import { ofEach } from "./for-each.ts";
import { capxOf } from "./prism-health.ts";

export const prismCentralRoleIsSufficient: StackCheck = {
  id: "prism-central-role-is-sufficient",
  asks: "does the user's role hold what CAPX writes with? As far as the user may read its own role",
  scope: "stack",
  run: (context) =>
    ofEach(context, "prism-central-role-is-sufficient", async ({ session, target }) => {
      const about = answer("prism-central-role-is-sufficient");
      const needed = permissionsOf(capxOf(context.stack));
      const user = `credentials.${target.entry}`;
      const roles = await rolesOf(session);
      const names = roles.map(({ name }) => `"${name}"`).join(", ");
      if (roles.some(({ name }) => holdsEverything(name)))
        return [about.pass(`${user} has ${names}, which holds every permission`)];
      const missing = missingFrom(
        needed,
        roles.flatMap(({ permissions }) => permissions),
      );
      return missing.length === 0
        ? [about.pass(`${user} has ${names}, which holds all ${needed.length} permissions`)]
        : [
            about.fail(
              `${user} has ${names}, which lacks ${missing.join(", ")}`,
              "add them to the role in Prism Central",
            ),
          ];
    }),
};

interface Role {
  readonly name: string;
  readonly permissions: readonly string[];
}

/** The roles of the user, through the policies that name it. */
async function rolesOf(session: Session): Promise<Role[]> {
  const { me } = await session.hello();
  const ask = (what: string, path: string) => session.ask(what, { method: "GET", path: `/api/nutanix/v3/${path}` });
  const policies = list(at(me, "status", "resources", "access_control_policy_reference_list"));
  if (policies.length === 0) {
    const remedy = "compare its role with the table in docs/preflight.md by hand";
    throw new Inconclusive("Prism Central names no policy of the user, as for users that are local to it", remedy);
  }
  return Promise.all(
    policies.map(async (policy) => {
      const whole = await ask("its access control policy", `access_control_policies/${text(at(policy, "uuid")) ?? ""}`);
      const uuid = text(at(whole, "status", "resources", "role_reference", "uuid")) ?? "";
      const role = await ask("its role", `roles/${uuid}`);
      const permissions = list(at(role, "status", "resources", "permission_reference_list"));
      return {
        name: text(at(role, "status", "name")) ?? uuid,
        permissions: permissions.map((permission) => text(at(permission, "name")) ?? ""),
      };
    }),
  );
}
