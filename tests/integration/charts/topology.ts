/** What Cluster API's topology controller makes of a ClusterClass: enough of its reading to have an API server judge the results. */
import assert from "node:assert/strict";
import { only, type Rendered } from "./helm-template.ts";

/** Where a class says that its template is; the field is called `ref` below v1beta2. */
interface TemplateRef {
  apiVersion: string;
  kind: string;
  name: string;
}

const refOf = (part: { ref?: TemplateRef; templateRef?: TemplateRef }): TemplateRef => {
  const ref = part.templateRef ?? part.ref;
  assert.ok(ref);
  return ref;
};

/** Objects by template, of the apiVersion, kind and name that the class gives. Throws where one is not there. */
export function instances(objects: readonly Rendered[]): Rendered[] {
  const { spec } = only(objects, "ClusterClass");
  const { topology } = only(objects, "Cluster").spec;
  const template = (part: object) => {
    const { apiVersion, kind, name } = refOf(part);
    const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
    assert.equal(found?.apiVersion, apiVersion, `${kind} ${name}`);
    assert.ok(found);
    return found;
  };
  const made = (part: object, name: string, more: object): Rendered => {
    const { apiVersion, kind, metadata, spec: of } = template(part);
    const own = { name, namespace: metadata.namespace ?? "" };
    const patched = patchedSpec(spec.patches, { apiVersion, kind }, of.template.spec);
    return { apiVersion, kind: kind.replace(/Template$/, ""), metadata: own, spec: { ...patched, ...more } };
  };
  const [worker] = spec.workers.machineDeployments;
  const workers = (topology.workers?.machineDeployments ?? []).flatMap((pool: Rendered): Rendered[] => {
    const value = (name: string) => pool.variables.overrides.find((one: Rendered) => one.name === name).value;
    const parts = worker.template ?? worker;
    return (["infrastructure", "bootstrap"] as const).map((key) => {
      const base = template(parts[key]);
      const version = key === "bootstrap" ? { version: topology.version.replace("-k0s.", "+k0s.") } : {};
      const patched = { ...value(key === "bootstrap" ? "bootstrap" : "machine"), ...version };
      const metadata = { name: `edge-${pool.name}`, namespace: base.metadata.namespace ?? "" };
      return { ...base, metadata, spec: { template: { spec: patched } } };
    });
  });
  const { replicas } = topology.controlPlane;
  const controlPlane = { replicas, version: topology.version, ...machinesOf(spec.controlPlane) };
  const naming = (part: Rendered) => (part.naming ?? part.namingStrategy).template as string;
  const infrastructure = spec.infrastructureNamingStrategy?.template ?? spec.infrastructure.naming.template;
  return [
    made(spec.infrastructure, infrastructure, {}),
    made(spec.controlPlane, naming(spec.controlPlane), controlPlane),
    ...workers,
  ];
}

/** The field that a control plane's machines are named in by the contract v1beta1, or v1beta2 where the class asks for that. */
function machinesOf(controlPlane: Rendered): object {
  if (controlPlane.machineInfrastructure === undefined) return {};
  const { apiVersion, kind, name } = refOf(controlPlane.machineInfrastructure);
  if (refOf(controlPlane as object).apiVersion.endsWith("/v1beta1")) {
    return { machineTemplate: { infrastructureRef: { apiVersion, kind, name, namespace: "kcm-system" } } };
  }
  const [apiGroup] = apiVersion.split("/");
  return { machineTemplate: { spec: { infrastructureRef: { apiGroup, kind, name } } } };
}

/** The spec of a template after the patches of its kind with a literal value; the pools' own are applied above. */
function patchedSpec(
  patches: readonly Rendered[],
  { apiVersion, kind }: Omit<TemplateRef, "name">,
  spec: object,
): object {
  const patched: Rendered = structuredClone({ spec: { template: { spec } } }) as never;
  for (const { selector, jsonPatches } of patches.flatMap(({ definitions }) => definitions as Rendered[])) {
    if (selector.apiVersion !== apiVersion || selector.kind !== kind) continue;
    for (const { op, path, value } of jsonPatches) {
      assert.ok(op === "add" && value !== undefined, path);
      const keys: string[] = path.slice(1).split("/");
      const last = keys.pop() ?? "";
      keys.reduce<any>((object, key) => object[key], patched)[last] = value;
    }
  }
  return patched.spec.template.spec;
}
