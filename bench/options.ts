import type { Command } from "commander";
import { EXIT } from "../cli/output/failure.ts";

/** The options of a command without arguments; ends the process where they are wrong, as the program's own commands do. */
export function parsedOptions<T extends object>(command: Command): T {
  return command
    .allowExcessArguments(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.usage))
    .parse()
    .opts<T>();
}
