/** A rule about faults of the installed CAPX. */

import type { MachineGroupFields } from "./cluster-fields.ts";
import { clustersOf } from "./clusters.ts";
import type { Field } from "./field.ts";
import { distinctPaths } from "./machine-rules.ts";
import { capxVersionOf } from "./release-versions.ts";
import { mandatory, type Rule } from "./rule.ts";
import { CAPX_FAULTS, fixedIn } from "./versions.ts";
import { safeWord, type Violation } from "./violation.ts";

export const clustersAvoidCapxFaults: Rule = {
  name: "clusters-avoid-capx-faults",
  category: "shape",
  level: mandatory,
  inspects:
    "categories, projects and names of Nutanix objects of machines, and the CAPX version of the Helm release `nutanix-capx`",
  why: "machines of clusters that meet a known fault of CAPX fail, or lack what they ask for",
  remedy: "use a CAPX version without the fault, or avoid it",
  example:
    "clusters.demo.machineDefaults.additionalCategories: CAPX 1.7.0 sets one value of a category and drops the others; use CAPX 1.7.2 or later, or use one value of each category",
  check: (targets) => {
    const capx = capxVersionOf(targets);
    if (capx === undefined) return [];
    return clustersOf(targets).flatMap(({ groups }) =>
      distinctPaths(groups.flatMap(affectedFields).flatMap(([field, fault]) => faultViolations(field, fault, capx))),
    );
  },
};

type Fault = keyof typeof CAPX_FAULTS;

function affectedFields({ machine }: MachineGroupFields): [field: Field, fault: Fault][] {
  const categories = machine("additionalCategories");
  const keys = categories.items.flatMap((category) => category.at("key").text ?? []);
  const disks = machine("dataDisks").items;
  const names = [
    ...[machine("image"), machine("cluster"), ...machine("subnets").items, ...machine("gpus").items],
    ...disks.flatMap((disk) => [disk.at("dataSource"), disk.at("storageConfig", "storageContainer")]),
  ].map((identifier) => identifier.at("name"));
  const words = categories.items.flatMap((category) => [category.at("key"), category.at("value")]);
  return [
    ...(new Set(keys).size < keys.length ? [[categories, "categoryValues"] as [Field, Fault]] : []),
    ...(machine("project").isSet ? [[machine("project"), "project"] as [Field, Fault]] : []),
    ...[...names, ...words]
      .filter(({ text }) => text?.includes("'"))
      .map((name): [Field, Fault] => [name, "quotedNames"]),
  ];
}

function faultViolations(field: Field, name: Fault, capx: string): Violation[] {
  const fault = CAPX_FAULTS[name];
  const fixed = fixedIn(fault, capx);
  if (fixed === undefined) return [];
  const upgrade = fixed === "" ? "" : `use CAPX ${fixed} or later, or `;
  return [field.redacted(`CAPX ${safeWord(capx.replace(/^v/, ""))} ${fault.effect}`, `${upgrade}${fault.workaround}`)];
}
