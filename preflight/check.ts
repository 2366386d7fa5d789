/** What a check is, what it gets, and what it returns. */
import type { Manifest } from "../manifests/manifest.ts";
import type { Bundles } from "../manifests/stack-manifests.ts";
import type { PrismInventory } from "../prism-central/inventory.ts";
import { PrismCentralError } from "../prism-central/prism-central-error.ts";
import type { PromiseCache } from "../prism-central/promise-cache.ts";
import type { Secret } from "../prism-central/secret.ts";
import type { Cluster } from "../schema/cluster.ts";
import type { Stack } from "../schema/stack.ts";
import type { PrismCentralClient, PrismCentralClients } from "./prism-central/clients.ts";

/** `inconclusive`: the check could not run to its end, which is neither a failure nor a proof. */
export type CheckStatus = "pass" | "fail" | "inconclusive";

/** One outcome of a check. Never holds a secret: it is printed, logged and written as JSON. */
export interface CheckOutcome {
  readonly status: CheckStatus;
  /** In lower case, without a final stop. */
  readonly message: string;
  /** What to do, without a final stop. Every failure has one. */
  readonly remedy?: string | undefined;
}

export const pass = (message: string): CheckOutcome => ({ status: "pass", message });
export const fail = (message: string, remedy: string): CheckOutcome => ({ status: "fail", message, remedy });
export const inconclusive = (message: string, remedy?: string): CheckOutcome => ({
  status: "inconclusive",
  message,
  remedy,
});

/** How to reach the management cluster. */
export interface ManagementAccess {
  /** Text of a kubeconfig; undefined: the credentials of a pod of the cluster. */
  readonly kubeconfig: Secret<string> | undefined;
  /** Context in it; undefined: its current one. */
  readonly context: string | undefined;
  /** What the stack's state records. @default undefined: the state was not read */
  readonly recorded?: RecordedCluster | undefined;
}

/** What the state of a stack records about the management cluster. */
export interface RecordedCluster {
  /** UID of the namespace kube-system at the first up; undefined: there was none. */
  readonly uid: string | undefined;
}

/** Renders a chart of a folder with Helm. Rejects with Helm's own message. */
export type RenderChart = (options: {
  readonly chart: string;
  readonly release: string;
  readonly values: object;
}) => Promise<readonly Manifest[]>;

/** What every check of one run gets. */
export interface CheckContext {
  /** The whole stack: clusters that were not selected may conflict too. */
  readonly stack: Stack;
  /** PEM texts of trust bundles, by their path in the stack file. */
  readonly bundles: Bundles;
  /** `<project>.<stack>`: the value of the label on every object of this stack. */
  readonly identity: string;
  /** Names of the selected clusters. */
  readonly clusters: readonly string[];
  /** Every Prism Central of the selected clusters and of CAPX itself; one session each. */
  readonly prismCentrals: PrismCentralClients;
  readonly management: ManagementAccess;
  /** Undefined: Helm is not installed. */
  readonly renderChart?: RenderChart | undefined;
  /** Names of this stack's clusters that exist: their own machines and addresses are no conflict. @throws Inconclusive */
  existingClusters(): Promise<ReadonlySet<string>>;
  /** What checks of one run share, such as a connection: created by the first that needs it. */
  readonly shared: PromiseCache;
  /** Aborted at the check's deadline, or when the run is stopped: pass it to every request. */
  readonly signal: AbortSignal;
}

export interface ClusterCheckContext extends CheckContext {
  readonly name: string;
  readonly cluster: Cluster;
  /** Of the cluster's Prism Central. */
  readonly inventory: PrismInventory;
}

interface CheckOf<Scope extends string, Context> {
  /** Kebab case, and a contract: users write it after `--skip`. */
  readonly id: string;
  /** What holds when the check passes, in one line. */
  readonly description: string;
  /** What it runs once for. */
  readonly scope: Scope;
  /** Reads and never writes. May throw {@link Inconclusive} or PrismCentralError at any time. */
  run(context: Context): Promise<CheckOutcome | readonly CheckOutcome[]>;
}

export type Check =
  | CheckOf<"stack", CheckContext>
  | CheckOf<"Prism Central", CheckContext & PrismCentralClient>
  | CheckOf<"cluster", ClusterCheckContext>;

/** Why a check cannot run to its end. The message is shown to the user, and holds no secret. */
export class Inconclusive extends Error {
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(reason);
    this.name = "Inconclusive";
    this.remedy = remedy;
  }
}

/** The outcome of a check that throws. @throws every other error, which is a defect of the check */
export function inconclusiveBy(error: unknown): CheckOutcome {
  if (error instanceof Inconclusive || error instanceof PrismCentralError)
    return inconclusive(error.message, error.remedy);
  throw error;
}
