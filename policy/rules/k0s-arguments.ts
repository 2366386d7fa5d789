/** The arguments of the API server in a k0s configuration. */
import type { Field } from "./field.ts";

/** One argument of a component, by its name in Kubernetes' spelling. */
export interface ComponentArgument {
  readonly name: string;
  /** Undefined for a flag without a value. */
  readonly value: string | undefined;
  readonly field: Field;
}

/** `extraArgs` and `rawArgs` of a component of k0s. Flags of Kubernetes take `_` for `-`, and k0s passes the arguments as they are. */
export function componentArguments(component: Field): ComponentArgument[] {
  const raw = component.at("rawArgs").items;
  return [
    ...component.at("extraArgs").entries.map(([name, field]) => ({
      name: flagName(name),
      value: typeof field.value === "object" && field.value !== null ? undefined : String(field.value),
      field,
    })),
    ...raw.flatMap((field, index) => {
      const [, name, value] = /^--?([^=\s]+)(?:=(.*))?$/s.exec(field.text ?? "") ?? [];
      if (name === undefined) return [];
      const next = raw[index + 1]?.text;
      return [{ name: flagName(name), value: value ?? (next?.startsWith("-") ? undefined : next), field }];
    }),
  ];
}

function flagName(name: string): string {
  return name.replace(/^-+/, "").replaceAll("_", "-");
}

/** Whether Go's flags read a value as true. A boolean flag without `=` is true, whatever follows. */
export function isTrueFlag({ value, field }: ComponentArgument): boolean {
  const isRaw = typeof field.value === "string" && field.value.startsWith("-");
  return (isRaw && !String(field.value).includes("=")) || /^(1|t|T|TRUE|true|True)$/.test(value ?? "");
}
