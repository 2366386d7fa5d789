/** Exit codes of every command: 0 is fine, these are not. `unready`: what was asked about was read, and is not ready; `warned`: there are warnings only. */
export const EXIT = { failed: 1, usage: 2, unready: 3, warned: 4, interrupted: 130 } as const;

/** A failure that its message explains: no stack is shown. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** Errors of other parts of the project whose message is meant for users. */
const EXPLAINED: Readonly<Record<string, number>> = {
  ToolError: EXIT.failed,
  SandboxError: EXIT.failed,
  EngineError: EXIT.failed,
  ApiError: EXIT.failed,
  UnreachableError: EXIT.failed,
  KubeconfigError: EXIT.usage,
  ConfigError: EXIT.usage,
  RunError: EXIT.usage,
};

/** Whether an error's message says all. */
export function isExplained(error: unknown): error is Error {
  return error instanceof Error && (error instanceof Failure || EXPLAINED[error.name] !== undefined);
}

/** What to print for an error, and how to exit. Errors nobody foresaw keep their stack, for the report that they deserve. */
export function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof Failure) return { message: error.message, exitCode: error.exitCode };
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.failed };
  if (error.name === "AbortError")
    return { message: "stopped; the next run goes on from here", exitCode: EXIT.interrupted };
  // Pulumi's own errors are known by a mark on the instance, not by their name.
  const isRunError = "__pulumiRunError" in error;
  const exitCode = isRunError ? EXIT.usage : EXPLAINED[error.name];
  if (exitCode !== undefined) return { message: error.message, exitCode };
  return { message: ofTheMachine(error) ?? error.stack ?? error.message, exitCode: EXIT.failed };
}

function ofTheMachine(error: NodeJS.ErrnoException): string | undefined {
  const place = error.path ?? "a file of the project";
  switch (error.code) {
    case "ENOSPC":
      return "the disk is full; free some space and run the command again";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${place} cannot be written or read (${error.code}); make it accessible to you and run the command again`;
    case "EADDRINUSE":
      return "a port that is needed is taken by another program; end that program or run the command again";
    default:
      return undefined;
  }
}
