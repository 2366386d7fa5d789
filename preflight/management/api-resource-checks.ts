import { KINDS } from "../../kubernetes/kinds.ts";
import { conflictViolations, kindsOf, unmanagedSelector } from "../../manifests/conflicts.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { stackManifests } from "../../manifests/stack-manifests.ts";
import { type Check, fail, pass } from "../check.ts";
import { installedKcm, installsKcm } from "./installed.ts";
import { managementOf } from "./management-client.ts";

export const API_RESOURCE_CHECKS: readonly Check[] = [
  {
    id: "namespace-exists",
    description: "the namespace of kcm exists and is not terminating, or this up creates it",
    scope: "stack",
    run: async (context) => {
      const found = await (await managementOf(context)).object(KINDS.Namespace, { name: NAMESPACE });
      if (found === undefined) {
        if (!context.stack.management.adopt) return pass(`this up creates the namespace ${NAMESPACE}`);
        return fail(
          `the namespace ${NAMESPACE} does not exist, and management.adopt is true`,
          "set management.adopt: false to install kcm, or the kubeconfig of the cluster that has one",
        );
      }
      const { deletionTimestamp } = found.metadata;
      if (deletionTimestamp === undefined) return pass(`the namespace ${NAMESPACE} exists`);
      return fail(
        `the namespace ${NAMESPACE} is terminating since ${deletionTimestamp}`,
        `wait until it is deleted; what blocks it: kubectl get namespace ${NAMESPACE} -o jsonpath='{.status.conditions}'`,
      );
    },
  },
  {
    id: "kinds-are-served",
    description: "the management cluster serves every kind that the stack writes, or this up installs its definition",
    scope: "stack",
    run: async (context) => {
      const reader = await managementOf(context);
      const kinds = kindsOf(stackManifests(context.stack, context.bundles));
      const served = await Promise.all(kinds.map((kind) => reader.serves(kind)));
      const missing = kinds
        .filter((_, index) => !served[index])
        .map(({ apiVersion, kind }) => `${kind} (${apiVersion})`)
        .join(", ");
      if (missing === "") return pass(`all ${kinds.length} kinds are served`);
      if (installsKcm(context, await installedKcm(reader))) return pass(`this up installs ${missing}`);
      return fail(
        `${missing} are not served, and this up does not install their definitions`,
        "restore kcm's definitions with helm upgrade of its release, or set management.adopt: false where kcm is not installed",
      );
    },
  },
  {
    id: "objects-do-not-conflict",
    description: "no object of the stack exists that another stack manages, or no stack",
    scope: "stack",
    run: async (context) => {
      const reader = await managementOf(context);
      const manifests = stackManifests(context.stack, context.bundles);
      const selector = unmanagedSelector(context.identity);
      const lists = await Promise.all(
        kindsOf(manifests).map((kind) => reader.list(kind, { namespace: kind.metadata.namespace, selector })),
      );
      const conflicts = conflictViolations(
        lists.flatMap((list) => list ?? []),
        manifests,
      );
      if (conflicts.length === 0) return pass(`none of ${manifests.length} objects conflicts with an existing one`);
      return conflicts.map(({ path, reason, remedy }) => fail(`${path} ${reason}`, remedy));
    },
  },
];
