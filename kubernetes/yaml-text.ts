import { type CreateNodeOptions, type DocumentOptions, stringify, type ToStringOptions } from "yaml";

/** YAML that kubectl, Helm and Sveltos read as the same value: they take `on`, `yes` and `1_000` for more than texts. */
export function yamlText(value: unknown, options: DocumentOptions & CreateNodeOptions & ToStringOptions = {}): string {
  return stringify(value, { lineWidth: 0, compat: "yaml-1.1", ...options });
}
