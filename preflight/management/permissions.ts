import { groupOf, groupPath, pluralOf } from "../../kubernetes/kinds.ts";
import type { KindReference } from "../../kubernetes/object.ts";
import { providerObjects } from "../../manifests/capx-release.ts";
import { kindsOf } from "../../manifests/conflicts.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { stackManifests } from "../../manifests/stack-manifests.ts";
import { answer, type CheckContext, Inconclusive, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";
import type { Reader } from "./reader.ts";

/** What is done with one kind of object. */
interface Right {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly verbs: readonly string[];
}

/** In the order in which they are told. */
const VERBS = ["get", "list", "watch", "create", "patch", "update", "delete", "escalate", "bind"];
/** A server-side apply of an object that is not there needs `create` beside `patch`; a wait needs `watch`. */
const WRITE = ["get", "list", "watch", "create", "patch"];
const k0rdent = (kind: string): KindReference => ({ apiVersion: "k0rdent.mirantis.com/v1beta1", kind });
const RBAC = "rbac.authorization.k8s.io/v1";

/** Kinds of kcm's own chart, but for those that every stack writes. Its roles hold more than most users have, hence escalate and bind. */
const KCM_CHART: readonly (readonly [KindReference, string | undefined, readonly string[]])[] = [
  [{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" }, undefined, WRITE],
  [{ apiVersion: RBAC, kind: "ClusterRole" }, undefined, [...WRITE, "escalate", "bind"]],
  [{ apiVersion: RBAC, kind: "ClusterRoleBinding" }, undefined, WRITE],
  [{ apiVersion: RBAC, kind: "Role" }, NAMESPACE, WRITE],
  [{ apiVersion: RBAC, kind: "RoleBinding" }, NAMESPACE, WRITE],
  [{ apiVersion: "v1", kind: "ServiceAccount" }, NAMESPACE, WRITE],
  [{ apiVersion: "v1", kind: "Service" }, NAMESPACE, WRITE],
  [{ apiVersion: "apps/v1", kind: "Deployment" }, NAMESPACE, WRITE],
];

/** Every right that the up of a stack uses, one entry a resource and namespace. */
export function neededRights(context: Pick<CheckContext, "stack" | "bundles">): Right[] {
  const { stack, bundles } = context;
  const { adopt } = stack.management;
  const rights: [KindReference, string | undefined, readonly string[]][] = [
    ...kindsOf(stackManifests(stack, bundles)).map((one): [KindReference, string | undefined, readonly string[]] => [
      one,
      one.metadata.namespace,
      WRITE,
    ]),
    // A mark on each template is what waits for it.
    [k0rdent("ClusterTemplate"), NAMESPACE, ["get", "watch", "patch"]],
    [{ apiVersion: "v1", kind: "Namespace" }, undefined, ["get"]],
  ];
  if (!(adopt && stack.capx.managedExternally)) {
    // Helm's records.
    rights.push([{ apiVersion: "v1", kind: "Secret" }, NAMESPACE, ["get", "list", "create", "update", "delete"]]);
  }
  if (!stack.capx.managedExternally && stack.capx.chart === undefined) {
    for (const object of providerObjects(stack.capx.chartRepository)) {
      const { namespace } = object.metadata as { namespace?: string };
      rights.push([object, namespace, ["get", "create", "patch"]]);
    }
  }
  if (adopt && !stack.capx.managedExternally) {
    rights.push(
      [k0rdent("Management"), undefined, ["get", "update"]],
      [k0rdent("ProviderTemplate"), undefined, ["get", "watch", "patch"]],
    );
  }
  if (!adopt) rights.push(...KCM_CHART.map((one): [KindReference, string | undefined, readonly string[]] => [...one]));
  return merged(rights);
}

function merged(rights: readonly (readonly [KindReference, string | undefined, readonly string[]])[]): Right[] {
  const found = new Map<string, Right>();
  for (const [{ apiVersion, kind }, namespace, verbs] of rights) {
    const right = { group: groupOf(apiVersion), resource: pluralOf(kind), namespace, verbs };
    const key = `${right.group} ${right.resource} ${namespace ?? ""}`;
    const known = found.get(key)?.verbs ?? [];
    found.set(key, { ...right, verbs: VERBS.filter((verb) => known.includes(verb) || verbs.includes(verb)) });
  }
  return [...found.values()];
}

async function may(reader: Reader, { group, resource, namespace }: Omit<Right, "verbs">, verb: string) {
  const apiVersion = "authorization.k8s.io/v1";
  const resourceAttributes = { group, resource, verb, ...(namespace === undefined ? {} : { namespace }) };
  const { code, text } = await reader.send({
    method: "POST",
    path: `${groupPath(apiVersion)}/selfsubjectaccessreviews`,
    body: { apiVersion, kind: "SelfSubjectAccessReview", spec: { resourceAttributes } },
  });
  if (code !== 201)
    throw new Inconclusive(`the management cluster answered ${code} when asked what ${reader.user} may do`);
  return (JSON.parse(text) as { status?: { allowed?: boolean } }).status?.allowed === true;
}

/** The verbs of a right that the user does not have. */
async function missing(reader: Reader, right: Right): Promise<Right | undefined> {
  const allowed = await Promise.all(right.verbs.map((verb) => may(reader, right, verb)));
  const verbs = right.verbs.filter((_, index) => !allowed[index]);
  return verbs.length === 0 ? undefined : { ...right, verbs };
}

function rightText({ group, resource, namespace, verbs }: Right): string {
  const where = namespace === undefined ? "" : ` in ${namespace}`;
  return `${verbs.join(", ")} ${group === "" ? resource : `${resource}.${group}`}${where}`;
}

export const managementPermissionsAreSufficient: StackCheck = {
  id: "management-permissions-are-sufficient",
  asks: "may the user do all that the up does on the management cluster: each verb on each kind?",
  scope: "stack",
  run: async (context) => {
    const say = answer(managementPermissionsAreSufficient.id);
    const reader = await managementOf(context);
    if (await may(reader, { group: "*", resource: "*", namespace: undefined }, "*")) {
      return [say.pass(`${reader.user} may do everything`)];
    }
    const needed = neededRights(context);
    const found = await Promise.all(needed.map((right) => missing(reader, right)));
    const lacking = found.filter((right) => right !== undefined);
    if (lacking.length === 0) {
      const count = needed.reduce((sum, { verbs }) => sum + verbs.length, 0);
      return [say.pass(`${reader.user} has the ${count} rights that the up uses`)];
    }
    return [
      say.fail(
        `${reader.user} may not ${lacking.map(rightText).join("; ")}`,
        "bind a role with these rights to the user, or use a kubeconfig of a cluster administrator",
      ),
    ];
  },
};
