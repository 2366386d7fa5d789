/** The Prism Centrals that a stack names. */

/** One Prism Central with one login. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly insecure: boolean;
  /** Name of the entry of `credentials`. */
  readonly entry: string;
}

export interface PrismCentrals {
  /** Each Prism Central once a login, the stack's own first. */
  readonly targets: readonly Target[];
}
