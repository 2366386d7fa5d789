export interface ToolFault {
  tool: string;
  reason: string;
  remedy: string;
}

/** One or more tools cannot be had. The message says of each what is missing, why, and what to do. */
export class ToolError extends Error {
  readonly faults: readonly ToolFault[];

  constructor(faults: readonly ToolFault[]) {
    super(
      faults.map(({ tool, reason, remedy }) => `tools: ${tool} is missing because ${reason}; ${remedy}`).join("\n"),
    );
    this.name = "ToolError";
    this.faults = faults;
  }
}

/** Text of an unknown error, with the cause that fetch hides one level down. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : undefined;
  return (cause?.message || error.message || error.name).trim();
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return (error as NodeJS.ErrnoException).code ?? errorCode(error.cause);
}

/** A sentence for the faults of a disk; undefined for any other error. */
export function diskFault(error: unknown, folder: string): Omit<ToolFault, "tool"> | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const code = errorCode(error);
  if (code === "ENOSPC" || text.includes("no space left on device")) {
    return {
      reason: `the disk of ${folder} is full`,
      remedy: "free about 3 GiB there, or set K0RDENT_NUTANIX_CACHE to a folder on another disk",
    };
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOTDIR" || code === "EEXIST") {
    return {
      reason: `${folder} cannot be written (${code})`,
      remedy: "make it writable, or set K0RDENT_NUTANIX_CACHE to a folder that is",
    };
  }
  return undefined;
}
