/** Exit codes of every command; 0 is success. `notReady` and `warnings` are results of a check, not errors. */
export const EXIT = { failed: 1, usage: 2, notReady: 3, warnings: 4, interrupted: 130 } as const;

/** An error whose message is complete for users: no stack is printed. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** Errors of other rooms whose message is meant for users, by name. */
const USER_ERRORS: Readonly<Record<string, number>> = {
  ToolError: EXIT.failed,
  SandboxError: EXIT.failed,
  EngineError: EXIT.failed,
  ApiError: EXIT.failed,
  UnreachableError: EXIT.failed,
  KubeconfigError: EXIT.usage,
  ConfigError: EXIT.usage,
};

/** Whether the message of an error is complete for users. */
export function isExplained(error: unknown): error is Error {
  return error instanceof Error && (error instanceof Failure || USER_ERRORS[error.name] !== undefined);
}

/** Message and exit code of an error. The stack of an unexpected one is for a bug report. */
export function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof Failure) return { message: error.message, exitCode: error.exitCode };
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.failed };
  if (error.name === "AbortError")
    return { message: "interrupted; run the command again to continue", exitCode: EXIT.interrupted };
  if (isDiskFull(error))
    return { message: "the disk is full; free some space and run the command again", exitCode: EXIT.failed };
  // Pulumi marks its RunError on the instance, not by its name.
  const exitCode = "__pulumiRunError" in error ? EXIT.usage : USER_ERRORS[error.name];
  if (exitCode !== undefined) return { message: error.message, exitCode };
  return { message: systemErrorText(error) ?? defectText(error), exitCode: EXIT.failed };
}

/** Whether this program, or one that it runs, could not write. */
export function isDiskFull(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return /ENOSPC|EDQUOT|no space left on device/.test(`${code} ${message}`);
}

/** Pulumi's SDK formats the stack of an error for each promise of a resource: a fifth of the time of a large stack. */
export function shortenStacks(): void {
  if (!process.env["K0RDENT_NUTANIX_DEBUG"]) Error.stackTraceLimit = 0;
}

function defectText({ name, message, stack }: Error): string {
  if (process.env["K0RDENT_NUTANIX_DEBUG"]) return stack ?? message;
  const [line = ""] = message.split("\n");
  return `defect of this program (${name}: ${line}); run the command again with K0RDENT_NUTANIX_DEBUG=1 and report what it prints`;
}

function systemErrorText({ code, path = "a file of the project" }: NodeJS.ErrnoException): string | undefined {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "EISDIR":
    case "ELOOP":
    case "EEXIST":
    case "ENAMETOOLONG":
    case "ENOTEMPTY":
    case "ENXIO":
      return `${path} is not a file or folder that can be used here (${code}); name another one, or move it away`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${path} is not accessible (${code}); make it readable and writable for you and run the command again`;
    case "EADDRINUSE":
      return "another program uses a port that is needed; stop that program or run the command again";
    default:
      return undefined;
  }
}
