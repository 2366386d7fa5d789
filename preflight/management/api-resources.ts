import { KINDS } from "../../kubernetes/kinds.ts";
import { foreignFaults, foreignSelector, kindsOf } from "../../manifests/conflicts.ts";
import { NAMESPACE } from "../../manifests/names.ts";
import { stackManifests } from "../../manifests/stack-manifests.ts";
import { answer, type CheckResult, type StackCheck } from "../check.ts";
import { managementOf } from "./connection.ts";
import { installed, kcmComes } from "./installed.ts";

export const kindsAreServed: StackCheck = {
  id: "kinds-are-served",
  asks: "does the management cluster know every kind of object that the stack writes, but for those that come with this up?",
  scope: "stack",
  run: async (context) => {
    const say = answer(kindsAreServed.id);
    const reader = await managementOf(context);
    const kinds = kindsOf(stackManifests(context.stack, context.bundles));
    const served = await Promise.all(kinds.map((kind) => reader.serves(kind)));
    const missing = kinds.filter((_, index) => !served[index]).map(({ apiVersion, kind }) => `${kind} (${apiVersion})`);
    if (missing.length === 0) return [say.pass(`all ${kinds.length} kinds are served`)];
    if (kcmComes(context, await installed(reader))) return [say.pass(`${missing.join(", ")} come with this up`)];
    return [
      say.fail(
        `${missing.join(", ")} are not served, and this up does not bring their definitions`,
        "bring kcm's definitions back: helm upgrade of its release, or management.adopt: false where there is no kcm",
      ),
    ];
  },
};

export const namespaceExists: StackCheck = {
  id: "namespace-exists",
  asks: "is the namespace of kcm there and not on its way out, or does it come with this up?",
  scope: "stack",
  run: async (context) => {
    const say = answer(namespaceExists.id);
    const found = await (await managementOf(context)).object(KINDS.Namespace, { name: NAMESPACE });
    if (found === undefined) {
      if (!context.stack.management.adopt) return [say.pass(`the namespace ${NAMESPACE} comes with this up`)];
      return [
        say.fail(
          `there is no namespace ${NAMESPACE}, and management.adopt is true`,
          "set management.adopt: false, so that this stack installs kcm, or name the cluster that has one",
        ),
      ];
    }
    if (found.metadata.deletionTimestamp !== undefined) {
      return [
        say.fail(
          `the namespace ${NAMESPACE} is being deleted, since ${found.metadata.deletionTimestamp}`,
          `wait until it is gone; what holds it: kubectl get namespace ${NAMESPACE} -o jsonpath='{.status.conditions}'`,
        ),
      ];
    }
    return [say.pass(`the namespace ${NAMESPACE} is there`)];
  },
};

export const objectsDoNotConflict: StackCheck = {
  id: "objects-do-not-conflict",
  asks: "is no object that the stack would write there already, of another stack or of nobody that is known?",
  scope: "stack",
  run: async (context): Promise<CheckResult[]> => {
    const say = answer(objectsDoNotConflict.id);
    const reader = await managementOf(context);
    const manifests = stackManifests(context.stack, context.bundles);
    const selector = foreignSelector(context.identity);
    const lists = await Promise.all(
      kindsOf(manifests).map((kind) => reader.list(kind, { namespace: kind.metadata.namespace, selector })),
    );
    const faults = foreignFaults(
      lists.flatMap((list) => list ?? []),
      manifests,
    );
    if (faults.length === 0) {
      return [say.pass(`none of ${manifests.length} objects is there and somebody else's`)];
    }
    return faults.map(({ path, reason, remedy }) => say.fail(`${path} ${reason}`, remedy));
  },
};
