/** An error whose message is meant for users. */
export class KubernetesError extends Error {}

/** The API server rejects a request; the message is its own. */
export class ApiError extends KubernetesError {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.code = code;
  }
}

/** The address of the API server does not answer; the cause is Node's own error. */
export class UnreachableError extends KubernetesError {
  constructor(server: string, cause: unknown) {
    super(`the API server at ${server} does not answer (${errorReason(cause)})`, { cause });
    this.name = "UnreachableError";
  }
}

/**
 * `missing`: there is no such file; `syntax`: it is not a kubeconfig; `context`: its context names no cluster; `credentials`: its
 * credential plugin or its files fail, or it comes from a Secret and has more than a login.
 */
export type KubeconfigProblem = "missing" | "unreadable" | "syntax" | "context" | "credentials";

export class KubeconfigError extends KubernetesError {
  readonly problem: KubeconfigProblem;
  readonly reason: string;
  readonly remedy: string;
  /** The API server that the kubeconfig names; empty where it names none. */
  readonly server: string;

  constructor(
    problem: KubeconfigProblem,
    value: string,
    { reason, remedy, server = "" }: { reason: string; remedy: string; server?: string },
  ) {
    super(`kubeconfig: ${value === "" ? "" : `"${value}" `}${reason}; ${remedy}`);
    this.name = "KubeconfigError";
    this.problem = problem;
    this.reason = reason;
    this.remedy = remedy;
    this.server = server;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409;
}

/** A short reason for any error: its first line, since what follows may quote a kubeconfig or a response. */
export function errorReason(error: unknown): string {
  // Errors of several addresses have no message of their own.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(errorReason))].join(", ");
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
