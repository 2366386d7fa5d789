import pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";

export interface GeneratedPasswordArgs {
  /** Which password is in use, counted from 1: one more is a rotation. */
  readonly revision: number;
  /** Characters of each password. @default 32 */
  readonly length?: number;
}

/** Prism Central asks for a capital, a small letter, a digit and another character; random letters and digits may lack one. */
const ENDING = "-aA1";

/**
 * The password of a Prism Central account, made and not typed. Each revision is a random value of its own; three of them
 * are kept, so that the next one can be set in Prism Central before it is used, and the former one until it is not any more.
 *
 * @example
 * const password = new GeneratedPassword("edge-password", { revision: 2 });
 * new NutanixCredential("edge-credential", { cluster: "edge", username: "svc-edge", password: password.current }, { provider });
 */
export class GeneratedPassword extends pulumi.ComponentResource {
  /** The one in use, a secret. */
  public readonly current: pulumi.Output<string>;
  /** The one that the next revision will use, a secret. */
  public readonly next: pulumi.Output<string>;
  /** The one before, a secret; undefined in the first revision. */
  public readonly former: pulumi.Output<string> | undefined;

  constructor(name: string, args: GeneratedPasswordArgs, opts?: pulumi.ComponentResourceOptions) {
    super("k0rdent-nutanix:index:GeneratedPassword", name, {}, opts);
    const { revision, length = 32 } = args;
    const made = (number: number) =>
      pulumi.secret(
        new RandomPassword(
          `${name}-${number}`,
          { length: length - ENDING.length, special: false },
          { parent: this },
        ).result.apply((text) => `${text}${ENDING}`),
      );
    this.former = revision > 1 ? made(revision - 1) : undefined;
    this.current = made(revision);
    this.next = made(revision + 1);
    this.registerOutputs({ current: this.current, next: this.next, former: this.former });
  }
}
