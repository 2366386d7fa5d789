import pulumi from "@pulumi/pulumi";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { conflictViolations, kindsOf, unmanagedSelector } from "../../manifests/conflicts.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { endpointIsNotUsedByPeerStacks } from "../../policy/rules/endpoint-rules.ts";
import { evaluate } from "../../policy/rules/index.ts";
import { type PolicySettings, type PolicyTarget, SYNTHETIC_API_VERSION } from "../../policy/rules/rule.ts";
import { formatViolations, type Violation } from "../../policy/rules/violation.ts";
import { resourceHook } from "./hooks.ts";
import { stackIdentity } from "./with-ownership.ts";

/** What a component is about to create. */
export interface Guarded {
  readonly manifests: readonly Manifest[];
  /** Clusters whose endpoints no peer stack may use. */
  readonly targets?: readonly PolicyTarget[];
}

/**
 * Checks before the first object is created that none of them exists outside this stack, and in every run that no peer stack uses
 * an endpoint. One check serves all components of a program, since none is created before the program has constructed them.
 */
export class Guards {
  readonly #api: () => Promise<KubernetesClient>;
  #peers: readonly PeerStack[] = [];
  #settings: PolicySettings = { environment: "production" };
  // Not known any more when the engine calls a hook.
  readonly #isPreview = pulumi.runtime.isDryRun();
  readonly #identity = stackIdentity();
  readonly #targets: PolicyTarget[] = [];
  #pending: Guarded[] = [];
  #checked: Promise<unknown> = Promise.resolve();
  #isReported = false;
  #hook: pulumi.ResourceHook[] | undefined;

  constructor(api: () => Promise<KubernetesClient>) {
    this.#api = api;
  }

  /**
   * Names other stacks of this package, whose endpoints no cluster may use. Everything that the stack creates depends on the
   * result: no hook of a cluster runs in a run that leaves it as it is, and a peer may be newer than the cluster.
   */
  setPeers(name: string, names: readonly string[], settings: PolicySettings, opts: pulumi.CustomResourceOptions) {
    if (names.length === 0) return [];
    this.#peers = names.map((peer) => new PeerStack(peer, opts));
    this.#settings = settings;
    const verify = resourceHook(
      `${name}-verify-endpoints`,
      async () => throwMessages(endpointMessages(await this.#usedEndpoints(this.#targets))),
      { onDryRun: true },
    );
    // A rejected input would hang an inline program. Any number but 0 is a change, and the hook fails with the reason.
    const input = this.#usedEndpoints(this.#targets)
      .then(({ length }) => length)
      .catch(() => -1);
    return [
      new pulumi.Stash(
        `${name}-used-endpoints`,
        { input },
        { ...opts, hooks: { beforeCreate: verify, beforeUpdate: verify } },
      ),
    ];
  }

  /** The hook for each object that is created. */
  protect(guarded: Guarded): pulumi.ResourceHook[] {
    this.#pending.push(guarded);
    this.#targets.push(...(guarded.targets ?? []));
    this.#hook ??= resourceHook("assert-no-conflicts", () => this.check(), { onDryRun: this.#peers.length > 0 });
    return this.#hook;
  }

  /**
   * Checks what was added since the last check.
   *
   * @throws Error with every conflict, once; then for each further object that is not created.
   */
  async check(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length > 0) this.#checked = Promise.all([this.#checked, this.#assertNoConflicts(pending)]);
    try {
      await this.#checked;
    } catch (error) {
      if (this.#isReported) throw new Error("is not created, because another check has failed");
      this.#isReported = true;
      throw error;
    }
  }

  async #assertNoConflicts(guarded: readonly Guarded[]): Promise<void> {
    const used = await this.#usedEndpoints(guarded.flatMap((one) => one.targets ?? []));
    const existing = this.#isPreview ? [] : await this.#findConflicts(guarded.flatMap((one) => one.manifests));
    throwMessages([
      ...(existing.length > 0 ? [formatViolations("resources exist that this stack does not manage:", existing)] : []),
      ...endpointMessages(used),
    ]);
  }

  /** Endpoints that peer stacks use too. The targets are read after the peers, when the program has constructed them. */
  async #usedEndpoints(targets: readonly PolicyTarget[]): Promise<readonly Violation[]> {
    const peers = await Promise.all(this.#peers.map((peer) => peer.target()));
    return evaluate([...peers, ...targets], this.#settings, [endpointIsNotUsedByPeerStacks]).violations;
  }

  /** Objects of these names that exist and are not this stack's: its provider updates what exists, as an interrupted run needs. */
  async #findConflicts(manifests: readonly Manifest[]): Promise<Violation[]> {
    const api = await this.#api();
    const lists = kindsOf(manifests).map(({ apiVersion, kind, metadata: { namespace } }) =>
      api.list({ apiVersion, kind, namespace }, { labelSelector: unmanagedSelector(this.#identity) }),
    );
    return conflictViolations(
      (await Promise.all(lists)).flatMap((list) => list ?? []),
      manifests,
    );
  }
}

function endpointMessages(used: readonly Violation[]): string[] {
  return used.length > 0 ? [formatViolations("endpoints used by other stacks:", used)] : [];
}

function throwMessages(messages: readonly string[]): void {
  if (messages.length > 0) throw new Error(messages.join("\n"));
}

/** Another stack, of which the outputs are read. */
class PeerStack {
  readonly #name: string;
  readonly #stack: string;
  readonly #reference: pulumi.StackReference;

  /** A name alone is a stack of this project. */
  constructor(name: string, opts: pulumi.CustomResourceOptions) {
    this.#name = name;
    this.#stack = name.includes("/") ? name : `${pulumi.getOrganization()}/${pulumi.getProject()}/${name}`;
    this.#reference = new pulumi.StackReference(this.#stack, {}, opts);
  }

  /** Its clusters as policies read them. */
  async target(): Promise<PolicyTarget> {
    const { value } = await this.#reference.getOutputDetails("clusters");
    return {
      at: `peerStacks.${this.#name}`,
      object: {
        apiVersion: SYNTHETIC_API_VERSION,
        kind: "StackReference",
        metadata: { name: this.#name },
        spec: { stack: this.#stack, outputs: { clusters: value } },
      },
    };
  }
}
