/** Why a Prism Central does not answer a question. The message holds no secret. */
export class PrismCentralError extends Error {
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(reason);
    this.name = "PrismCentralError";
    this.remedy = remedy;
  }
}

/** Prism Central knows the user, and does not let it read something. */
export class ForbiddenError extends PrismCentralError {
  /** `what` is in the plural: `subnets`. */
  constructor(what: string) {
    super(`the user has no permission to read ${what} (403)`, "add the permission to its role");
    this.name = "ForbiddenError";
  }
}
