import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { changed, condition, healthy } from "../../unit/operations/snapshots.ts";

/** The objects of `healthy` again and again, with `edge` called otherwise in all names and references. */
export function many(count: number): KubernetesObject[] {
  const text = JSON.stringify(
    healthy("v1beta1").filter(({ kind }) => !/^(Management|\w+Template|InfrastructureProvider)$/.test(kind)),
  );
  const shared = healthy("v1beta1").filter(({ kind }) =>
    /^(Management|\w+Template|InfrastructureProvider)$/.test(kind),
  );
  const copies = Array.from({ length: count }, (_, index) => JSON.parse(text.replaceAll("edge", `c${1000 + index}`)));
  return [...shared, ...copies.flat()];
}

export const refused = (objects: readonly KubernetesObject[], name: string) =>
  changed(objects, `Credential/${name}-nutanix`, {
    status: { conditions: [condition("CredentialReady", "False", { message: "ClusterIdentity object not found" })] },
  });
