import { configOf, specOf } from "../valid-stack.ts";
import type { ViolationCase } from "./violation-case.ts";

export const CAPX_FAULT_CASES: readonly ViolationCase[] = [
  ...(["1.7.2", "1.8.3", "1.8.4", "1.9.0", "1.9.3", "1.10.3"] as const).map((version): ViolationCase => {
    const project = (cluster: string, fixed: string) =>
      `clusters.${cluster}.machineDefaults.project: CAPX ${version} gives up a machine if its session at Prism Central has ended when it looks up the project; use CAPX ${fixed} or later, or remove the project`;
    const quote = `clusters.demo.machineDefaults.image.name: CAPX ${version} looks up the name with its quote unescaped, and finds nothing; use a UUID, or rename it in Prism Central`;
    const fixed = { "1.8.3": "1.8.4", "1.9.0": "1.9.3" }[version as string];
    return {
      rule: "clusters-avoid-capx-faults",
      name: `of ${version}`,
      change: (all) => {
        specOf(all, "capx")["values"].capx.version = `v${version}`;
        configOf(all, "demo")["machineDefaults"].image.name = "ubuntu's";
        configOf(all, "demo")["machineDefaults"].additionalCategories.push({ key: "environment", value: "test" });
      },
      expected: [
        ...(fixed === undefined ? [] : [project("demo", fixed)]),
        ...(version === "1.7.2" ? [] : [quote]),
        ...(fixed === undefined ? [] : [project("edge", fixed)]),
      ],
    };
  }),
];
