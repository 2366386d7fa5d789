/** The tables of docs/preflight.md. */
import { CHECKS } from "../../../preflight/checks.ts";
import { MANUAL_CHECKS } from "../../../preflight/manual-checks.ts";
import { permissionsOf } from "../../../preflight/prism-central/role-permissions.ts";
import { FLOORS } from "../../../prism-central/prism-version.ts";
import { markdownTable } from "./table.ts";

/** Every table by the name that stands in its markers. */
export function preflightTables(): Readonly<Record<string, string>> {
  return {
    checks: markdownTable(
      ["check", "asked once a", "what it asks"],
      CHECKS.map(({ id, scope, asks }) => [`\`${id}\``, scope, asks]),
    ),
    floors: markdownTable(
      ["CAPX", "Prism Central"],
      Object.entries(FLOORS).map(([capx, floor]) => [`${capx}.x`, `${floor} or later`]),
    ),
    permissions: markdownTable(
      ["CAPX", "permissions of the role"],
      [
        ["1.7.x", permissionsOf("1.7.0").join(", ")],
        ["1.8.x and later", permissionsOf("1.8.0").join(", ")],
      ],
    ),
    unasked: markdownTable(
      ["question", "command that answers it"],
      MANUAL_CHECKS.map(({ question, command }) => [question, `\`${command.replaceAll("|", "\\|")}\``]),
    ),
  };
}
