import { Provider } from "@pulumi/kubernetes/provider.js";
import pulumi from "@pulumi/pulumi";
import { connectKubernetes, type KubernetesClient } from "../kubernetes/client.ts";
import { errorReason } from "../kubernetes/errors.ts";
import type { ApiAccess } from "../kubernetes/transport.ts";
import { CLUSTER_MEMORY } from "../manifests/names.ts";
import { withHooks } from "./internal/hooks.ts";
import { isKnown } from "./internal/known.ts";
import { createReadinessErrorHook } from "./internal/readiness-error-hook.ts";

const KUBE_SYSTEM = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } } as const;

/**
 * The management cluster as this program reaches it: makes the Kubernetes provider of the program, and answers the few
 * questions that no resource can. Not a component: it manages nothing.
 *
 * @example
 * const cluster = new ManagementCluster({ kubeconfig: readFileSync("kubeconfig", "utf8"), context: undefined });
 * const provider = cluster.provider();
 * new Kcm("kcm", {}, { provider });
 */
export class ManagementConnection {
  readonly #access: ApiAccess;
  #api: Promise<KubernetesClient> | undefined;
  #explainer: pulumi.ErrorHook | undefined;
  #isRemembered = true;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  /** The client, connected on first use. Errors when the kubeconfig cannot be read. */
  api(): Promise<KubernetesClient> {
    this.#api ??= connectKubernetes(this.#access, "k0rdent-nutanix");
    return this.#api;
  }

  /** False in the preview of a stack that no up has applied to any cluster yet, as {@link verifyIdentity} finds out. */
  get isRemembered(): boolean {
    return this.#isRemembered;
  }

  /** Options of a resource that is waited for: when the wait fails, the program says why. */
  readinessErrorHook(): { hooks: pulumi.ResourceHookBinding } {
    return withHooks(() => {
      this.#explainer ??= createReadinessErrorHook(() => this.api());
      return { onError: [this.#explainer] };
    });
  }

  /**
   * The Kubernetes provider of the program. The kubeconfig is a secret; the cluster's identity is fixed, so that another
   * server name in the kubeconfig replaces nothing. With `upsertExistingObjects`, an object that exists is taken up: right for
   * an interrupted run's own objects, and only once `refuseForeign` has said that there are no others.
   */
  provider(
    name = "management-cluster",
    { upsertExistingObjects = false }: { upsertExistingObjects?: boolean } = {},
    opts?: pulumi.CustomResourceOptions,
  ): Provider {
    const { kubeconfig, context } = this.#access;
    return new Provider(
      name,
      {
        ...(kubeconfig === undefined ? {} : { kubeconfig: pulumi.secret(kubeconfig) }),
        ...(context === undefined ? {} : { context }),
        clusterIdentifier: `${pulumi.getProject()}.${pulumi.getStack()}`,
        // The default of 50 calls a second is what a large preview waits for.
        kubeClientSettings: { qps: 200, burst: 400 },
        upsertExistingObjects,
        // A changed password or certificate changes the object in place: a replaced one would be gone for a moment, with CAPX watching.
        enableSecretMutable: true,
        enableConfigMapMutable: true,
      },
      opts,
    );
  }

  /**
   * Refuses to go on when the stack was applied to another cluster before, told by the UID of its namespace kube-system,
   * which the stack's state remembers from its first up. Asked in up only: a preview may be out of the cluster's reach.
   *
   * @throws RunError naming both UIDs.
   */
  async verifyIdentity(): Promise<void> {
    const uid = pulumi.runtime.isDryRun() ? pulumi.unknown : await this.#identity();
    const remembered = new pulumi.Stash(CLUSTER_MEMORY, { input: uid }, { ignoreChanges: ["input"] });
    if (pulumi.runtime.isDryRun()) {
      this.#isRemembered = await isKnown(remembered.output);
      return;
    }
    const first: unknown = await new Promise((resolve) => remembered.output.apply(resolve));
    // Nothing is remembered where a destroy meets a stack that has made nothing yet.
    if (first !== undefined && first !== uid) {
      throw new pulumi.RunError(
        `management.kubeconfig: leads to the cluster whose namespace kube-system has UID ${String(uid)}, but this stack was applied to ${String(first)}; ` +
          "name the kubeconfig and context of that cluster, or use another stack for this one",
      );
    }
  }

  async #identity(): Promise<string> {
    try {
      const namespace = await (await this.api()).get(KUBE_SYSTEM);
      if (namespace?.metadata.uid !== undefined) return namespace.metadata.uid;
      throw new Error("the namespace kube-system is not there");
    } catch (error) {
      throw new pulumi.RunError(
        `management.kubeconfig: the management cluster does not answer (${errorReason(error)}); check that it runs, and that file and context are the right ones`,
      );
    }
  }
}
