/** A sandbox cannot be created, started or deleted; the message has reason and remedy. */
export class SandboxError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SandboxError";
  }
}
