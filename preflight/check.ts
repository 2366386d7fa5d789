/** What a check is, what it is given, and what it answers. */
import type { Manifest } from "../manifests/manifest.ts";
import type { Bundles } from "../manifests/stack-manifests.ts";
import type { Cluster } from "../schema/cluster.ts";
import type { Stack } from "../schema/stack.ts";
import type { PrismCentrals } from "./prism-central/sessions.ts";
import type { Secret } from "./secret.ts";

/** `unknown`: it could not be asked, which is no fault and no proof either. */
export type CheckStatus = "pass" | "fail" | "unknown";

/** One answer of a check. Never holds a secret: it is printed, logged and written as JSON. */
export interface CheckResult {
  /** The check's id. */
  readonly check: string;
  /** Name of the cluster that it is about; left out where it is about the whole stack. */
  readonly cluster?: string;
  readonly verdict: CheckStatus;
  /** What was found, in lower case and without a final stop; for `unknown`, why it is not known. */
  readonly found: string;
  /** What to do about it, without a final stop. A failure always has one. */
  readonly remedy?: string;
}

/** How to reach the management cluster. */
export interface ManagementAccess {
  /** Text of a kubeconfig; undefined: the credentials that a pod of the cluster has. */
  readonly kubeconfig: Secret<string> | undefined;
  /** Context in it; undefined: its current one. */
  readonly context: string | undefined;
  /** What the stack's state remembers. @default undefined: the state was not read */
  readonly remembered?: RecordedCluster | undefined;
}

/** What the state of a stack tells of the management cluster. */
export interface RecordedCluster {
  /** UID of the namespace kube-system at the first up; undefined: there has been none. */
  readonly uid: string | undefined;
}

/** A login to one Prism Central. */
export interface PrismCentralLogin {
  /** Name of the entry of `credentials` that it comes from: shown, where the login itself is not. */
  readonly entry: string;
  readonly username: Secret<string>;
  readonly password: Secret<string>;
}

/** A chart of a folder as Helm renders it. Rejects with Helm's own words. */
export type RenderChart = (asked: {
  readonly chart: string;
  readonly release: string;
  readonly values: object;
}) => Promise<readonly Manifest[]>;

/** What every check of one run is given. */
export interface CheckContext {
  /** The plain stack file, whole: also what is not asked about now may be in the way. */
  readonly stack: Stack;
  /** PEM texts of trust bundles, by where they stand. */
  readonly bundles: Bundles;
  /** `<project>.<stack>`: the value of the label on every object of this stack. */
  readonly identity: string;
  /** Names of the clusters that were chosen; all of them unless the user named some. */
  readonly clusters: readonly string[];
  /** Every Prism Central that the chosen clusters, and CAPX itself, are made on; one session each. */
  readonly prismCentrals: PrismCentrals;
  readonly management: ManagementAccess;
  /** Undefined: no Helm is at hand. */
  readonly render?: RenderChart | undefined;
  /**
   * Names of this stack's clusters that the management cluster has already: what a new cluster must not find, such as its own
   * machines, they have rightly. Throws {@link Inconclusive} where the management cluster cannot be asked. Asked once a run.
   */
  existing(): Promise<ReadonlySet<string>>;
  /** What checks of one run share, such as a connection: made by the first that asks for it. */
  readonly shared: Shared;
  /** Aborted at the check's deadline, or when the run is stopped: hand it to every call. */
  readonly signal: AbortSignal;
}

/** What a check of one cluster is given on top. */
export interface ClusterCheckContext extends CheckContext {
  readonly name: string;
  readonly cluster: Cluster;
}

interface Described {
  /** Kebab case, and a contract: users write it behind `--skip`. */
  readonly id: string;
  /** What it asks, in one line, for `--list`. */
  readonly asks: string;
}

/** Asked once a run. */
export interface StackCheck extends Described {
  readonly scope: "stack";
  run(context: CheckContext): Promise<CheckResult[]>;
}

/** Asked once for each chosen cluster. */
export interface ClusterCheck extends Described {
  readonly scope: "cluster";
  run(context: ClusterCheckContext): Promise<CheckResult[]>;
}

/** A check reads and never writes. It may throw {@link Inconclusive} at any time: its answer is then `unknown`. */
export type Check = StackCheck | ClusterCheck;

/** Why something cannot be asked. The message is shown to the user, and holds no secret. */
export class Inconclusive extends Error {
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(reason);
    this.name = "NotKnown";
    this.remedy = remedy;
  }
}

/** Values that are made once a run, by the first check that asks for them. */
export class Shared {
  readonly #values = new Map<string, Promise<unknown>>();

  /** The value of a key. `make` runs once a run, also when it fails: everybody then gets that failure. */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#values.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = make();
    // Whoever waits hears of a failure; that nobody waits any more is no fault of its own.
    made.catch(() => undefined);
    this.#values.set(key, made);
    return made;
  }
}

/** Findings of one check, about one cluster or the whole stack. */
export function answer(check: string, cluster?: string) {
  const about = cluster === undefined ? { check } : { check, cluster };
  return {
    pass: (found: string): CheckResult => ({ ...about, verdict: "pass", found }),
    fail: (found: string, remedy: string): CheckResult => ({ ...about, verdict: "fail", found, remedy }),
    unknown: (found: string, remedy?: string): CheckResult => ({
      ...about,
      verdict: "unknown",
      found,
      ...(remedy === undefined ? {} : { remedy }),
    }),
  };
}
