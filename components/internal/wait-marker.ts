import type { ObjectReference } from "../../kubernetes/object.ts";

/** Annotation of the objects that stacks wait for. */
const MARK = "k0rdent-nutanix/waited-for";

/**
 * Metadata of a patch that waits for an object which others create: a mark on it, since only a resource can wait after another.
 * `condition` is one of the annotation `pulumi.com/waitFor`.
 */
export function waitMarker({ metadata }: ObjectReference, condition: string) {
  return {
    ...metadata,
    annotations: {
      [MARK]: "true",
      // The mark too: the state of an object that is ready already would be the one before this patch, and the next up would
      // patch again. For the same reason the mark is the same for every stack: where two wait for an object, the second finds
      // it as the first has left it.
      "pulumi.com/waitFor": JSON.stringify([condition, `jsonpath={.metadata.annotations['${MARK}']}=true`]),
    },
  };
}
