import pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";

export interface GeneratedPasswordArgs {
  /** The current password, counted from 1: the next number is a rotation. */
  readonly revision: number;
  /** Characters of each password. @default 32 */
  readonly length?: number;
}

/** Prism Central requires upper case, lower case, a digit and another character; random letters and digits may lack one. */
const ENDING = "-aA1";

/**
 * A generated password of a Prism Central account. Each revision is a random value; three are kept, so that the next one can be
 * set in Prism Central before it is used, and the former one stays until nothing uses it.
 *
 * @example
 * const password = new GeneratedPassword("edge-password", { revision: 2 });
 * new NutanixCredential("edge-credential", { cluster: "edge", username: "svc-edge", password: password.current }, { provider });
 */
export class GeneratedPassword extends pulumi.ComponentResource {
  /** The current password, a secret. */
  public readonly current: pulumi.Output<string>;
  /** The password of the next revision, a secret. */
  public readonly next: pulumi.Output<string>;
  /** The former password, a secret; undefined in the first revision. */
  public readonly former: pulumi.Output<string> | undefined;

  constructor(name: string, args: GeneratedPasswordArgs, opts?: pulumi.ComponentResourceOptions) {
    super("k0rdent-nutanix:index:GeneratedPassword", name, {}, opts);
    const { revision, length = 32 } = args;
    const passwordOf = (number: number) => {
      const args = { length: length - ENDING.length, special: false };
      const { result } = new RandomPassword(`${name}-${number}`, args, { parent: this });
      return pulumi.secret(result.apply((text) => `${text}${ENDING}`));
    };
    this.former = revision > 1 ? passwordOf(revision - 1) : undefined;
    this.current = passwordOf(revision);
    this.next = passwordOf(revision + 1);
    this.registerOutputs({ current: this.current, next: this.next, former: this.former });
  }
}
