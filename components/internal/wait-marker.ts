import type { ObjectReference } from "../../kubernetes/object.ts";

/** Annotation of the objects that stacks wait for. */
const MARK = "k0rdent-nutanix/waited-for";

/**
 * Metadata of a patch that waits for an object which others make: a mark on it, since only a resource can come after another and
 * wait. `condition` is in the words of the annotation `pulumi.com/waitFor`.
 */
export function waitMarker({ metadata }: ObjectReference, condition: string) {
  return {
    ...metadata,
    annotations: {
      [MARK]: "true",
      // The mark too: an object that is ready already would be noted as it was before this patch, and patched again by the
      // next up. For the same reason nothing here may tell one stack from another: where two wait for an object, the second
      // notes it as the first has left it.
      "pulumi.com/waitFor": JSON.stringify([condition, `jsonpath={.metadata.annotations['${MARK}']}=true`]),
    },
  };
}
