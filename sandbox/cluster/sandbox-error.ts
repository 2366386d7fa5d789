/** A sandbox that cannot be made, started or removed; the message says why and what to do. */
export class SandboxError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SandboxError";
  }
}
