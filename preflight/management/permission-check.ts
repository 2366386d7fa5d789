import { groupOf, groupPath, KINDS, pluralOf } from "../../kubernetes/kinds.ts";
import type { KindReference } from "../../kubernetes/object.ts";
import { providerObjects } from "../../manifests/capx-release.ts";
import { kindsOf } from "../../manifests/conflicts.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { stackManifests } from "../../manifests/stack-manifests.ts";
import { at, text } from "../../policy/rules/plain-values.ts";
import { type Check, type CheckContext, fail, Inconclusive, pass } from "../check.ts";
import { managementOf } from "./management-client.ts";
import type { Reader } from "./reader.ts";

/** Verbs on one kind, in one namespace or in all. */
type KindVerbs = readonly [kind: KindReference, namespace: string | undefined, verbs: readonly string[]];

interface ResourcePermission {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly verbs: readonly string[];
}

/** In the order of the message. */
const VERBS = ["get", "list", "watch", "create", "patch", "update", "delete", "escalate", "bind"];
/** A server-side apply of a new object needs `create` beside `patch`; a wait needs `watch`. */
const WRITE = ["get", "list", "watch", "create", "patch"];
/** What Helm does with the objects of a release. */
const WRITE_ONCE = ["get", "create", "patch"];
const rbac = (kind: string): KindReference => ({ apiVersion: "rbac.authorization.k8s.io/v1", kind });
const SECRETS = { apiVersion: "v1", kind: "Secret" };
const SERVICE_ACCOUNTS = { apiVersion: "v1", kind: "ServiceAccount" };

/** Kinds of kcm's own chart that stacks do not write. Its roles have more permissions than most users, hence escalate and bind. */
const KCM_CHART: readonly KindVerbs[] = [
  [KINDS.CustomResourceDefinition, undefined, WRITE],
  [rbac("ClusterRole"), undefined, [...WRITE, "escalate", "bind"]],
  [rbac("ClusterRoleBinding"), undefined, WRITE],
  [rbac("Role"), NAMESPACE, WRITE],
  [rbac("RoleBinding"), NAMESPACE, WRITE],
  [SERVICE_ACCOUNTS, NAMESPACE, WRITE],
  [KINDS.Service, NAMESPACE, WRITE],
  [KINDS.Deployment, NAMESPACE, WRITE],
];

export const PERMISSION_CHECK: Check = {
  id: "management-permissions-are-sufficient",
  description: "the user has every permission that the up needs on the management cluster, verb by verb",
  scope: "stack",
  run: async (context) => {
    const reader = await managementOf(context);
    if (await isAllowed(reader, { group: "*", resource: "*", namespace: undefined }, "*")) {
      return pass(`${reader.user} has all permissions`);
    }
    const required = requiredPermissions(context);
    const missing = (await Promise.all(required.map((permission) => missingVerbs(reader, permission)))).flat();
    if (missing.length === 0) {
      const count = required.reduce((sum, { verbs }) => sum + verbs.length, 0);
      return pass(`${reader.user} has the ${count} permissions that the up needs`);
    }
    return fail(
      `${reader.user} may not ${missing.map(permissionText).join("; ")}`,
      "bind a role with these permissions to the user, or use a kubeconfig of a cluster administrator",
    );
  },
};

/** Every permission that the up of a stack needs, one entry per resource and namespace. */
function requiredPermissions({ stack, bundles }: Pick<CheckContext, "stack" | "bundles">): ResourcePermission[] {
  const { management, capx } = stack;
  const { adopt } = management;
  const read = ["get", "watch", "patch"];
  const all: KindVerbs[] = [
    ...kindsOf(stackManifests(stack, bundles)).map((kind): KindVerbs => [kind, kind.metadata.namespace, WRITE]),
    // A wait annotates each template.
    [KINDS.ClusterTemplate, NAMESPACE, read],
    [KINDS.Namespace, undefined, ["get"]],
  ];
  // Helm's records.
  if (!(adopt && capx.managedExternally)) all.push([SECRETS, NAMESPACE, ["get", "list", "create", "update", "delete"]]);
  if (!capx.managedExternally && capx.chart === undefined) {
    const objects = providerObjects(capx.chartRepository);
    all.push(...objects.map((one): KindVerbs => [one, text(at(one, "metadata", "namespace")), WRITE_ONCE]));
  }
  if (adopt && !capx.managedExternally) {
    all.push([KINDS.Management, undefined, ["get", "update"]], [KINDS.ProviderTemplate, undefined, read]);
  }
  if (!adopt) all.push(...KCM_CHART);
  return merged(all);
}

function merged(all: readonly KindVerbs[]): ResourcePermission[] {
  const permissions = new Map<string, ResourcePermission>();
  for (const [{ apiVersion, kind }, namespace, verbs] of all) {
    const permission = { group: groupOf(apiVersion), resource: pluralOf(kind), namespace };
    const key = JSON.stringify(Object.values(permission));
    const union = [...(permissions.get(key)?.verbs ?? []), ...verbs];
    permissions.set(key, { ...permission, verbs: VERBS.filter((verb) => union.includes(verb)) });
  }
  return [...permissions.values()];
}

async function isAllowed(
  reader: Reader,
  { group, resource, namespace }: Omit<ResourcePermission, "verbs">,
  verb: string,
): Promise<boolean> {
  const apiVersion = "authorization.k8s.io/v1";
  const resourceAttributes = { group, resource, verb, ...(namespace === undefined ? {} : { namespace }) };
  const { code, text: body } = await reader.send({
    method: "POST",
    path: `${groupPath(apiVersion)}/selfsubjectaccessreviews`,
    body: { apiVersion, kind: "SelfSubjectAccessReview", spec: { resourceAttributes } },
  });
  if (code === 201) return (JSON.parse(body) as { status?: { allowed?: boolean } }).status?.allowed === true;
  throw new Inconclusive(`the management cluster responds with ${code} to a review of ${reader.user}'s permissions`);
}

async function missingVerbs(reader: Reader, permission: ResourcePermission): Promise<ResourcePermission[]> {
  const allowed = await Promise.all(permission.verbs.map((verb) => isAllowed(reader, permission, verb)));
  const verbs = permission.verbs.filter((_, index) => !allowed[index]);
  return verbs.length === 0 ? [] : [{ ...permission, verbs }];
}

function permissionText({ group, resource, namespace, verbs }: ResourcePermission): string {
  const where = namespace === undefined ? "" : ` in ${namespace}`;
  return `${verbs.join(", ")} ${group === "" ? resource : `${resource}.${group}`}${where}`;
}
